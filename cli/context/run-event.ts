import type { ContextEvent } from '../../lambda/context/context-event.ts';
import type { DescribePlaces } from '../../lambda/context/resolve-places.ts';

/** An event of a run, and the finding or the API call as AWS writes it. */
export interface RunEvent {
  readonly event: ContextEvent;
  readonly raw: unknown;
}

/** The events of a run, and what changes concern. */
export interface RunEvents {
  readonly events: readonly RunEvent[];
  readonly places: DescribePlaces;
}
