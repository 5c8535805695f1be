import { daySeconds } from '../common/calendar.ts';
import { severityRank } from '../rules/level.ts';
import { admits } from './admits.ts';
import type { ContextEntry, OtherAlert } from './context-entry.ts';
import type { GuardDutyFinding, NamedInterface, NetworkChange } from './context-event.ts';
import { changeText, findingText, otherAlertsText } from './note-text.ts';
import { isAtLeast, type Raise, raiseOf } from './raise-level.ts';
import type { Scene, SceneFlow, SceneHost } from './scene.ts';

/** One thing that happened around the hosts of an alert. */
export interface Note {
  readonly kind: ContextEntry['kind'];
  /** The id of the finding, of the API call, or of the first of the alerts. */
  readonly id: string;
  /** One line without line breaks, at most 300 characters. */
  readonly text: string;
  /** Epoch seconds: of a finding, when it was last seen. */
  readonly time: number;
  /** The level of a finding, and of the most severe of the alerts. */
  readonly level?: Scene['level'];
  /** Why this raises the level of the alert by one step. */
  readonly raises?: string;
  /** Whether an alert that was sent without this is worth an update. */
  readonly isNews: boolean;
}

/** What is related to an alert. */
export interface Related {
  /** The most telling first. */
  readonly notes: readonly Note[];
  readonly raise?: Raise;
}

/** How long before an alert's window an event concerns the alert, and how long after it a finding does, in seconds. */
export const lookBackSeconds = daySeconds;
const afterSeconds = 6 * 3600;

/** How long before the first flow a change is taken to have let it through, in seconds. */
const openedBeforeSeconds = 3600;

/** The clocks of CloudTrail and of flow logs differ, in seconds. */
const toleranceSeconds = 60;

/** The number of tactics on one host within a day that raises a level. */
const manyTactics = 3;

/** The calls after which less is seen. */
const blinding = new Set(['DeleteFlowLogs', 'DeleteDetector', 'StopLogging', 'DeleteTrail']);

/**
 * Returns what entries say about the hosts of an alert, and whether they raise its level: by one step at most. What comes from
 * the same packets as the alert, as GuardDuty's own flow-log findings, raises nothing.
 */
export function relate(scene: Scene, entries: readonly ContextEntry[]): Related {
  const others = entries.filter(({ id }) => !scene.own.includes(id));
  const once = latestOfEach(others);
  const changes = once.filter((entry) => entry.kind === 'change');
  const notes = [
    ...once.flatMap((entry) => (entry.kind === 'finding' ? findingNotes(scene, entry, changes) : [])),
    ...changes.flatMap((change) => changeNotes(scene, change)),
    ...alertNotes(
      scene,
      once.filter((entry) => entry.kind === 'alert'),
    ),
  ]
    .map((note) => withoutRaise(note, scene))
    .sort(mostTellingFirst(scene));
  const raising = notes.find(({ raises }) => raises !== undefined);
  const raise = raising && raiseOf(scene.level, raising.raises!, raising.id);
  return { notes, ...(raise && { raise }) };
}

/** Returns each event once: a finding as it was updated last. */
function latestOfEach(entries: readonly ContextEntry[]): ContextEntry[] {
  const latest = new Map<string, ContextEntry>();
  for (const entry of entries) {
    const name = `${entry.kind} ${entry.id}`;
    const known = latest.get(name);
    const isOlder = known?.kind === 'finding' && entry.kind === 'finding' && known.updated > entry.updated;
    if (!isOlder) latest.set(name, entry);
  }
  return [...latest.values()];
}

/** Returns a note that raises nothing if the rule forbids it, or reads events of this kind itself. */
function withoutRaise({ raises, ...note }: Note, { mayRaise, reads }: Scene): Note {
  const isEvidence = mayRaise && !reads.some((kind) => kind === note.kind);
  if (raises === undefined || isEvidence) return { ...note, ...(raises !== undefined && { raises }) };
  return { ...note, isNews: note.isNews && note.kind !== 'change' };
}

function mostTellingFirst({ first }: Scene) {
  const rank = ({ raises, kind }: Note) =>
    raises !== undefined ? 0 : ['finding', 'change', 'alert'].indexOf(kind) + 1;
  const distance = ({ time }: Note) => Math.abs(time - first);
  return (a: Note, b: Note) =>
    rank(a) - rank(b) || severityRank(a.level) - severityRank(b.level) || distance(a) - distance(b);
}

