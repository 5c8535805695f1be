import { Stack } from 'aws-cdk-lib';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import { insightsQueries } from './insights-queries.ts';

/** The maximum number of log groups of a query (CloudWatch Logs Insights API, "PutQueryDefinition"). */
const maxLogGroups = 50;

export interface LogGroupQueriesProps {
  /** Log groups of this account and region with flow logs. At least one. */
  readonly logGroups: Settings['logGroups'];
}

/**
 * The saved queries of CloudWatch Logs Insights for the log groups of the stack, in a folder with the stack's name. Log
 * groups of one format share their queries. With several formats, each has a subfolder named by its first log group.
 */
export class LogGroupQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroups }: LogGroupQueriesProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const byFormat = Map.groupBy(logGroups, ({ format }) => format);
    for (const [format, groups] of byFormat) {
      const names = groups.map(({ name }) => name).slice(0, maxLogGroups);
      const folder = byFormat.size === 1 ? stackName : `${stackName}/${names[0]!.replace(/^\/+/, '')}`;
      for (const { name, query } of insightsQueries(format)) {
        new CfnQueryDefinition(this, `${format ?? 'default'}/${name}`, {
          name: `${folder}/${name}`,
          logGroupNames: names,
          queryString: query,
        });
      }
    }
  }
}
