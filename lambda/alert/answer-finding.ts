import { jsonOf } from '../common/json-value.ts';
import type { ContextEntry } from '../context/context-entry.ts';
import type { GuardDutyFinding } from '../context/context-event.ts';
import { type ContextTable, stateKey } from '../context/context-table.ts';
import { retrySeconds, takeOverSeconds } from '../context/due-update.ts';
import { entitiesOfEvent } from '../context/entity.ts';
import { isAtLeast } from '../context/raise-level.ts';
import { readEntries } from '../context/read-entries.ts';
import { lookBackSeconds, relate } from '../context/relate.ts';
import type { Scene, SceneFlow } from '../context/scene.ts';
import type { CounterStore } from '../count/counter-store.ts';
import { pairKey } from '../counters/counter-key.ts';
import { notAvailable } from '../flow-log/fields.ts';
import type { KeyScope, Scope } from '../flow-log/scope.ts';
import type { Level } from '../rules/level.ts';
import type { AlertPublisher } from './alert-publisher.ts';
import type { AlertStateStore } from './alert-state-store.ts';
import { type CountedPair, writeAnswer } from './answer-message.ts';
import { publishMessage, reserveMessage } from './single-message.ts';

/** The ports of answers. */
export interface AnswerPorts {
  readonly table: ContextTable;
  readonly counters: Pick<CounterStore, 'readAll'>;
  readonly alerts: AlertPublisher;
  readonly alertState: Pick<AlertStateStore, 'reserveMessages'>;
}

/** The configuration of answers. */
export interface AnswerSettings {
  /** The least level of a finding that is answered. */
  readonly least: Level;
  /** What keeps counters of the same addresses apart. */
  readonly scope: Scope | undefined;
  /** The limit of messages in a minute, which alerts, updates and answers share. */
  readonly perMinute: number;
  /** How long an answer is remembered, in seconds. */
  readonly retentionSeconds: number;
  /** How old a count may be: with a journal, light counters are flushed each hour. In seconds. */
  readonly countedWithinSeconds: number;
}

/** What came of a finding. */
export type Answered =
  | { readonly sent: string }
  /** Why no answer is sent. */
  | { readonly none: 'no network' | 'low level' | 'answered' | 'alerted' }
  | { readonly lookAgainSeconds: number };

/** The most addresses of hosts and of outside ends whose pairs are read: 80 keys in both directions. */
const maxHosts = 4;
const maxRemotes = 10;

/** The most other hosts of an answer. */
const maxOthers = 20;

/** The stored promise of an answer. */
interface Promised {
  readonly level: Level;
  readonly isSent: boolean;
  /** Epoch seconds. */
  readonly time: number;
}

/**
 * Answers a GuardDuty finding about a connection with the counts of its flows, once for each level of the finding. A finding
 * whose host and outside address have an alert is told by that alert.
 *
 * @param finding a finding that is stored
 * @param now epoch seconds
 * @throws FlowError `ALERT_FAILED` if the topic does not take the answer; an error of a table
 */
export async function answerFinding(
  finding: GuardDutyFinding,
  now: number,
  settings: AnswerSettings,
  { table, counters, alerts, alertState }: AnswerPorts,
  signal: AbortSignal,
): Promise<Answered> {
  const ends = finding.hosts.flatMap(({ addresses, vpc }) => addresses.map((host) => ({ host, vpc })));
  const isOfNetwork = finding.direction !== undefined && finding.remotes.length > 0;
  if (ends.length === 0 || !isOfNetwork) return { none: 'no network' };
  if (!isAtLeast(finding.level, settings.least) || finding.isArchived) return { none: 'low level' };
  const pk = `answer#${finding.account}#${finding.id}`;
  const item = await table.get(pk, stateKey, signal);
  const before = item && (jsonOf(item.json) as Promised | undefined);
  const isAnswered = before?.isSent === true && isAtLeast(before.level, finding.level);
  if (isAnswered) return { none: 'answered' };
  if (before?.isSent === false && before.time + takeOverSeconds > now)
    return { lookAgainSeconds: before.time + takeOverSeconds - now };
  const range = { from: finding.first - lookBackSeconds, limit: 100 };
  const read = await readEntries(entitiesOfEvent(finding), range, table, signal);
  const entries = [...read.values()].flat();
  if (hasAlert(finding, entries)) return { none: 'alerted' };
  const scene = sceneOfFinding(finding);
  const { notes } = relate(scene, entries);
  const pairs = await readPairs(finding, ends, settings.scope, counters, signal);
  const isGranted = await reserveMessage(finding.level, now, settings.perMinute, alertState, signal);
  if (!isGranted) return { lookAgainSeconds: retrySeconds };
  const put = (isSent: boolean, version: number, stored: number | undefined) => {
    const promised: Promised = { level: finding.level, isSent, time: now };
    const expiresAt = now + settings.retentionSeconds;
    return table.putIf({ pk, sk: stateKey, json: JSON.stringify(promised), version, expiresAt }, stored, signal);
  };
  const version = (item?.version ?? 0) + 1;
  if (!(await put(false, version, item?.version))) return { lookAgainSeconds: retrySeconds };
  const others = otherHosts(finding, entries);
  const { countedWithinSeconds } = settings;
  const message = writeAnswer({ finding, pairs, others, around: { asOf: now, notes }, now, countedWithinSeconds });
  await publishMessage(message, 'an answer', alerts, signal);
  await put(true, version + 1, version);
  return { sent: message.id };
}

