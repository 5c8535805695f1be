import type { Related } from './relate.ts';
import type { Scene } from './scene.ts';

/** What happened around the hosts of an alert. */
export interface Around extends Related {
  readonly scene: Scene;
  /** When the context events were read, in epoch seconds; undefined if they could not be read. */
  readonly asOf?: number;
}
