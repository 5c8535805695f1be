import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { FlowError, messageOf } from '../common/errors.ts';
import type { Ignored } from '../context/read-event.ts';
import { type ContextEventMetric, commonDimensions, metricsNamespace, serviceName } from '../telemetry/metrics.ts';

/** What came of a message of the queue. An event that was looked at before is `again`. */
export type MessageResult =
  | { readonly kind: 'stored'; readonly ageSeconds: number }
  | { readonly kind: 'again' }
  | { readonly kind: 'ignored'; readonly reason: Ignored }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'failed' };

/** Reports context events: a line of JSON for each invocation and each problem, and metrics. */
export class ContextTelemetry {
  readonly #logger = new Logger({ serviceName });
  readonly #metrics: Metrics;

  /** @param stackName the dimension that separates the metrics of stacks */
  constructor(stackName: string) {
    const defaultDimensions = { ...commonDimensions(stackName) };
    this.#metrics = new Metrics({ namespace: metricsNamespace, serviceName, defaultDimensions });
  }

  /** Reports an event that is given up, since no attempt would read it. */
  unreadable(message: string, problem: string): void {
    this.#logger.warn('a context event cannot be read', { message, problem });
  }

  /** Reports a message that goes back to the queue. */
  failed(message: string, error: unknown): void {
    const code = error instanceof FlowError ? error.code : (error as { name?: string } | undefined)?.name;
    this.#logger.error('a context event was not stored, and is tried again', {
      message,
      code,
      problem: messageOf(error),
    });
  }

  /** Reports a call of EC2 without an answer. */
  unresolved(error: unknown): void {
    const { name } = error as { readonly name?: string };
    this.#logger.warn('EC2 did not say what a change concerns', { error: name, problem: messageOf(error) });
    this.#add('ContextPlacesNotResolved', 1);
  }

  /** Reports the results of an invocation. */
  handled(results: readonly MessageResult[]): void {
    const names = results.map((result) => (result.kind === 'ignored' ? `ignored: ${result.reason}` : result.kind));
    const counts = Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
    this.#logger.info('context events handled', counts);
    const numberOf = (kind: MessageResult['kind']) => results.filter((result) => result.kind === kind).length;
    this.#add('ContextEvents', numberOf('stored'));
    this.#add('ContextEventsIgnored', numberOf('ignored'));
    this.#add('ContextEventsUnreadable', numberOf('unreadable'));
    const age: ContextEventMetric = 'ContextEventAge';
    for (const result of results) {
      // CloudWatch has no percentiles of negative values, and a clock may be ahead.
      if (result.kind === 'stored') this.#metrics.addMetric(age, 'Seconds', Math.max(0, Math.round(result.ageSeconds)));
    }
    if (this.#metrics.hasStoredMetrics()) this.#metrics.publishStoredMetrics();
  }

  #add(name: Exclude<ContextEventMetric, 'ContextEventAge'>, value: number): void {
    if (value > 0) this.#metrics.addMetric(name, 'Count', value);
  }
}
