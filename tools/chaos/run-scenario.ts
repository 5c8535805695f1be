import { type ErrorRecord, type FirehoseOutput, runFirehose } from '../../emulators/firehose.ts';
import { type FirehoseEvent, type SourceRecord, wrapLines } from '../../emulators/firehose-event.ts';
import { placesOfRule } from '../../lambda/alert/alert-state-store.ts';
import { abandonedAfterSeconds } from '../../lambda/counters/alert-record.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { FaultPlan, Invocation, type Round } from './faults.ts';
import { FlushActors } from './flush-actors.ts';
import { addTotals, type Totals } from './journal-balance.ts';
import {
  type Expected,
  type ExpectedPair,
  expectedOf,
  flowSeconds,
  levelOf,
  levels,
  maxMessages,
  multiplesOf,
  notifiesResolution,
  ownMessages,
  type Range,
} from './oracle.ts';
import {
  begin,
  firstArrival,
  forgedTimes,
  insideHost,
  isWithinBudget,
  type Scenario,
  type ScenarioFlow,
} from './scenario.ts';
import { type Pace, SimulatedClock } from './simulated-clock.ts';
import { type AlertSummary, alertsIn, leaseSeconds, processes, type World } from './world.ts';

/** The result of a run: the violations, and the numbers of calls, invocations and alerts. */
export interface Outcome {
  /** The differences from the expected result; empty without a difference. */
  readonly violations: string[];
  readonly calls: number;
  readonly invocations: number;
  readonly alerts: number;
}

const hostOf = (side: string, number: number) => `10.${side === 'src' ? 1 : 2}.0.${number}`;
const pairKey = (pair: string) => {
  const [src, dst] = pair.split('>').map(Number);
  return `pair#${hostOf('src', src!)}#${hostOf('dst', dst!)}`;
};
const alertKey = (rule: string, key: Readonly<Record<string, string>>) => {
  const number = (address: string | undefined) => address?.split('.').at(-1) ?? '';
  return `${rule} ${number(key.srcaddr)}${key.dstaddr === undefined ? '' : `>${number(key.dstaddr)}`}`;
};

/** The clock of a run without a journal. */
const stillClock: Pace = { secondsPerCall: 0, jumps: [] };

/** The time after which every window of a run has ended, in seconds. */
const quietSeconds = 3 * 3600;

/** The maximum number of minutes without flows after all records, in which deferred alerts are sent. */
const maxQuietMinutes = 150;

/**
 * Runs a scenario in a world and compares the result with the expected one. Before it compares, it reprocesses the batches
 * that Firehose gave up, as an operator would. Then it lets time pass until no alert is deferred.
 *
 * @param pause lets other invocations run between two calls
 */
