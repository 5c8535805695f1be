import { readSettingsFile } from '../../lib/settings/load-settings.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';
import type { Usage } from './model.ts';

/**
 * The settings of a stage in flow-sentinel.json; for no name, of the one that is called default or is the only one.
 *
 * @throws InputError when there is no such stage, or none to take without a name
 * @throws FlowError `CONFIG_INVALID` that names every mistake in the file
 */
export function settingsOfStage(name: string | undefined, file = readSettingsFile()): Settings {
  const stages = readSettings({}, file);
  const stage =
    stages.length === 1 && name === undefined ? stages[0] : stages.find((one) => one.name === (name ?? 'default'));
  if (stage) return stage.settings;
  throw new InputError(`--stage says which stage of ${file.path}: ${stages.map((one) => one.name).join(', ')}`);
}

/** What the settings and the rules say of the bill; the rest is as it mostly is. */
export function usageOf(settings: Settings): Omit<Usage, 'recordsPerDay'> {
  const { lakeFormat, lakePartition, lakeColdAfterDays, lakeExpireAfterDays, encryption, retentionDays } = settings;
  const { provisionedWrites, warmWrites } = settings;
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
    partitions: 10,
    rules: compileRuleDirectory().rules.length,
    mailsPerDay: 30,
    bufferMebibytes: 1,
    bufferSeconds: 60,
  };
}

/** Whether flow logs of the stack, or of other accounts, go to the stream themselves. */
function hasFlowLogs(settings: Settings): boolean {
  const { vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, senderAccountIds, vpcTags, allVpcs } = settings;
  const named = [vpcIds, subnetIds, networkInterfaceIds, transitGatewayIds, senderAccountIds, Object.keys(vpcTags)];
  return allVpcs || named.some((ids) => ids.length > 0);
}
