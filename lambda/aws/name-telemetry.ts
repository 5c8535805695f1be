import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { messageOf } from '../common/errors.ts';
import type { MissingReason } from '../names/name-entry.ts';
import { commonDimensions, metricsNamespace, type NameMetric, serviceName } from '../telemetry/metrics.ts';

/** Reports look-ups of names: a line of JSON for each invocation, and a metric of those that EC2 refused. */
export class NameTelemetry {
  readonly #logger = new Logger({ serviceName });
  readonly #metrics: Metrics;

  /** @param stackName the dimension that separates the metrics of stacks */
  constructor(stackName: string) {
    const defaultDimensions = { ...commonDimensions(stackName) };
    this.#metrics = new Metrics({ namespace: metricsNamespace, serviceName, defaultDimensions });
  }

  /** Reports a call of EC2 without an answer. */
  refused(error: unknown): void {
    const { name } = error as { readonly name?: string };
    this.#logger.warn('EC2 did not describe interfaces or instances', { error: name, problem: messageOf(error) });
  }

  /** Reports the results of an invocation. */
  lookedUp(results: readonly (MissingReason | 'found')[]): void {
    const counts = Object.fromEntries(
      [...Map.groupBy(results, (result) => result)].map(([name, all]) => [name, all.length]),
    );
    this.#logger.info('names looked up', counts);
    const refused = results.filter((result) => result !== 'found' && result !== 'not found').length;
    if (refused === 0) return;
    const metric: NameMetric = 'NamesRefused';
    this.#metrics.addMetric(metric, 'Count', refused);
    this.#metrics.publishStoredMetrics();
  }
}
