import type { ContextEvent } from './context-event.ts';

/**
 * Returns the text that identifies an event for counting: the same in each delivery, whichever account or copy delivers it.
 * GuardDuty sends a finding again while it continues; such an update counts again only if its level has changed.
 */
export function eventIdentity(event: ContextEvent): string {
  return event.kind === 'finding' ? `guardduty ${event.id} ${event.level}` : `cloudtrail ${event.id}`;
}

/** Returns when what an event reports happened, in epoch seconds: of a finding, its last activity. */
export function occurrenceTime(event: ContextEvent): number {
  return event.kind === 'finding' ? event.last : event.time;
}