/** Returns whether an alert has a host and an outside address of the finding. */
function hasAlert({ hosts, remotes }: GuardDutyFinding, entries: readonly ContextEntry[]): boolean {
  return entries.some(
    (entry) =>
      entry.kind === 'alert' &&
      entry.remotes.some((address) => remotes.includes(address)) &&
      hosts.some(
        ({ addresses, vpc }) =>
          addresses.some((address) => entry.activeHosts.includes(address)) &&
          (vpc === undefined || entry.vpcs.length === 0 || entry.vpcs.includes(vpc)),
      ),
  );
}

/** Returns the finding as a scene, so that changes and alerts are related to it as to an alert. */
function sceneOfFinding(finding: GuardDutyFinding): Scene {
  const { id, level, first, last, account, region, hosts, remotes, direction, localPorts, remotePorts } = finding;
  const addresses = hosts.flatMap((host) => host.addresses.map((address) => ({ ...host, address })));
  const flows = addresses.flatMap(({ address }) =>
    remotes.slice(0, maxRemotes).flatMap((peer): SceneFlow[] => {
      const ports = { hostPort: localPorts[0] ?? 0, peerPort: remotePorts[0] ?? 0 };
      return [{ host: address, peer, ...ports, protocol: 6, opener: direction === 'inbound' ? 'peer' : 'host' }];
    }),
  );
  return {
    ...{
      uid: id,
      level,
      mayRaise: false,
      reads: [],
      own: [id],
      tactics: [],
      from: first,
      to: last,
      first,
      since: last,
      account,
      region,
    },
    interfaces: hosts.flatMap((host) => host.interface ?? []),
    instances: hosts.flatMap((host) => host.instance ?? []),
    subnets: hosts.flatMap((host) => host.subnet ?? []),
    vpcs: hosts.flatMap((host) => host.vpc ?? []),
    hosts: addresses.map(({ address }) => ({ address, isActive: true })),
    remotes,
    flows,
  };
}

/** Returns the other hosts that findings and alerts name with the finding's outside addresses. */
function otherHosts({ hosts, remotes }: GuardDutyFinding, entries: readonly ContextEntry[]): string[] {
  const own = new Set(hosts.flatMap(({ addresses }) => addresses));
  const named = entries.flatMap((entry) => {
    if (entry.kind === 'change' || !entry.remotes.some((address) => remotes.includes(address))) return [];
    return entry.kind === 'alert' ? entry.hosts : entry.hosts.flatMap(({ addresses }) => addresses);
  });
  return [...new Set(named)].filter((address) => !own.has(address)).slice(0, maxOthers);
}

async function readPairs(
  { account, remotes }: GuardDutyFinding,
  ends: readonly { readonly host: string; readonly vpc: string | undefined }[],
  scope: Scope | undefined,
  counters: Pick<CounterStore, 'readAll'>,
  signal: AbortSignal,
): Promise<CountedPair[]> {
  const keys = ends.slice(0, maxHosts).flatMap(({ host, vpc }) =>
    remotes.slice(0, maxRemotes).flatMap((remote) => {
      const keyScope = scopeOf(scope, account, vpc);
      return [
        { src: host, dst: remote, ...pairKey(host, remote, keyScope) },
        { src: remote, dst: host, ...pairKey(remote, host, keyScope) },
      ];
    }),
  );
  const distinct = [...new Map(keys.map((key) => [key.pk, key])).values()];
  const found = await counters.readAll(
    distinct.map(({ pk }) => pk),
    signal,
    'eventual',
  );
  return distinct.flatMap(({ pk, src, dst }) => {
    const counter = found.get(pk);
    if (!counter) return [];
    const { bytes, rejects, firstSeen, lastSeen } = counter;
    return [{ src, dst, isOut: ends.some(({ host }) => host === src), bytes, rejects, firstSeen, lastSeen }];
  });
}

function scopeOf(scope: Scope | undefined, account: string, vpc: string | undefined): KeyScope | undefined {
  if (scope === undefined) return undefined;
  return { 'account-id': account, ...(scope === 'vpc' && { 'vpc-id': vpc ?? notAvailable }) };
}
