import { readSettingsFile } from '../../lib/settings/load-settings.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';

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
export interface Usage extends BilledSettings {
  readonly recordsPerDay: number;
  /** Distinct pairs of a day; default: as many as the measured traffic has for these records. */
  readonly pairsPerDay?: number | undefined;
  /** Flow logs directly to the stream, or a subscription to a log group that exists and is paid for elsewhere. */
  readonly wayIn: 'flow-logs' | 'log-group';
  /** Accounts or VPCs, if the lake is partitioned by them. */
  readonly partitions: number;
  /** Rules; each has a metric when it alerts. */
  readonly rules: number;
  /** Alerts, times the addresses that get them by e-mail. */
  readonly mailsPerDay: number;
  /** The size of the buffer before the function: size or interval, whichever is reached first, ends a batch. */
  readonly bufferMebibytes: number;
}

/**
 * Reads the settings of a stage in flow-sentinel.json. Without a name, takes the stage `default` or the only stage.
 *
 * @throws InputError if the file has no such stage, or several stages and no `default`
 * @throws FlowError `CONFIG_INVALID` that names every mistake in the file
 */
export function settingsOfStage(name: string | undefined, file = readSettingsFile()): Settings {
  const stages = readSettings({}, file);
  const stage =
    stages.length === 1 && name === undefined ? stages[0] : stages.find((one) => one.name === (name ?? 'default'));
  if (stage) return stage.settings;
  const expected = `a stage of ${file.path}: ${stages.map((one) => one.name).join(', ')}`;
  throw new InputError(
    name === undefined
      ? `--stage is missing: expected ${expected}`
      : `--stage is invalid: got ${JSON.stringify(name)}, expected ${expected}`,
  );
}

/** Returns the usage that settings and rules imply, with typical values for the rest. */
export function usageOf(settings: Settings): Omit<Usage, 'recordsPerDay'> {
  const { lakeFormat, lakePartition, lakeColdAfterDays, lakeExpireAfterDays, encryption, retentionDays } = settings;
  const { bufferIntervalSeconds, provisionedWrites, warmWrites, maxWrites } = settings;
  return {
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
    rules: compileRuleDirectory().rules.length,
    mailsPerDay: 30,
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
