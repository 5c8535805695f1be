import { existsSync } from 'node:fs';
import type { Scope } from '../../lambda/flow-log/scope.ts';
import type { TagFields } from '../../lambda/flow-log/tag-fields.ts';
import { type Network, networkText } from '../../lambda/networks/ip-address.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { readSettingsFile, settingsPath } from '../../lib/settings/load-settings.ts';
import { parseNetworks } from '../../sigma/compile/monitored-network.ts';
import { networksName } from '../../sigma/default-rules.ts';
import { findStage } from '../deployment/stage-settings.ts';

/** The options that name the monitored networks of a command on flow log files. */
export interface MonitoredNetworkOptions {
  readonly monitoredNetworks?: readonly Network[];
  /** File of named networks. */
  readonly networks?: string;
  /** Stage of flow-sentinel.json. */
  readonly stage?: string;
}

/** The monitored networks of a run: see isDuplicateObservation. */
export interface MonitoredNetworks {
  readonly networks: readonly Network[];
  /** The option or file that names them; undefined without networks. */
  readonly source: string | undefined;
  /** True if flow-sentinel.json has several stages, and none was chosen. */
  readonly needsStage?: boolean;
}

/**
 * Returns the monitored networks of a run: those of the first of these that names any.
 *
 * 1. the option `--monitored-networks`
 * 2. `monitored_networks` of the file that `--networks` names
 * 3. `monitoredNetworks` of the stage in flow-sentinel.json, if the file exists
 * 4. `monitored_networks` of networks.yml beside the rules
 *
 * @param ofFile the networks of 2 or 4, as compiled
 * @param path the path of flow-sentinel.json
 * @throws InputError for an unknown stage; FlowError `CONFIG_INVALID` for an invalid flow-sentinel.json
 */
export function monitoredNetworksOf(
  { monitoredNetworks: ofFile }: Pick<RuleSet, 'monitoredNetworks'>,
  { monitoredNetworks: given, networks: file, stage }: MonitoredNetworkOptions,
  path = settingsPath,
): MonitoredNetworks {
  if (given) return { networks: given, source: '--monitored-networks' };
  if (file !== undefined && ofFile.length > 0) return { networks: ofFile, source: file };
  const { settingsFile, found } = readStage(stage, path);
  const ofStage = found?.settings.monitoredNetworks ?? [];
  if (ofStage.length > 0) {
    return { networks: parseNetworks(ofStage), source: `stage ${found!.name} of ${settingsFile!.path}` };
  }
  if (ofFile.length > 0) return { networks: ofFile, source: networksName };
  return { networks: [], source: undefined, needsStage: settingsFile !== undefined && !found };
}

/** The options of a command that evaluates rules: also what keeps networks with the same addresses apart. */
export interface ScopedOptions extends MonitoredNetworkOptions {
  readonly scope?: Scope;
}

/**
 * Returns the scope of a run: the option `--scope`, or that of the stage in flow-sentinel.json, if the file exists.
 *
 * @throws the errors of monitoredNetworksOf
 */
export function scopeOf({ scope, stage }: ScopedOptions, path = settingsPath): Scope | undefined {
  return scope ?? readStage(stage, path).found?.settings.scope;
}

/**
 * Returns the keys of the tags in the flow logs of the stage in flow-sentinel.json; undefined without any.
 *
 * @throws the errors of monitoredNetworksOf
 */
export function tagFieldsOfStage({ stage }: MonitoredNetworkOptions, path = settingsPath): TagFields | undefined {
  const { tagFields } = readStage(stage, path).found?.settings ?? {};
  return tagFields && Object.keys(tagFields).length > 0 ? tagFields : undefined;
}

/** Returns the words of a command that name the same scope. */
export function scopeWords({ scope }: ScopedOptions): string[] {
  return scope === undefined ? [] : ['--scope', scope];
}

/** Reads a stage of flow-sentinel.json, if the file exists or a stage is named: see findStage. */
export function readStage(stage: string | undefined, path: string) {
  const settingsFile = stage !== undefined || existsSync(path) ? readSettingsFile(path) : undefined;
  return { settingsFile, found: settingsFile && findStage(stage, settingsFile) };
}

/** Returns the words of a command that name the same monitored networks. */
export function monitoredNetworkWords({ monitoredNetworks, stage }: MonitoredNetworkOptions): string[] {
  return [
    ...(monitoredNetworks ? ['--monitored-networks', monitoredNetworks.map(networkText).join()] : []),
    ...(stage === undefined ? [] : ['--stage', stage]),
  ];
}
