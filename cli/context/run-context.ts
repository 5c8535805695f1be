import type { contextInMemory } from './memory-context.ts';
import type { RunEvents } from './run-event.ts';

/** The events of a run, and what delivers them to an engine in memory: only a run with context loads its modules. */
export interface RunContext extends RunEvents {
  readonly inMemory: typeof contextInMemory;
}
