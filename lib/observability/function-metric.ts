import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FlowErrorCode } from '../../lambda/common/errors.ts';
import {
  type alertsMetric,
  commonDimensions,
  type Metric as FunctionMetric,
  failuresMetric,
  metricsNamespace,
} from '../../lambda/telemetry/metrics.ts';

const period = Duration.minutes(5);

/** Returns a metric that the function of the stack publishes. */
export function functionMetric(stackName: string, metricName: FunctionMetric, statistic = 'Sum'): Metric {
  const dimensionsMap = { ...commonDimensions(stackName) };
  return new Metric({ namespace: metricsNamespace, metricName, dimensionsMap, statistic, period });
}

/** Returns the number of batches that failed with one error code. */
export function failedBatches(stackName: string, code: FlowErrorCode): Metric {
  const dimensionsMap = { ...commonDimensions(stackName), [failuresMetric.dimensions[0]]: code };
  return new Metric({
    namespace: metricsNamespace,
    metricName: failuresMetric.name,
    dimensionsMap,
    statistic: 'Sum',
    period,
  });
}

/** Returns the search for all values of a metric with more dimensions, such as the rule. Alarms cannot use a search. */
export function searchOf(stackName: string, { name, dimensions }: typeof alertsMetric | typeof failuresMetric): string {
  const common = commonDimensions(stackName);
  const schema = [metricsNamespace, ...Object.keys(common), ...dimensions].join(',');
  return `SEARCH('{${schema}} MetricName="${name}" stack="${common.stack}"', 'Sum', ${period.toSeconds()})`;
}
