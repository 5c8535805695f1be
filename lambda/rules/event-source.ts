/** The sources of events beside flow logs, by Sigma's names of their services. An event is one record, or one finding. */
export const eventSources = ['cloudtrail', 'guardduty'] as const;

export type EventSource = (typeof eventSources)[number];

/** A log source of rules: events, or VPC Flow Logs. */
export type LogSource = EventSource | 'vpcflow';

/** What rules read of an event besides its own fields: fields below this name. */
export const enrichmentField = 'flowSentinel';

/** The paths of our own fields: who made a change, and the private addresses of the interfaces that a change is about. */
export const enrichedPaths = { who: `${enrichmentField}.who`, addresses: `${enrichmentField}.addresses` } as const;
