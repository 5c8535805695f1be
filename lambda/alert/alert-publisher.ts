import type { Alert } from './alert.ts';

/** What became of a call to publish: which alerts the topic has taken, and what kept it from taking the others. */
export interface Published {
  readonly published: ReadonlySet<Alert>;
  readonly problems: readonly string[];
}

/** Where alerts go. */
export interface AlertPublisher {
  /** Publishes alerts, each at least once. Never rejects: what could not be published is missing in the answer. */
  publish(alerts: readonly Alert[], signal: AbortSignal): Promise<Published>;
}
