import { tagKeysByField } from '../../lambda/flow-log/tag-fields.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import type { Counting } from './counting.ts';

/** Settings of flow-sentinel.json that the bill depends on. */
export type BilledSettings = Pick<
  Settings,
  | 'bufferIntervalSeconds'
  | 'lakeFormat'
  | 'lakePartition'
  | 'lakeColdAfterDays'
  | 'lakeExpireAfterDays'
  | 'encryption'
  | 'retentionDays'
  | 'provisionedWrites'
  | 'warmWrites'
  | 'maxWrites'
>;

/** The volume of the traffic, and the settings of the stack. */
export interface Usage extends BilledSettings, Counting {
  readonly recordsPerDay: number;
  /** Distinct pairs of a day; default: as many as the measured traffic has for these records. */
  readonly pairsPerDay?: number | undefined;
  /** Flow logs directly to the stream, or a subscription to a log group that exists and is paid for elsewhere. */
  readonly wayIn: 'flow-logs' | 'log-group';
  /** Accounts or VPCs, if the lake is partitioned by them. */
  readonly partitions: number;
  /** Whether the functions have a geo table. Default: none, and the rules that need it are off. */
  readonly geoTable?: boolean;
  /** Rules; each has a metric when it alerts. */
  readonly rules: number;
  /** Alerts, times the addresses that get them by e-mail. */
  readonly mailsPerDay: number;
  /** Tag fields in flow logs directly to the stream; undefined without any. */
  readonly tagFields?: number | undefined;
  /** Whether a function looks names of addresses up; undefined without the setting. */
  readonly names?: true | undefined;
  /** Whether findings and network changes are stored; undefined without the setting. */
  readonly context?: true | undefined;
  /** The size of the buffer before the function: size or interval, whichever is reached first, ends a batch. */
  readonly bufferMebibytes: number;
}

/** Returns the usage that settings and rules imply, with typical values for the rest. */
export function usageOf(settings: Settings): Omit<Usage, 'recordsPerDay'> {
  const { lakeFormat, lakePartition, lakeColdAfterDays, lakeExpireAfterDays, encryption, retentionDays } = settings;
  const { bufferIntervalSeconds, counting, countEvery, countLanes, provisionedWrites, warmWrites, maxWrites } =
    settings;
  const geoTable = settings.geoTable !== undefined;
  const tagFields = tagKeysByField(settings.tagFields).size;
  return {
    counting,
    countEvery,
    countLanes,
    wayIn: hasFlowLogs(settings) || settings.logGroups.length === 0 ? 'flow-logs' : 'log-group',
    lakeFormat,
    lakePartition,
    lakeColdAfterDays,
    lakeExpireAfterDays,
    encryption,
    retentionDays,
    provisionedWrites,
    warmWrites,
    maxWrites,
    partitions: 10,
    geoTable,
    rules: compileRuleDirectory(undefined, undefined, { hasRegions: geoTable, hasContext: settings.context }).rules
      .length,
    mailsPerDay: 30,
    ...(tagFields > 0 && { tagFields }),
    ...(settings.names && { names: true as const }),
    ...(settings.context && { context: true as const }),
    bufferMebibytes: 1,
    bufferIntervalSeconds,
  };
}

/** Returns whether flow logs of the stack or of other accounts go directly to the stream. */
function hasFlowLogs(settings: Settings): boolean {
  const { vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, senderAccountIds, vpcTags, allVpcs } = settings;
  const sources = [vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, senderAccountIds, Object.keys(vpcTags)];
  return allVpcs || sources.some((ids) => ids.length > 0);
}