function findingNotes(scene: Scene, finding: GuardDutyFinding, changes: readonly NetworkChange[]): Note[] {
  const { first, last, level, id } = finding;
  if (first - lookBackSeconds > scene.to || last + afterSeconds < scene.from) return [];
  const remotes = finding.remotes.filter((address) => scene.remotes.includes(address));
  const ofHosts = finding.hosts.filter((host) => isOneOf(host, finding, scene, changes));
  const isOfHost = ofHosts.length > 0;
  if (!isOfHost && remotes.length === 0) return [];
  const isActive = ofHosts.some((host) => isActiveHost(host, scene));
  const isIndependent = isActive && finding.isIndependent && !finding.isArchived && isAtLeast(level, 'medium');
  const raises =
    isOfHost && isIndependent ? 'a GuardDuty finding from other data than flow logs names this host' : undefined;
  const text = findingText(finding, {
    host: hostText(ofHosts, scene),
    remotes,
    isSamePort: hasSamePort(scene, finding),
  });
  const isNews = isActive && !finding.isArchived && isAtLeast(level, 'medium');
  return [{ kind: 'finding', id, text, time: last, level, isNews, ...(raises !== undefined && { raises }) }];
}

/** Returns the address, or an id, by which an alert knows a host. */
function hostText([first]: readonly NamedInterface[], { hosts }: Scene): string | undefined {
  const known = hosts.find(({ address }) => first?.addresses.includes(address))?.address;
  return known ?? first?.addresses[0] ?? first?.instance ?? first?.interface;
}

/** Returns whether the alert's flows show that a finding's interface did something; true if they do not show which it is. */
function isActiveHost({ addresses }: NamedInterface, { hosts }: Scene): boolean {
  const same = hosts.filter(({ address }) => addresses.includes(address));
  return same.length === 0 || same.some(({ isActive }) => isActive);
}

/** Returns whether a finding's interface is that of a host of the alert. */
function isOneOf(
  { interface: id, instance, vpc, addresses }: NamedInterface,
  { last }: GuardDutyFinding,
  { interfaces, instances, hosts, vpcs, from }: Scene,
  changes: readonly NetworkChange[],
): boolean {
  if (id !== undefined && interfaces.includes(id)) return true;
  if (instance !== undefined && instances.includes(instance)) return true;
  if (vpc === undefined || !vpcs.includes(vpc)) return false;
  return hosts.some((host) => {
    if (!addresses.includes(host.address) || isOther(host, id, instance)) return false;
    // The address may have had another holder when GuardDuty saw it.
    return !changes.some(
      (change) => change.time > last && change.time <= from && takes(change, host.address, vpc, id, instance),
    );
  });
}

function isOther(host: SceneHost, id: string | undefined, instance: string | undefined): boolean {
  const isOtherInterface = host.interface !== undefined && id !== undefined && host.interface !== id;
  const isOtherInstance = host.instance !== undefined && instance !== undefined && host.instance !== instance;
  return isOtherInstance || (isOtherInterface && (host.instance === undefined || host.instance !== instance));
}

/** Returns whether a change gives an address to another interface than the one with these ids. */
function takes(
  { hosts }: NetworkChange,
  address: string,
  vpc: string,
  id: string | undefined,
  instance: string | undefined,
): boolean {
  return hosts.some(
    (host) =>
      host.addresses.includes(address) &&
      (host.vpc === undefined || host.vpc === vpc) &&
      (host.interface !== undefined || host.instance !== undefined) &&
      host.interface !== id &&
      (host.instance === undefined || host.instance !== instance),
  );
}

/** Returns whether a finding has a port and a direction of the alert's flows. */
function hasSamePort({ flows }: Scene, { direction, localPorts, remotePorts }: GuardDutyFinding): boolean {
  return flows.some(({ opener, hostPort, peerPort }) => {
    if (opener === 'peer') return direction === 'inbound' && localPorts.includes(hostPort);
    return direction === 'outbound' && remotePorts.includes(peerPort);
  });
}

function changeNotes(scene: Scene, change: NetworkChange): Note[] {
  const { time, id, event, group, openings } = change;
  if (time < scene.from - lookBackSeconds || time > scene.to) return [];
  // ModifySecurityGroupRules does not say the direction.
  const known = openings.filter(({ isDirectionUnknown }) => !isDirectionUnknown);
  const flows = flowsOf(change, scene);
  const isOpened = known.some((opening) => flows.some((flow) => admits(opening, flow)));
  // Flows from before the change passed without it.
  const isInTime = time >= scene.first - openedBeforeSeconds && time <= scene.since + toleranceSeconds;
  const when = time <= scene.first + toleranceSeconds ? 'within the hour before' : 'after';
  const isOutbound = scene.flows.some(({ opener, peer }) => opener === 'host' && scene.remotes.includes(peer));
  const reasons: [boolean, string][] = [
    [isOpened && isInTime && group !== 'way out', `a change ${when} the first flow lets this flow through`],
    [
      group === 'way out' && isOutbound && isOfPlace(scene, change),
      'a way out of this network was opened within the day before',
    ],
    [blinding.has(event) && isAtLeast(scene.level, 'medium'), `${event} left less to be seen within the day before`],
  ];
  const raises = reasons.find(([holds]) => holds)?.[1];
  const text = changeText(change, scene.first, isOpened);
  return [{ kind: 'change', id, text, time, isNews: raises !== undefined, ...(raises !== undefined && { raises }) }];
}

