import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { placesOfRule } from '../../lambda/alert/alert-state-store.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { Invocation, Round } from './faults.ts';
import {
  type Expected,
  type ExpectedPair,
  expectedOf,
  levelOf,
  levels,
  maxMessages,
  multiplesOf,
  notifiesResolution,
  ownMessages,
  type Range,
} from './oracle.ts';
import { insideHost, isWithinBudget, type Scenario, type ScenarioFlow } from './scenario.ts';
import { type AlertSummary, alertsIn, type World } from './world.ts';

/** Returns the address of a host of a scenario. */
export const hostOf = (side: string, number: number) => `10.${side === 'src' ? 1 : 2}.0.${number}`;
/** Returns the partition key of a pair `src>dst`. */
export const pairKey = (pair: string) => {
  const [src, dst] = pair.split('>').map(Number);
  return `pair#${hostOf('src', src!)}#${hostOf('dst', dst!)}`;
};
const alertKey = (rule: string, key: Readonly<Record<string, string>>) => {
  const number = (address: string | undefined) => address?.split('.').at(-1) ?? '';
  return `${rule} ${number(key.srcaddr)}${key.dstaddr === undefined ? '' : `>${number(key.dstaddr)}`}`;
};

/** Checks that each record has exactly one result, and that exactly the garbage of finished batches is unreadable. */
export function routingViolations(
  source: readonly SourceRecord[],
  out: Record<'finished' | 'unreadable' | 'givenUp', SourceRecord[]>,
): string[] {
  const violations: string[] = [];
  const all = [...out.finished, ...out.unreadable, ...out.givenUp];
  if (all.length !== source.length || new Set(all).size !== source.length)
    violations.push('a record has no result, or several');
  const isGarbage = ({ data }: SourceRecord) => data.includes('garbage');
  if (!out.unreadable.every(isGarbage)) violations.push('a readable record was returned as unreadable');
  if (out.finished.some(isGarbage)) violations.push('garbage was delivered');
  return violations;
}

export async function countViolations(
  flows: readonly ScenarioFlow[],
  scenario: Scenario,
  world: World,
): Promise<string[]> {
  const { pairs } = expectedOf(flows);
  const counters = await world.counters();
  return isWithinBudget(scenario) ? pairViolations(pairs, counters) : totalViolations(pairs, counters);
}

/**
 * @param doubled the ids of alerts that a fault may double
 * @param overflowed the rules that may have had no place in a re-evaluation queue: their alerts may be missing
 */
export async function alertViolations(
  flows: readonly ScenarioFlow[],
  scenario: Scenario,
  world: World,
  doubled: ReadonlySet<string>,
  overflowed: ReadonlySet<string>,
): Promise<string[]> {
  const violations: string[] = [];
  const { maxValues } = expectedOf(flows);
  const counters = await world.counters();
  const recordsById = new Map(
    [...counters.values()].flatMap((counter) => counter.alertRecords.map((record) => [record.id, record])),
  );
  const notified = alertsOf(await world.delivered(), false);
  for (const [key, value] of maxValues) {
    const rule = key.split(' ')[0]!;
    if (!isWithinBudget(scenario) && !isExactAlways(rule)) continue;
    const reached = multiplesOf(rule, value).at(-1);
    const alerts = (notified.get(key) ?? []).map((alert) => ({
      ...alert,
      multiple: recordsById.get(alert.id)?.multiple ?? -1,
    }));
    const isMissing = reached !== undefined && !alerts.some(({ multiple }) => multiple === reached);
    if (isMissing && !overflowed.has(inQueue(levelOf(rule), rule))) {
      violations.push(`no alert of ${key} at ${reached} times its threshold, with a value of ${value}`);
    }
    for (const alert of alerts) {
      if (!multiplesOf(rule, value).includes(alert.multiple) || alert.value > value) {
        violations.push(
          `an alert of ${key} has ${alert.value} at ${alert.multiple} times its threshold, expected at most ${value}`,
        );
      }
    }
    for (const [multiple, same] of Map.groupBy(alerts, (alert) => alert.multiple)) {
      const ids = new Set(same.map(({ id }) => id));
      if (ids.size > 1) violations.push(`alerts of ${key} at ${multiple} times have ${ids.size} ids, expected one`);
      if (same.length > 1 && !same.some(({ id }) => doubled.has(id))) {
        violations.push(
          `an alert of ${key} at ${multiple} times was sent ${same.length} times, without a fault that explains it`,
        );
      }
    }
  }
  return violations;
}

