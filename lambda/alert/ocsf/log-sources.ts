import type { LogSource } from '../../rules/event-source.ts';
import type { Rule } from '../../rules/model.ts';

/** The names of log sources, and of the services that they are from. */
const names: Readonly<Record<LogSource, { readonly log: string; readonly dataSource: string }>> = {
  vpcflow: { log: 'VPC Flow Logs', dataSource: 'Amazon VPC Flow Logs' },
  cloudtrail: { log: 'CloudTrail', dataSource: 'AWS CloudTrail' },
  guardduty: { log: 'GuardDuty findings', dataSource: 'Amazon GuardDuty' },
};

const flowLogs: readonly LogSource[] = ['vpcflow'];

/** Returns OCSF's name of the logs that a rule reads. */
export function logNameOf({ sources = flowLogs }: Pick<Rule, 'sources'>): string {
  return sources.map((source) => names[source].log).join(', ');
}

/** Returns OCSF's data sources of a rule. */
export function dataSourcesOf({ sources = flowLogs }: Pick<Rule, 'sources'>): string[] {
  return sources.map((source) => names[source].dataSource);
}