export async function runScenario(scenario: Scenario, world: World, pause: () => Promise<void>): Promise<Outcome> {
  const clock = new SimulatedClock(firstArrival, scenario.journal ?? stillClock);
  const plan = new FaultPlan(scenario.faults, scenario.outage, pause, clock);
  const flushes = new FlushActors(world, plan, scenario.journal?.flushes ?? []);
  const source = recordsOf(scenario);
  const out = { finished: [] as SourceRecord[], unreadable: [] as SourceRecord[], givenUp: [] as SourceRecord[] };
  const output: FirehoseOutput = {
    delivered: (_, record) => out.finished.push(record),
    dropped: (record) => out.finished.push(record),
    failed({ errorCode }, record) {
      if (errorCode === 'Lambda.ProcessingFailedStatus') out.unreadable.push(record);
      else out.givenUp.push(record);
    },
  };
  const all: Invocation[] = [];
  const failed: Invocation[] = [];
  const late: Invocation[] = [];
  const batches = new Map<string, FirehoseEvent>();
  const answered = new Set<string>();
  const unbalanced: string[] = [];
  const flowOf = new Map(source.map(({ data }, index) => [data.toString('base64'), flowsOfRecords(scenario)[index]]));

  async function invoke(event: FirehoseEvent): Promise<unknown> {
    const content = event.records.map(({ data }) => data).join();
    const isAgain = batches.has(content);
    if (!isAgain) batches.set(content, event);
    const arrived = shifted(event, isAgain ? scenario.skewOnRetry : 0);
    const invocation = new Invocation(minuteOf(arrived), clock.now());
    all.push(invocation);
    try {
      const handled = world.handler(invocation, plan)(arrived, { getRemainingTimeInMillis: () => 300_000 });
      const answer = await Promise.race([handled, invocation.died]);
      answered.add(content);
      return answer;
    } catch (error) {
      failed.push(invocation);
      throw error;
    } finally {
      if (clock.now() - 60 * invocation.round.minute > abandonedAfterSeconds) late.push(invocation);
    }
  }

  function look(): void {
    if (!isWithinBudget(scenario)) return;
    const [acknowledged, others]: [Totals, Totals] = [new Map(), new Map()];
    for (const [content, { records }] of batches) {
      const totals = answered.has(content) ? acknowledged : others;
      for (const { src, dst, action, bytes } of records.flatMap(({ data }) => flowOf.get(data) ?? [])) {
        const [accepted, rejected] = action === 'ACCEPT' ? [bytes, 0] : [0, 1];
        addTotals(totals, pairKey(`${src}>${dst}`), accepted, rejected);
      }
    }
    unbalanced.push(...(world.balance?.(acknowledged, others) ?? []));
  }
  const looks = new Set(scenario.journal?.looks);
  plan.events = {
    onCall(calls) {
      flushes.startDue(calls);
      if (looks.delete(calls)) look();
    },
    onJump: (now) => world.expire?.(now),
  };

  const { recordsPerBatch, concurrency, idsOnRetry } = scenario;
  const size = Math.max(...source.map(({ data }) => data.length));
  const options = { bufferBytes: recordsPerBatch * size, bufferSeconds: 900, retries: 3, concurrency, idsOnRetry };
  await runFirehose(source, invoke, output, options);
  const outAgain: SourceRecord[] = [];
  const outputAgain = {
    delivered() {},
    dropped() {},
    failed: (_: ErrorRecord, record: SourceRecord) => outAgain.push(record),
  };
  for (const number of scenario.deliveredAgain) {
    const records = [...batches.values()][number]?.records ?? [];
    await runFirehose(records.map(sourceOf), invoke, outputAgain, options);
  }
  await flushes.finish();
  await plan.end();
  const undrained = scenario.journal ? await flushes.drain() : [];
  clock.advance(scenario.redriveAfterHours * 3600);
  const givenUp = new Set([...out.givenUp, ...outAgain].map(({ data }) => data.toString('base64')));
  const later = laterFlows(scenario);
  await runFirehose(recordsOfFlows(later, { hours: scenario.redriveAfterHours }), invoke, outputAgain, options);
  for (const event of batches.values()) if (event.records.some(({ data }) => givenUp.has(data))) await invoke(event);
  if (scenario.journal && later.length + givenUp.size > 0) undrained.push(...(await flushes.drain()));
  clock.advance(quietSeconds);
  for (let minute = 0; minute < maxQuietMinutes && (await world.pendingReEvaluations()) > 0; minute += 1) {
    clock.advance(60);
    if (scenario.journal) await flushes.follow(minute === 0);
    await runFirehose([quietRecord(minute, scenario.redriveAfterHours)], invoke, outputAgain, options);
  }
  // A batch that is reprocessed hours later adds to the totals; the other flows of its windows may be compacted.
  const isInTime = later.length === 0 || givenUp.size === 0;

  const doubled = new Set([
    ...doubledByFlushes(scenario, flushes),
    // An alert that a batch claims more than an hour after its arrival is abandoned to others.
    ...(scenario.journal ? late.flatMap(({ published }) => [...published]) : []),
    ...[...all, ...flushes.invocations].flatMap(({ unanswered }) => [...unanswered]),
    ...failed.flatMap(({ published, marked, isAbandoned }) => [
      ...(isAbandoned ? published : published.difference(marked)),
    ]),
  ]);
  const everyone = [...all, ...flushes.invocations];
  const overflowed = overflowedRules(scenario, everyone);
  const violations = [
    ...routingViolations(source, out),
    ...(await countViolations([...scenario.flows, ...later], scenario, world)),
    ...(isInTime ? await alertViolations([...scenario.flows, ...later], scenario, world, doubled, overflowed) : []),
    ...(isInTime ? await resolutionViolations(world, doubled, overflowed) : []),
    ...limitViolations(scenario, everyone),
    ...priorityViolations(scenario, everyone),
    ...undrained,
    ...unbalanced,
  ];
  const pending = await world.pendingReEvaluations();
  if (pending > 0) violations.push(`${pending} alerts are still pending after ${maxQuietMinutes} minutes`);
  return { violations, calls: plan.calls, invocations: everyone.length, alerts: (await world.delivered()).length };
}

function sourceOf({ data, approximateArrivalTimestamp }: FirehoseEvent['records'][number]): SourceRecord {
  return { data: Buffer.from(data, 'base64'), arrival: approximateArrivalTimestamp };
}

/**
 * Returns the ids of alerts that a flush may double: it published one and did not mark it as sent; or two flushes may hold
 * the lease of a lane at once, since their clocks differ by more than the lease's margin.
 */
function doubledByFlushes({ journal }: Scenario, { invocations }: FlushActors): Set<string> {
  const [first = 0, second = 0] = journal?.skews.slice(processes) ?? [];
  const isLeaseSure = Math.abs(first - second) <= leaseMarginSeconds;
  return new Set(
    invocations.flatMap(({ published, marked }) => [...(isLeaseSure ? published.difference(marked) : published)]),
  );
}

/** The time of a lease beyond the longest life of a flush, in seconds. */
const leaseMarginSeconds = leaseSeconds - 300;

/** Returns the records of a scenario in order. Each has a different port. */
function recordsOf({ flows, garbage, recordSeconds }: Scenario): SourceRecord[] {
  return recordsOfFlows(flows, { garbage, recordSeconds });
}