type ExpectedPairs = Expected['pairs'];

/** Checks each pair. */
function pairViolations(pairs: ExpectedPairs, counters: ReadonlyMap<string, Counter>): string[] {
  const violations = [...pairs].flatMap(([pair, expected]) => differences(pair, expected, counters));
  const pairsCounted = [...counters.keys()].filter((pk) => pk.startsWith('pair#')).length;
  if (pairsCounted !== pairs.size) violations.push(`${pairsCounted} pairs are counted, expected ${pairs.size}`);
  return violations;
}

function differences(pair: string, expected: ExpectedPair, counters: ReadonlyMap<string, Counter>): string[] {
  const counter = counters.get(pairKey(pair));
  return (Object.entries(expected) as [keyof ExpectedPair, Range][]).flatMap(([name, [smallest, largest]]) => {
    const counted = Number(counter?.[name]);
    const isExpected = counted >= smallest && counted <= largest;
    return isExpected ? [] : `${pair} has ${name} ${counted}, expected ${smallest} to ${largest}`;
  });
}

/**
 * Checks the counters of a scenario that may exceed its budget of refused pairs: bytes are exact for each pair, and so is
 * all of a pair from inside. Some rejects of outside sources are in overflow counters, and each is counted once.
 */
function totalViolations(pairs: ExpectedPairs, counters: ReadonlyMap<string, Counter>): string[] {
  const inside = [...pairs].filter(([pair]) => pair.startsWith(`${insideHost}>`));
  const violations = inside.flatMap(([pair, expected]) => differences(pair, expected, counters));
  for (const [pair, { bytes, rejects }] of pairs) {
    const counted = counters.get(pairKey(pair)) ?? { bytes: 0, rejects: 0 };
    if (counted.bytes !== bytes[0]) violations.push(`${pair} has bytes ${counted.bytes}, expected ${bytes[0]}`);
    if (counted.rejects > rejects[1])
      violations.push(`${pair} has rejects ${counted.rejects}, expected at most ${rejects[1]}`);
  }
  const counted = [...counters].reduce((sum, [pk, { rejects }]) => sum + (pk.startsWith('pair#') ? rejects : 0), 0);
  const expected = [...pairs.values()].reduce((sum, { rejects }) => sum + rejects[0], 0);
  if (counted !== expected) violations.push(`all pairs have rejects ${counted}, expected ${expected}`);
  return violations;
}

/** Returns whether a rule counts no flow, or groups by no source, that the budget of refused pairs affects. */
function isExactAlways(rule: string): boolean {
  return rule === 'bytes' || rule === 'busy_target';
}

/** Groups the alerts, or the resolution notices, of messages by rule and key, each with the index of its message. */
function alertsOf(messages: Awaited<ReturnType<World['delivered']>>, ended: boolean) {
  const summaries = messages.flatMap((message, index) =>
    message.ended === ended && !message.update
      ? alertsIn(message).map((alert) => ({ ...alert, rule: message.rule, index }))
      : [],
  );
  return Map.groupBy(summaries, ({ rule, key }): string => alertKey(rule, key));
}

/** Checks that each resolution notice follows an alert, is sent once, and is sent for the last alert of each key. */
export async function resolutionViolations(
  world: World,
  doubled: ReadonlySet<string>,
  overflowed: ReadonlySet<string>,
): Promise<string[]> {
  const violations: string[] = [];
  const messages = await world.delivered();
  const [alerts, notices] = [alertsOf(messages, false), alertsOf(messages, true)];
  for (const [key, ofKey] of notices) {
    const first = Math.min(...(alerts.get(key) ?? []).map(({ index }) => index));
    if (ofKey.some(({ index }) => index <= first)) violations.push(`a resolution notice of ${key} precedes its alert`);
    for (const [id, same] of Map.groupBy(ofKey, (notice) => notice.id)) {
      if (same.length > 1 && !doubled.has(id))
        violations.push(`a resolution notice of ${key} was sent ${same.length} times`);
    }
  }
  for (const [pk, { alertRecords }] of await world.counters()) {
    for (const [rule, ofRule] of Map.groupBy(alertRecords, (record) => record.rule)) {
      const last = Math.max(...ofRule.filter(({ multiple, sent }) => multiple > 0 && sent).map(({ to }) => to));
      const notice = ofRule.find(({ multiple }) => multiple === 0);
      const isSent = [...notices.values()].flat().some(({ id }: AlertSummary) => id === notice?.id);
      const isListed = [levelOf(rule), 'resolution'].every((queue) => !overflowed.has(inQueue(queue, rule)));
      const isExpected = notifiesResolution(rule) && isListed;
      if (isExpected && last > 0 && !(notice?.to === last && isSent))
        violations.push(`no resolution notice of ${rule} for ${pk}`);
      if (!notifiesResolution(rule) && notice) violations.push(`an unexpected resolution notice of ${rule} for ${pk}`);
    }
  }
  return violations;
}

