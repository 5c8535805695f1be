import { evidenceOf } from '../aggregate/evidence.ts';
import { defined } from '../common/defined.ts';
import type { Scene, SceneFlow, SceneHost } from '../context/scene.ts';
import { isPair } from '../counters/counter-key.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import { endpointValue, loggingEndpoint } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { type Flow, fieldOf } from '../flow-log/flow.ts';
import type { KnownAddress, NameSource } from '../names/known-interface.ts';
import { canonicalAddress, isInAnyNetwork, type Network } from '../networks/ip-address.ts';
import { eventsOf } from './event-text.ts';
import { openingOf } from './ocsf/detection-finding.ts';

/** The kinds of events that a rule on a log source reads. */
const readKinds = { cloudtrail: ['change'], guardduty: ['finding'], vpcflow: [] } as const;

const maxIds = 3;
const maxAddresses = 4;
const maxFlows = 16;

/**
 * Returns what an alert is about, for the relation of context events.
 *
 * @param insideNetworks the networks of your hosts
 * @param origin the account and the Region of the batch, and who has addresses; what the flows say comes first
 */
export function sceneOf(
  finding: Finding,
  insideNetworks: readonly Network[],
  { names, ...origin }: SceneOrigin,
): Scene {
  const { rule, record, delta, counter } = finding;
  const evidence = evidenceOf(rule, delta.evidence);
  const key = keyOf(rule, delta);
  const valuesOf = (field: string) => evidence?.values.get(field) ?? [];
  const candidates = [...Object.values(key), ...valuesOf('srcaddr'), ...valuesOf('dstaddr')].filter(
    (text) => canonicalAddress(text) === text,
  );
  const addresses = [...new Set(candidates)];
  const isInside = (address: string) => isInAnyNetwork(address, insideNetworks);
  const holders = holdersOf(evidence?.samples ?? []);
  const inside = addresses.filter(isInside).slice(0, maxAddresses);
  const flows = (evidence?.samples ?? []).flatMap((flow) => sceneFlows(flow, isInside)).slice(0, maxFlows);
  const { srcaddr } = key;
  const sources = srcaddr === undefined ? valuesOf('srcaddr') : [srcaddr];
  const active = new Set([...sources, ...flows.map(({ host }) => host)]);
  const vpcs = valuesOf('vpc-id');
  const hosts = inside.map((address): SceneHost => {
    const own = holders.get(address)?.interface;
    const hints = { own: own === undefined ? [] : [own], interfaces: valuesOf('interface-id'), vpcs };
    return {
      address,
      ...namedHolder(names?.addressOf(address, hints)),
      ...holders.get(address),
      isActive: active.has(address),
    };
  });
  const first = Math.min(record.to, Math.max(counter.firstSeen, record.from));
  return {
    uid: openingOf(finding).id,
    level: rule.level,
    mayRaise: rule.raise !== false,
    reads: (rule.sources ?? []).flatMap((source) => readKinds[source]),
    own: eventsOf(rule, delta).map(({ id }) => id),
    tactics: rule.tactics,
    from: record.from,
    to: record.to,
    first,
    since: sinceOf(finding, first),
    ...defined({
      account: delta.key.scope?.['account-id'] ?? valuesOf('account-id')[0] ?? origin.account,
      region: valuesOf('region')[0] ?? origin.region,
    }),
    interfaces: distinctOf([
      ...(key['interface-id'] === undefined ? [] : [key['interface-id']]),
      ...hosts.flatMap((host) => host.interface ?? []),
      ...valuesOf('interface-id'),
    ]),
    instances: distinctOf([
      ...hosts.flatMap((host) => host.instance ?? []),
      ...valuesOf('instance-id'),
      ...namedInstances(valuesOf('interface-id'), names),
    ]),
    subnets: distinctOf([...valuesOf('subnet-id'), ...hosts.flatMap((host) => host.subnet ?? [])]),
    vpcs: distinctOf([...vpcs, ...hosts.flatMap((host) => host.vpc ?? [])]),
    hosts,
    remotes: addresses.filter((address) => !isInside(address)).slice(0, maxAddresses),
    flows,
  };
}

