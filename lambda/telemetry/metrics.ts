/** What the function tells CloudWatch of itself, for both sides: the function, and the stack's alarms and dashboard. */
export const metricsNamespace = 'FlowSentinel';

/** What one batch is told by. */
export type BatchMetric =
  | 'RecordsOk'
  | 'RecordsDropped'
  | 'RecordsFailed'
  | 'RecordsOverflowed'
  | 'FlowsRead'
  | 'CountersTouched'
  | 'PairsInOverflow'
  | 'GroupsDropped'
  | 'AlertsPublished'
  | 'AlertsLogged'
  | 'AlertsDeferred'
  | 'AlertsSuppressed'
  | 'FiltersExpired';

/** From the end of the flow that waited longest: to the arrival of its record, and until it was counted. In seconds. */
export type DelayMetric = 'Delay' | 'CountDelay';

/** How the lists that are in S3 fare. */
export type ListMetric = 'ListLinesUnreadable' | 'ListReadFailed';

/** The metrics that have the common dimensions and no others. */
export type Metric = BatchMetric | DelayMetric | ListMetric;

/** Alerts, by rule and level. */
export const alertsMetric = { name: 'Alerts', dimensions: ['rule', 'level'] } as const;

/** Batches that must come again, by the code of the error (errors.ts). */
export const failuresMetric = { name: 'BatchesFailed', dimensions: ['code'] } as const;

export const serviceName = 'flow-sentinel';

/** The dimensions of all metrics. Stacks of one account and region share the namespace, and are told apart by name. */
export function commonDimensions(stackName: string): { readonly service: string; readonly stack: string } {
  return { service: serviceName, stack: stackName };
}