function recordsOfFlows(
  flows: readonly ScenarioFlow[],
  {
    hours = 0,
    garbage = [],
    recordSeconds = 10,
  }: { hours?: number; garbage?: readonly number[]; recordSeconds?: number },
): SourceRecord[] {
  const lines = flows.map(({ src, dst, action, bytes, end, forged }, index) => {
    const { start = begin + end - flowSeconds, end: finish = begin + end } = forgedTimes[forged ?? ''] ?? {};
    const time = `${start} ${finish}`;
    const head = `2 123456789012 eni-0a1b2c3d4e5f60718 ${hostOf('src', src)} ${hostOf('dst', dst)} ${40_000 + index} 22 6`;
    return `${head} 1 ${bytes} ${time} ${action} OK`;
  });
  for (const place of garbage) lines.splice(place, 0, `garbage ${place}`);
  const arrival = firstArrival + hours * 3600;
  return lines.flatMap((line, index) => wrapLines([line], 'json', (arrival + index * recordSeconds) * 1000));
}

/** Returns the flow of each record of a scenario; undefined for garbage. */
function flowsOfRecords({ flows, garbage }: Scenario): (ScenarioFlow | undefined)[] {
  const all: (ScenarioFlow | undefined)[] = [...flows];
  for (const place of garbage) all.splice(place, 0, undefined);
  return all;
}

/** Returns a flow of each pair that ends some hours later; none if batches are reprocessed at once. */
function laterFlows({ flows, redriveAfterHours }: Scenario): ScenarioFlow[] {
  if (redriveAfterHours === 0) return [];
  const pairs = new Map(flows.map((flow) => [`${flow.src}>${flow.dst}`, flow]));
  return [...pairs.values()].map(({ src, dst }, index) => {
    return { src, dst, action: 'ACCEPT', bytes: 40, end: redriveAfterHours * 3600 + index, forged: undefined };
  });
}

/** Returns a record without a flow, which arrives `minute` minutes after all others. */
function quietRecord(minute: number, hours: number): SourceRecord {
  const seconds = begin + hours * 3600 + 12_000 + minute * 60;
  const line = `2 123456789012 eni-0a1b2c3d4e5f60718 - - - - - - - ${seconds - 60} ${seconds} - NODATA`;
  return wrapLines([line], 'json', seconds * 1000)[0]!;
}

function minuteOf({ records }: FirehoseEvent): number {
  const arrivals = records.map(({ approximateArrivalTimestamp }) => approximateArrivalTimestamp);
  return Math.floor(Math.max(...arrivals) / 60_000);
}

function shifted(event: FirehoseEvent, seconds: number): FirehoseEvent {
  const records = event.records.map((record) => ({
    ...record,
    approximateArrivalTimestamp: record.approximateArrivalTimestamp + seconds * 1000,
  }));
  return { ...event, records };
}

/** Checks that each record has exactly one result, and that exactly the garbage of finished batches is unreadable. */
function routingViolations(
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

async function countViolations(flows: readonly ScenarioFlow[], scenario: Scenario, world: World): Promise<string[]> {
  const { pairs } = expectedOf(flows);
  const counters = await world.counters();
  return isWithinBudget(scenario) ? pairViolations(pairs, counters) : totalViolations(pairs, counters);
}

/**
 * @param doubled the ids of alerts that a fault may double
 * @param overflowed the rules that may have had no place in a re-evaluation queue: their alerts may be missing
 */
async function alertViolations(
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
    message.ended === ended ? alertsIn(message).map((alert) => ({ ...alert, rule: message.rule, index })) : [],
  );
  return Map.groupBy(summaries, ({ rule, key }): string => alertKey(rule, key));
}

/** Checks that each resolution notice follows an alert, is sent once, and is sent for the last alert of each key. */
async function resolutionViolations(
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
function limitViolations({ messages: { perBatch, perMinute } }: Scenario, all: readonly Invocation[]): string[] {
  const rounds = all.flatMap((invocation) => invocation.rounds);
  const overMinute = [...Map.groupBy(rounds, ({ minute }) => minute)].flatMap(([minute, ofMinute]) => {
    const sent = ofMinute
      .flatMap(({ messages }) => [...messages.values()])
      .map((rule) => levels.indexOf(levelOf(rule)));
    return levels.flatMap((level, index) => {
      const count = sent.filter((one) => one <= index).length;
      return count > maxMessages(level, perMinute) ? `${count} messages up to level ${level} in minute ${minute}` : [];
    });
  });
  return [
    ...overMinute,
    ...rounds.flatMap(({ messages }) => (messages.size > perBatch ? `${messages.size} messages in a batch` : [])),
  ];
}

/** Checks that no alert was deferred in a minute in which its level and the levels above wanted only their own messages. */
function priorityViolations({ messages: { perBatch, perMinute } }: Scenario, all: readonly Invocation[]): string[] {
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
function overflowedRules({ queueCapacity }: Scenario, all: readonly Invocation[]): ReadonlySet<string> {
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