/** Returns the first flow that may have passed: the first flows of a pair with rejects may be those that were refused. */
function sinceOf({ delta, counter, record }: Finding, first: number): number {
  if (!isPair(delta.key)) return first;
  return counter.rejects === 0 ? counter.firstSeen : record.to;
}

/** What a batch says of its flows, if they do not say it. */
interface SceneOrigin {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly names?: NameSource | undefined;
}

/** What stands behind an interface that sends for many hosts: its alerts are not those of one host. */
const relays: ReadonlySet<string> = new Set([
  'NAT gateway',
  'load balancer',
  'transit gateway attachment',
  'VPC endpoint',
]);

/** Returns what is known of the holder of an address; nothing if the address may have another holder. */
function namedHolder(known: KnownAddress | undefined): Omit<SceneHost, 'address' | 'isActive'> {
  if (!known || known.isOld || known.goneAt !== undefined) return {};
  const { interface: id, vpc, subnet, kind } = known;
  const isRelay = relays.has(kind) || known.isShared;
  return {
    ...defined({ interface: id, instance: kind === 'instance' ? known.id : undefined, vpc, subnet }),
    ...(isRelay && { isRelay: true as const }),
  };
}

/** Returns the instances of interfaces: many formats have no instance. */
function namedInstances(interfaces: readonly string[], names: NameSource | undefined): string[] {
  return interfaces.flatMap((id) => {
    const known = names?.interfaceOf(id);
    return known?.kind === 'instance' && known.id !== undefined ? known.id : [];
  });
}

function distinctOf(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(0, maxIds);
}

/** Returns the interface, and the instance, of the addresses whose own interface logged a flow. */
function holdersOf(samples: Evidence['samples']): Map<string, Pick<SceneHost, 'interface' | 'instance'>> {
  return new Map(
    samples.flatMap((flow): [string, Pick<SceneHost, 'interface' | 'instance'>][] => {
      const end = loggingEndpoint(flow);
      const address = end && endpointValue(flow, `${end}addr`);
      const ids = { interface: fieldOf(flow, 'interface-id'), instance: fieldOf(flow, 'instance-id') };
      return address === undefined ? [] : [[address, defined(ids)]];
    }),
  );
}

/** TCP flags of the first packet of a connection, and of its answer (RFC 9293, section 3.1). */
const [syn, ack] = [2, 16];

/** Returns an accepted flow from the side of each endpoint inside. */
function sceneFlows(flow: Flow, isInside: (address: string) => boolean): SceneFlow[] {
  const [src, dst] = [endpointValue(flow, 'srcaddr'), endpointValue(flow, 'dstaddr')];
  const [srcPort, dstPort, protocol] = ['srcport', 'dstport', 'protocol'].map((name) => Number(fieldOf(flow, name)));
  const isWhole = [srcPort, dstPort, protocol].every((number) => Number.isFinite(number));
  if (src === undefined || dst === undefined || !isWhole || fieldOf(flow, 'action') !== 'ACCEPT') return [];
  const flags = Number(fieldOf(flow, 'tcp-flags') ?? 0);
  // A flow log record has the flags of all its packets: SYN without ACK is sent by the opener only.
  const isSourceOpener = (flags & syn) !== 0 ? (flags & ack) === 0 : srcPort! >= dstPort!;
  const common = { protocol: protocol! };
  const ofSource = { ...common, host: src, peer: dst, hostPort: srcPort!, peerPort: dstPort! };
  const ofTarget = { ...common, host: dst, peer: src, hostPort: dstPort!, peerPort: srcPort! };
  return [
    ...(isInside(src) ? [{ ...ofSource, opener: isSourceOpener ? ('host' as const) : ('peer' as const) }] : []),
    ...(isInside(dst) ? [{ ...ofTarget, opener: isSourceOpener ? ('peer' as const) : ('host' as const) }] : []),
  ];
}
