import { defined } from '../common/defined.ts';
import { type Json, jsonOf } from '../common/json-value.ts';
import { readAttackSequence } from './attack-sequence.ts';
import {
  accountOf,
  addressOf,
  awsMember,
  elementsOf,
  eventIdOf,
  idOf,
  lineOf,
  nameTagOf,
  regionOf,
  timeOf,
  wholeNumberOf,
} from './aws-json.ts';
import type { GuardDutyFinding, NamedInterface } from './context-event.ts';
import { hostList, latestRemotes, maxHosts, portList } from './finding-lists.ts';
import { isIndependentType, levelOfSeverity } from './finding-type.ts';
import { isFindable, readInterface } from './named-interface.ts';

/** What a finding reads as: `isSample` if GuardDuty's CreateSampleFindings made it. */
export type ReadFinding =
  | { readonly finding: GuardDutyFinding; readonly isSample: boolean }
  | { readonly problem: string };

/**
 * Reads a GuardDuty finding: `detail` of an EventBridge event, or a finding of the AWS CLI, whose names begin with capital
 * letters. Accepts `{findings: [...]}` with one finding. What is not required and has another form is left out: required
 * are the id, the account, the Region, the type, the severity and a time. Never throws.
 */
export function readFinding(detail: Json): ReadFinding {
  const several = awsMember(detail, 'findings');
  if (Array.isArray(several) && several.length !== 1) {
    return { problem: `the event has ${several.length} findings, expected one` };
  }
  const raw: Json = Array.isArray(several) ? several[0] : detail;
  const member = (...path: string[]) => awsMember(raw, ...path);

  const id = eventIdOf(member('id'));
  const account = accountOf(member('accountId'));
  const region = regionOf(member('region'));
  const type = lineOf(member('type'), 128);
  const severity = severityOf(member('severity'));
  const created = timeOf(member('createdAt'));
  const seen = timeOf(member('service', 'eventLastSeen'));
  const updated = timeOf(member('updatedAt')) ?? seen ?? created;
  if (id === undefined) return { problem: 'the finding has no valid id' };
  if (account === undefined) return { problem: 'the finding has no valid accountId' };
  if (region === undefined) return { problem: 'the finding has no valid region' };
  if (type === undefined) return { problem: 'the finding has no type' };
  if (severity === undefined) return { problem: 'the finding has no severity from 0 to 10' };
  if (updated === undefined) return { problem: 'the finding has no valid time' };

  const isSequence = type.startsWith('AttackSequence:') || member('resource', 'resourceType') === 'AttackSequence';
  const connection = readConnection(member('service', 'action'));
  const sequence = isSequence ? readAttackSequence(raw) : undefined;
  const { hosts, isOfInterface } = sequence ? { hosts: sequence.hosts, isOfInterface: false } : readHosts(raw);
  const remotes = latestRemotes(
    [...connection.remotes, ...(sequence?.remotes ?? [])].map((address) => [address, updated]),
  );
  const last = seen ?? updated;
  const finding: GuardDutyFinding = defined({
    kind: 'finding' as const,
    id,
    account,
    region,
    type,
    severity,
    level: isSequence ? ('critical' as const) : levelOfSeverity(severity),
    title: lineOf(member('title'), 256) ?? type,
    first: Math.min(timeOf(member('service', 'eventFirstSeen')) ?? created ?? last, last),
    last,
    updated,
    count: Math.max(1, wholeNumberOf(member('service', 'count')) ?? 1),
    isIndependent: isIndependentType(type, lineOf(member('service', 'action', 'actionType'), 64)),
    isArchived: member('service', 'archived') === true,
    hosts: hostList(hosts),
    isOfInterface,
    direction: connection.direction,
    remotes: remotes.map(([address]) => address),
    remoteTimes: remotes.map(([, time]) => time),
    localPorts: portList(connection.localPorts),
    remotePorts: portList(connection.remotePorts),
    domain: connection.domain,
  });
  return { finding, isSample: isSample(member('service', 'additionalInfo')) };
}

function severityOf(value: Json): number | undefined {
  const number = typeof value === 'string' && /^\d{1,2}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= 10 ? number : undefined;
}

