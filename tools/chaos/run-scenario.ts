import { type ErrorRecord, type FirehoseOutput, runFirehose } from '../../emulators/firehose.ts';
import { type FirehoseEvent, type SourceRecord, wrapLines } from '../../emulators/firehose-event.ts';
import { abandonedAfterSeconds } from '../../lambda/counters/alert-record.ts';
import { ContextActors } from './context-actors.ts';
import { contextViolations } from './context-violations.ts';
import { FaultPlan, Invocation } from './faults.ts';
import { FlushActors } from './flush-actors.ts';
import { addTotals, type Totals } from './journal-balance.ts';
import { flowSeconds } from './oracle.ts';
import { begin, firstArrival, forgedTimes, isWithinBudget, type Scenario, type ScenarioFlow } from './scenario.ts';
import { type Pace, SimulatedClock } from './simulated-clock.ts';
import {
  alertViolations,
  countViolations,
  hostOf,
  limitViolations,
  overflowedRules,
  pairKey,
  priorityViolations,
  resolutionViolations,
  routingViolations,
} from './violations.ts';
import { leaseSeconds, processes, type World } from './world.ts';

/** The result of a run: the violations, and the numbers of calls, invocations and alerts. */
export interface Outcome {
  /** The differences from the expected result; empty without a difference. */
  readonly violations: string[];
  readonly calls: number;
  readonly invocations: number;
  readonly alerts: number;
}

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
  const clock = new SimulatedClock(firstArrival, scenario.journal ?? scenario.context?.pace ?? stillClock);
  const plan = new FaultPlan(scenario.faults, scenario.outage, pause, clock);
  const flushes = new FlushActors(world, plan, scenario.journal?.flushes ?? []);
  const contexts = new ContextActors(world, plan, scenario.context);
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
      contexts.startDue(calls);
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
  await contexts.finish();
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
    await contexts.follow();
    if (scenario.journal) await flushes.follow(minute === 0);
    await runFirehose([quietRecord(minute, scenario.redriveAfterHours)], invoke, outputAgain, options);
  }
  const unfollowed = await contexts.drain();
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
    ...limitViolations(scenario, everyone, contexts.invocations),
    ...priorityViolations(scenario, [...everyone, ...contexts.invocations]),
    ...(await contextViolations(scenario, world, contexts)),
    ...unfollowed,
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
