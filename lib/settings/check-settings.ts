import { enumerated } from '../../lambda/common/text.ts';
import { tagKeysByField } from '../../lambda/flow-log/tag-fields.ts';
import { checkShape, type SourceDocument } from '../../sigma/parse/yaml-document.ts';
import { looksUpVpcs, type Settings, settingsShape } from './settings.ts';

/**
 * Checks one stage's settings: each value by itself, then combinations. Adds every problem to the list.
 *
 * @returns the settings with defaults and without duplicates; undefined if there is a problem
 */
export function checkSettings(source: SourceDocument, problems: string[]): Settings | undefined {
  const before = problems.length;
  const settings = checkShape(source, settingsShape, problems);
  if (!settings || problems.length > before) return undefined;
  const conflicts = contradictions(settings);
  problems.push(...conflicts.map((text) => source.problem([], text)));
  return conflicts.length > 0 ? undefined : withoutDuplicates(settings);
}

function contradictions(settings: Settings): string[] {
  const { vpcIds, subnetIds, networkInterfaceIds, monitoredNetworks, lakeColdAfterDays, lakeExpireAfterDays } =
    settings;
  const problems: string[] = [];
  const withUnknownNetworks = [...subnetIds, ...networkInterfaceIds, ...(looksUpVpcs(settings) ? [] : vpcIds)];
  if (withUnknownNetworks.length > 0 && monitoredNetworks.length === 0) {
    problems.push(
      'monitoredNetworks must name the CIDR blocks of the logged networks, such as 10.0.0.0/16: without them, a flow ' +
        'that is logged at both of its endpoints is counted twice',
    );
  }
  if (settings.allVpcs && Object.keys(settings.vpcTags).length > 0) {
    problems.push('allVpcs is true, so vpcTags has no effect: remove one of the two');
  }
  const names = settings.logGroups.map(({ name }) => name);
  const duplicates = names.filter((name, index) => names.indexOf(name) !== index);
  if (duplicates.length > 0) {
    problems.push(`logGroups must name each log group once, got ${duplicates.join(', ')} twice`);
  }
  if (settings.provisionedWrites && settings.provisionedWrites.min > settings.provisionedWrites.max) {
    const { min, max } = settings.provisionedWrites;
    problems.push(`provisionedWrites.min must be at most provisionedWrites.max, got ${min} and ${max}`);
  }
  if (settings.provisionedWrites && settings.warmWrites !== undefined) {
    problems.push('warmWrites needs an on-demand table, but provisionedWrites is set: remove one of the two');
  }
  if (!settings.context) {
    const named = [
      ...(settings.organizationId === undefined ? [] : ['organizationId']),
      ...(settings.guardDutyAnswers === 'off' ? [] : ['guardDutyAnswers']),
    ];
    problems.push(
      ...named.map((name) => `${name} has no effect without context: set context to true, or remove ${name}`),
    );
  }
  problems.push(...tagFieldProblems(settings));
  problems.push(...maxWritesProblems(settings));
  if (lakeExpireAfterDays > 0 && lakeColdAfterDays >= lakeExpireAfterDays) {
    problems.push(
      `lakeColdAfterDays must be less than lakeExpireAfterDays, got ${lakeColdAfterDays} and ${lakeExpireAfterDays}`,
    );
  }
  return problems;
}

/** Returns a problem if the settings name flow logs, but none that can have tag fields. */
function tagFieldProblems(settings: Settings): string[] {
  if (tagKeysByField(settings.tagFields).size === 0 || looksUpVpcs(settings)) return [];
  const named = (names: readonly (keyof Settings & `${string}s`)[]) =>
    names.filter((name) => (settings[name] as readonly unknown[]).length > 0);
  const others = named(['transitGatewayIds', 'logGroups']);
  if (others.length === 0 || named(['vpcIds', 'subnetIds', 'networkInterfaceIds', 'senderAccountIds']).length > 0)
    return [];
  return [
    `tagFields has no effect: got only ${enumerated(others)}, expected vpcIds, subnetIds or networkInterfaceIds; ` +
      'flow logs of transit gateways have no tags, and those in log groups keep the format that logGroups states',
  ];
}

function maxWritesProblems({ maxWrites, provisionedWrites, warmWrites }: Settings): string[] {
  if (maxWrites === undefined) return [];
  if (provisionedWrites) {
    return ['maxWrites needs an on-demand table, but provisionedWrites is set: its max is the limit, remove maxWrites'];
  }
  if (warmWrites === undefined || warmWrites <= maxWrites) return [];
  return [`warmWrites must be at most maxWrites, got ${warmWrites} and ${maxWrites}`];
}

function withoutDuplicates(settings: Settings): Settings {
  const entries = Object.entries(settings).map(([name, value]) => [
    name,
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? [...new Set<string>(value)] : value,
  ]);
  return Object.fromEntries(entries) as Settings;
}
