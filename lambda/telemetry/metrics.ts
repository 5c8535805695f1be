/** The namespace of the function's metrics; the stack's alarms and dashboard use the same names. */
export const metricsNamespace = 'FlowSentinel';

/** Counts of a batch that are published for each batch: a batch without them was not counted. */
export type BatchMetric = 'RecordsOk' | 'FlowsRead' | 'CountersTouched';

/** Counts of the alerts of a batch or a flush, published only if they are not zero. */
export type AlertMetric =
  | 'AlertsPublished'
  | 'AlertsLogged'
  | 'AlertsDeferred'
  | 'AlertsSuppressed'
  | 'AlertsWaiting'
  | 'AlertsUnlisted'
  | 'SevereAlertsWaiting';

/** Counts of a batch that are published only if they are not zero: CloudWatch bills a metric by the hours with data. */
export type RareMetric =
  | 'RecordsDropped'
  | 'RecordsFailed'
  | 'RecordsOverflowed'
  | 'PairsInOverflow'
  | 'GroupsDropped'
  | AlertMetric
  | 'FiltersExpired'
  | 'TimesImplausible'
  | 'DuplicateObservations';

/** Seconds of a flush: the age of the oldest page that is not counted, and how far a page's clock is ahead. */
export type FlushMetric = 'UncountedAge' | 'ClockAhead';

/**
 * Seconds from the end of the oldest flow of a batch: `Delay` until the arrival of its record, `CountDelay` until it is
 * counted.
 */
export type DelayMetric = 'Delay' | 'CountDelay';

/** Counts of the network lists in S3, published only if they are not zero. */
export type ListMetric = 'ListLinesUnreadable' | 'ListReadFailed';

/** Count of failed reads of the geo table in S3, and the age of its data in seconds, each minute. */
export type GeoMetric = 'GeoTableReadFailed' | 'GeoTableAge';

/**
 * Counts of names of addresses, published only if they are not zero: reads that failed, names that could not be asked for,
 * and names that EC2 did not tell.
 */
export type NameMetric = 'NameReadsFailed' | 'NamesNotRequested' | 'NamesRefused';

/** Counts of context around alerts, published only if they are not zero: reads that failed, and alerts that could not be stored. */
export type ContextMetric = 'ContextNotRead' | 'ContextNotWritten';

/**
 * Counts of the context function: events that were stored, that are no context, and that cannot be read; changes whose places
 * EC2 did not tell. The age of an event is in seconds, from what happened until it is stored.
 */
export type ContextEventMetric =
  | 'ContextEvents'
  | 'ContextEventsIgnored'
  | 'ContextEventsUnreadable'
  | 'ContextPlacesNotResolved'
  | 'ContextEventAge';

/** The metrics with the common dimensions only. */
export type Metric =
  | BatchMetric
  | DelayMetric
  | FlushMetric
  | RareMetric
  | ListMetric
  | NameMetric
  | GeoMetric
  | ContextMetric
  | ContextEventMetric;

/** Number of alerts by rule and level. */
export const alertsMetric = { name: 'Alerts', dimensions: ['rule', 'level'] } as const;

/** Number of failed batches, which Firehose retries, by error code (common/errors.ts). */
export const failuresMetric = { name: 'BatchesFailed', dimensions: ['code'] } as const;

/** Number of flushes that failed or left a lane behind, which the next one repeats, by error code. */
export const flushFailuresMetric = { name: 'FlushesFailed', dimensions: ['code'] } as const;

export const serviceName = 'flow-sentinel';

/** Returns the dimensions of all metrics. Stacks of one account and region share the namespace and differ by name. */
export function commonDimensions(stackName: string): { readonly service: string; readonly stack: string } {
  return { service: serviceName, stack: stackName };
}
