import type { Alert } from './alert.ts';

/** The result of a call to publish: the alerts that the topic accepted, and why it did not accept the others. */
export interface Published {
  readonly published: ReadonlySet<Alert>;
  readonly problems: readonly string[];
}

/** The topic of the alerts. */
export interface AlertPublisher {
  /** Publishes alerts, each at least once. Never rejects: an alert that was not published is missing in the result. */
  publish(alerts: readonly Alert[], signal: AbortSignal): Promise<Published>;
}
