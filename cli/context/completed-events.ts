import type { ContextEvent } from '../../lambda/context/context-event.ts';
import { type DescribePlaces, hasPlaces, resolvePlaces } from '../../lambda/context/resolve-places.ts';
import type { RunEvents } from './run-event.ts';

/** Returns an event with the hosts that a change concerns, as the context function stores it. */
export async function completedEvent(event: ContextEvent, places: DescribePlaces): Promise<ContextEvent> {
  return event.kind === 'change' && hasPlaces(event) ? resolvePlaces(event, places) : event;
}

/** Returns the events of a run in the same way; undefined without context. */
export async function completedEvents(context: RunEvents | undefined): Promise<readonly ContextEvent[] | undefined> {
  if (!context) return undefined;
  const events: ContextEvent[] = [];
  for (const { event } of context.events) events.push(await completedEvent(event, context.places));
  return events;
}
