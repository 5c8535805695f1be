import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FlowErrorCode } from '../../lambda/common/errors.ts';
import {
  type alertsMetric,
  commonDimensions,
  failuresMetric,
  metricsNamespace,
  type Metric as OwnMetric,
} from '../../lambda/telemetry/metrics.ts';

const period = Duration.minutes(5);

/** A metric that this stack's function tells of itself. */
export function functionMetric(stackName: string, metricName: OwnMetric, statistic = 'Sum'): Metric {
  const dimensionsMap = { ...commonDimensions(stackName) };
  return new Metric({ namespace: metricsNamespace, metricName, dimensionsMap, statistic, period });
}

/** How many batches had to come again for one reason. */
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

/** Finds all of a metric that has dimensions of its own, such as one for each rule; a search cannot be in an alarm. */
export function searchOf(stackName: string, { name, dimensions }: typeof alertsMetric | typeof failuresMetric): string {
  const common = commonDimensions(stackName);
  const schema = [metricsNamespace, ...Object.keys(common), ...dimensions].join(',');
  return `SEARCH('{${schema}} MetricName="${name}" stack="${common.stack}"', 'Sum', ${period.toSeconds()})`;
}