/** The members of an action that name an outside address, or a domain. */
const actions = [
  'networkConnectionAction',
  'portProbeAction',
  'dnsRequestAction',
  'awsApiCallAction',
  'kubernetesApiCallAction',
  'rdsLoginAttemptAction',
];

interface Connection {
  readonly direction?: 'inbound' | 'outbound';
  readonly remotes: readonly string[];
  readonly localPorts: readonly number[];
  readonly remotePorts: readonly number[];
  readonly domain?: string;
}

function readConnection(action: Json): Connection {
  const members = actions.flatMap((name) => awsMember(action, name) ?? []);
  const probes = elementsOf(awsMember(action, 'portProbeAction', 'portProbeDetails'));
  const parts = [...members, ...probes];
  const all = <T>(read: (value: Json) => T | undefined, ...paths: string[][]): T[] =>
    parts.flatMap((part) => paths.flatMap((path) => read(awsMember(part, ...path)) ?? []));
  return defined({
    direction: probes.length > 0 ? ('inbound' as const) : all(directionOf, ['connectionDirection'])[0],
    remotes: all(addressOf, ['remoteIpDetails', 'ipAddressV4'], ['remoteIpDetails', 'ipAddressV6']),
    localPorts: all(portOf, ['localPortDetails', 'port']),
    remotePorts: all(portOf, ['remotePortDetails', 'port']),
    domain: domainOf(awsMember(action, 'dnsRequestAction', 'domain')),
  });
}

/** Sample findings have the direction `UNKNOWN`. */
function directionOf(value: Json): 'inbound' | 'outbound' | undefined {
  if (value === 'INBOUND') return 'inbound';
  return value === 'OUTBOUND' ? 'outbound' : undefined;
}

/** Returns a port; undefined for 0, which no service has. */
function portOf(value: Json): number | undefined {
  const port = wholeNumberOf(value);
  return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}

/** Returns a domain in lower case, without the last dot, of at most 253 characters (RFC 1035, section 2.3.4). */
function domainOf(value: Json): string | undefined {
  return lineOf(typeof value === 'string' ? value.slice(0, 254).replace(/\.$/, '').toLowerCase() : undefined, 253);
}

/**
 * Returns the interfaces that a finding is about: the one that it names, else those with its local address, else all of
 * the instance. Findings about databases, buckets, clusters and keys have none.
 */
function readHosts(finding: Json): { hosts: NamedInterface[]; isOfInterface: boolean } {
  const details = awsMember(finding, 'resource', 'instanceDetails');
  const instance = idOf(awsMember(details, 'instanceId'), 'i', 'mi');
  const name = nameTagOf(awsMember(details, 'tags'));
  const interfaces = elementsOf(awsMember(details, 'networkInterfaces'))
    .slice(0, maxHosts)
    .map((described) => readInterface(described, instance, name))
    .filter(isFindable);
  const action = awsMember(finding, 'service', 'action');
  const connection = awsMember(action, 'networkConnectionAction');
  const local = [connection, ...elementsOf(awsMember(action, 'portProbeAction', 'portProbeDetails'))].flatMap((part) =>
    ['ipAddressV4', 'ipAddressV6'].flatMap((family) => addressOf(awsMember(part, 'localIpDetails', family)) ?? []),
  );

  const id = idOf(awsMember(connection, 'localNetworkInterface'), 'eni');
  if (id !== undefined) {
    const known = interfaces.find((one) => one.interface === id);
    const unlisted = defined({ instance, name, interface: id, addresses: local, groups: [] });
    return { hosts: [known ?? unlisted], isOfInterface: true };
  }
  const byAddress = interfaces.filter(({ addresses }) => local.some((address) => addresses.includes(address)));
  const hosts = byAddress.length > 0 ? byAddress : interfaces;
  if (hosts.length > 0) return { hosts, isOfInterface: hosts.length === 1 && hosts[0]!.interface !== undefined };
  if (instance === undefined) return { hosts: [], isOfInterface: false };
  return { hosts: [defined({ instance, name, addresses: local, groups: [] })], isOfInterface: false };
}

/** The mark of a sample is a member of `additionalInfo`, or of the JSON text that is its `value`. */
function isSample(info: Json): boolean {
  return [info, awsMember(info, 'value')].some(
    (value) => awsMember(typeof value === 'string' ? jsonOf(value) : value, 'sample') === true,
  );
}