/** Checks the limits of messages per minute of arrival, over all invocations, by level, and per batch. */
export function limitViolations(
  { messages: { perBatch, perMinute } }: Scenario,
  ofBatches: readonly Invocation[],
  ofEvents: readonly Invocation[],
): string[] {
  const roundsOf = (all: readonly Invocation[]) => all.flatMap((invocation) => invocation.rounds);
  const rounds = [...roundsOf(ofBatches), ...roundsOf(ofEvents)];
  const overMinute = [...Map.groupBy(rounds, ({ minute }) => minute)].flatMap(([minute, ofMinute]) => {
    const sent = ofMinute.flatMap(({ messages }) => [...messages.values()]).map((level) => levels.indexOf(level));
    return levels.flatMap((level, index) => {
      const count = sent.filter((one) => one <= index).length;
      return count > maxMessages(level, perMinute) ? `${count} messages up to level ${level} in minute ${minute}` : [];
    });
  });
  return [
    ...overMinute,
    ...roundsOf(ofBatches).flatMap(({ messages }) =>
      messages.size > perBatch ? `${messages.size} messages in a batch` : [],
    ),
  ];
}

/** Checks that no alert was deferred in a minute in which its level and the levels above wanted only their own messages. */
export function priorityViolations(
  { messages: { perBatch, perMinute } }: Scenario,
  all: readonly Invocation[],
): string[] {
  const wantedBy = (rounds: readonly Round[], from: number) =>
    levels
      .slice(from)
      .flatMap((level) => rounds.map(({ wanted }) => wanted.get(level) ?? 0))
      .reduce((sum, wanted) => sum + wanted, 0);
  // A flush whose messages the topic refuses defers all alerts.
  const deferring = new Set(
    all.filter(({ isFlush, hasTopicFailed }) => !isFlush || !hasTopicFailed).flatMap(({ rounds }) => rounds),
  );
  const allRounds = all.flatMap(({ rounds }) => rounds);
  return [...Map.groupBy(allRounds, ({ minute }) => minute)].flatMap(([minute, ofMinute]) =>
    ofMinute.flatMap((round) => {
      if (!deferring.has(round) || wantedBy([round], 0) >= perBatch) return [];
      return [...round.deferred].map(levelOf).flatMap((level) => {
        const wanted = wantedBy(ofMinute, levels.indexOf(level));
        return wanted <= ownMessages(level, perMinute)
          ? `an alert of level ${level} was deferred in minute ${minute}, in which its level and those above wanted ${wanted} messages`
          : [];
      });
    }),
  );
}

/**
 * Returns the rules in re-evaluation queues that may have had no place for an entry: invocations added more entries to
 * the queue than fit, and more of the rule than the rule has places.
 */
export function overflowedRules({ queueCapacity }: Scenario, all: readonly Invocation[]): ReadonlySet<string> {
  const scheduled = all.flatMap((invocation) => [...invocation.scheduled]);
  const byQueue = Map.groupBy(scheduled, ([queue]) => queue);
  const names = [...byQueue].flatMap(([queue, ofQueue]) => {
    const entries = new Set(ofQueue.flatMap(([, some]) => [...some]));
    if (entries.size <= queueCapacity) return [];
    const byRule = [...Map.groupBy(entries, (entry) => entry.split(' ')[0]!)];
    return byRule.filter(([, ofRule]) => ofRule.length > placesOfRule).map(([rule]) => inQueue(queue, rule));
  });
  return new Set(names);
}

/** Names a rule in a re-evaluation queue. */
function inQueue(queue: string, rule: string): string {
  return `${queue} ${rule}`;
}
