import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FlowErrorCode } from '../../lambda/common/errors.ts';
import {
  type alertsMetric,
  commonDimensions,
  type Metric as FunctionMetric,
  failuresMetric,
  flushFailuresMetric,
  metricsNamespace,
} from '../../lambda/telemetry/metrics.ts';

const period = Duration.minutes(5);

/** Returns a metric that the functions of the stack publish. */
export function functionMetric(stackName: string, metricName: FunctionMetric, statistic = 'Sum'): Metric {
  const dimensionsMap = { ...commonDimensions(stackName) };
  return new Metric({ namespace: metricsNamespace, metricName, dimensionsMap, statistic, period });
}

/** Returns the number of batches that failed with one error code. */
export function failedBatches(stackName: string, code: FlowErrorCode): Metric {
  return failures(stackName, failuresMetric, code);
}

/** Returns the number of flushes that failed, or left lanes of the journal behind, with one error code. */
export function failedFlushes(stackName: string, code: FlowErrorCode): Metric {
  return failures(stackName, flushFailuresMetric, code);
}

function failures(
  stackName: string,
  { name, dimensions: [dimension] }: typeof failuresMetric | typeof flushFailuresMetric,
  code: FlowErrorCode,
): Metric {
  const dimensionsMap = { ...commonDimensions(stackName), [dimension]: code };
  return new Metric({ namespace: metricsNamespace, metricName: name, dimensionsMap, statistic: 'Sum', period });
}

/** Returns the search for all values of a metric with more dimensions, such as the rule. Alarms cannot use a search. */
export function searchOf(
  stackName: string,
  { name, dimensions }: typeof alertsMetric | typeof failuresMetric | typeof flushFailuresMetric,
): string {
  const common = commonDimensions(stackName);
  const schema = [metricsNamespace, ...Object.keys(common), ...dimensions].join(',');
  return `SEARCH('{${schema}} MetricName="${name}" stack="${common.stack}"', 'Sum', ${period.toSeconds()})`;
}