/**
 * Returns the flows of the hosts that a change concerns. A change of a subnet concerns the hosts whose interfaces logged the
 * flows, or the only host.
 */
function flowsOf(change: NetworkChange, { hosts, flows }: Scene): readonly SceneFlow[] {
  const isNamed = (host: SceneHost) =>
    change.hosts.some(
      ({ addresses, interface: id, instance }) =>
        addresses.includes(host.address) ||
        (id !== undefined && id === host.interface) ||
        (instance !== undefined && instance === host.instance),
    );
  const isLogging = ({ interface: id }: SceneHost) => id !== undefined || hosts.length === 1;
  const concerned = hosts.filter(change.hosts.length > 0 ? isNamed : isLogging);
  return flows.filter(({ host }) => concerned.some(({ address }) => address === host));
}

/** Returns whether a change names a subnet or a VPC of the alert. */
function isOfPlace({ subnets, vpcs }: Scene, change: NetworkChange): boolean {
  return change.vpcs.some((id) => vpcs.includes(id)) || change.subnets.some((id) => subnets.includes(id));
}

/** Returns a note for all other alerts of the hosts, and one for those of other hosts with the same outside address. */
function alertNotes(scene: Scene, alerts: readonly OtherAlert[]): Note[] {
  const others = alerts
    .filter(
      ({ id, time }) => id !== scene.uid && time >= scene.from - lookBackSeconds && time <= scene.to + afterSeconds,
    )
    .sort((a, b) => b.time - a.time);
  const ofHosts = others.filter((other) => isOfSameHost(other, scene));
  const ofRemotes = others.filter(
    (other) => !ofHosts.includes(other) && other.remotes.some((address) => scene.remotes.includes(address)),
  );
  return [...ownAlertsNote(scene, ofHosts), ...remoteAlertsNote(scene, ofRemotes)];
}

/** Returns whether an alert has a host of another one. Several VPCs may have the same addresses. */
function isOfSameHost(other: OtherAlert, { hosts, vpcs }: Scene): boolean {
  const isSameVpc = other.vpcs.length === 0 || vpcs.length === 0 || other.vpcs.some((id) => vpcs.includes(id));
  return isSameVpc && hosts.some(({ address }) => other.hosts.includes(address));
}

function ownAlertsNote({ tactics, hosts }: Scene, alerts: readonly OtherAlert[]): Note[] {
  const [latest] = alerts;
  if (!latest) return [];
  // Anybody can have a host refuse flows: such alerts say nothing of what the host did.
  const isActive = (address: string) =>
    hosts.some((host) => host.address === address && host.isActive && !host.isRelay);
  const ofActive = alerts.filter(({ activeHosts }) => activeHosts.some(isActive));
  const allTactics = new Set([...(ofActive.length > 0 ? tactics : []), ...ofActive.flatMap((other) => other.tactics)]);
  const worst = worstFirst(alerts);
  const host = hosts.find(({ address }) => latest.hosts.includes(address))!.address;
  const isMany = allTactics.size >= manyTactics;
  return [
    {
      ...{ kind: 'alert', id: latest.id, time: latest.time, level: worst[0]!.level, isNews: false },
      text: otherAlertsText(worst, `of ${host}`),
      ...(isMany && { raises: `alerts of ${allTactics.size} ATT&CK tactics name this host within a day` }),
    },
  ];
}

function remoteAlertsNote({ remotes }: Scene, alerts: readonly OtherAlert[]): Note[] {
  const [latest] = alerts;
  if (!latest) return [];
  const worst = worstFirst(alerts);
  const remote = latest.remotes.find((address) => remotes.includes(address))!;
  const text = otherAlertsText(worst, `of other hosts with ${remote}`);
  return [{ kind: 'alert', id: latest.id, time: latest.time, level: worst[0]!.level, isNews: false, text }];
}

function worstFirst(alerts: readonly OtherAlert[]): OtherAlert[] {
  return alerts.toSorted((a, b) => severityRank(a.level) - severityRank(b.level));
}
