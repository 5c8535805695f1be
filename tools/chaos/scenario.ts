import fc from 'fast-check';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { anyContextSchedule, type ContextSchedule } from './context-schedule.ts';
import type { CountingOption } from './counting-option.ts';
import { type Fault, faultKinds, type Outage } from './faults.ts';
import { anyJournalSchedule, type JournalSchedule } from './journal-schedule.ts';

/** The beginning of every scenario in epoch seconds: 2026-11-24 09:00:00 UTC. */
export const begin = 1_795_510_800;

/** One flow of a scenario; hosts are numbers. */
export interface ScenarioFlow {
  readonly src: number;
  readonly dst: number;
  readonly action: 'ACCEPT' | 'REJECT';
  readonly bytes: number;
  /** The end in seconds after the beginning. The place in the stream decides when the record arrives, late or not. */
  readonly end: number;
  /** The name of the forged times of the line; undefined if the line has the true times. */
  readonly forged: string | undefined;
}

/** The arrival of the first record, in epoch seconds; the others follow in intervals of ten seconds. */
export const firstArrival = begin + 7800;

/** Forged times of lines, in epoch seconds. A line without a forged end ends at its true time, which is plausible. */
export const forgedTimes: Readonly<Record<string, { readonly start?: number; readonly end?: number }>> = {
  startIn1970: { start: 1 },
  endIn1970: { start: 1, end: 61 },
  endIn2038: { end: 2_147_483_647 },
  endIn2255: { start: 9_000_000_000, end: 9_000_000_060 },
  threeDaysAgo: { start: begin - 259_260, end: begin - 259_200 },
  tomorrow: { start: firstArrival, end: firstArrival + 86_000 },
};

/** A stream of records and its faults. All random decisions are in here, so that a failure can be printed and shrunk. */
export interface Scenario {
  readonly flows: readonly ScenarioFlow[];
  /** The positions of unreadable records in the stream. */
  readonly garbage: readonly number[];
  readonly recordsPerBatch: number;
  readonly concurrency: number;
  readonly idsOnRetry: 'same' | 'new';
  /** The change of the time of arrival when a batch is retried, in seconds. */
  readonly skewOnRetry: number;
  readonly faults: readonly Fault[];
  readonly outage: Outage;
  /** The numbers of the batches that are delivered a second time after all others. */
  readonly deliveredAgain: readonly number[];
  /** The limits of alert messages. */
  readonly messages: MessageLimits;
  /** Hours until the batches that Firehose gave up are reprocessed; each pair has another flow before, unless 0. */
  readonly redriveAfterHours: number;
  /** The capacity of each re-evaluation queue, in entries; only of the world in memory. */
  readonly queueCapacity: number;
  /** The seconds between the arrivals of two records. */
  readonly recordSeconds: number;
  /** The budget of refused pairs; a tiny one makes batches count such pairs together. */
  readonly refusedPairsPerMinute: number;
  /** How the journal is used; undefined if every batch is counted directly. */
  readonly journal: JournalSchedule | undefined;
  /** The context events; undefined without a table of them. Only of the world in memory. */
  readonly context?: ContextSchedule;
}

/** The number of the host that is inside the monitored networks: see rules.ts. All other sources are outside. */
export const insideHost = 0;

/** Returns whether a scenario never exceeds its budget of refused pairs. */
export function isWithinBudget({ refusedPairsPerMinute }: Pick<Scenario, 'refusedPairsPerMinute'>): boolean {
  return refusedPairsPerMinute >= ampleBudget;
}

const ampleBudget = 1_000_000;

/** Few hosts, so that pairs repeat; times span more than a window, and stay within the retention for late records. */
const flow: fc.Arbitrary<ScenarioFlow> = fc.record({
  src: fc.nat(2),
  dst: fc.nat(4),
  action: fc.constantFrom('ACCEPT', 'REJECT'),
  bytes: fc.constantFrom(0, 40, 500, 1500),
  end: fc.oneof(fc.nat(600), fc.nat(4500)),
  forged: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(forgedTimes)) },
  ),
});

const fault = (calls: number): fc.Arbitrary<Fault> =>
  fc.record({ call: fc.nat(calls), kind: fc.constantFrom(...faultKinds), delay: fc.nat(30) });

/** The first of the hosts that only make noise. */
const firstNoiseHost = 3;

/**
 * Generates noise: many sources with the rejects that raise one alert each, of a level below most other rules. Hosts have
 * one digit, so that all records have the same length.
 */
const noise: fc.Arbitrary<ScenarioFlow[]> = fc
  .record({ sources: fc.constantFrom(0, 0, 3, 7), end: fc.nat(600) })
  .map(({ sources, end }) =>
    Array.from({ length: 3 * sources }, (_, n) => ({
      ...{ src: firstNoiseHost + Math.floor(n / 3), dst: 0, end },
      ...{ action: 'REJECT' as const, bytes: 40, forged: undefined },
    })),
  );

/** Generates scenarios with up to `maxFlows` flows, and noise before, between or after them. */
export function anyScenario(maxFlows: number, counting: CountingOption = 'both'): fc.Arbitrary<Scenario> {
  const calls = 6 * maxFlows;
  const direct = scenarioWith(maxFlows, calls, fc.constant(undefined));
  // A flush makes more calls than a batch.
  const journal = scenarioWith(maxFlows, 2 * calls, anyJournalSchedule(2 * calls));
  if (counting === 'direct') return direct;
  return counting === 'journal' ? journal : fc.oneof(direct, journal);
}

function scenarioWith(
  maxFlows: number,
  calls: number,
  journal: fc.Arbitrary<JournalSchedule | undefined>,
): fc.Arbitrary<Scenario> {
  const flows = fc.array(flow, { minLength: 1, maxLength: maxFlows, size: 'max' });
  return fc.record({
    flows: fc
      .tuple(flows, noise, fc.nat(maxFlows))
      .map(([all, noisy, at]) => [...all.slice(0, at), ...noisy, ...all.slice(at)]),
    garbage: fc.uniqueArray(fc.nat(maxFlows), { maxLength: 2 }),
    recordsPerBatch: fc.integer({ min: 1, max: Math.ceil(maxFlows / 3) }),
    concurrency: fc.constantFrom(1, 2, 4, 16),
    idsOnRetry: fc.constantFrom('same', 'new'),
    skewOnRetry: fc.constantFrom(0, 0, -300, 60, 900, 3000),
    faults: fc.array(fault(calls), { maxLength: Math.ceil(maxFlows / 2), size: 'max' }),
    outage: fc.record({ from: fc.nat(Math.floor((calls * 2) / 3)), calls: fc.constantFrom(0, 0, 10, 20, 60) }),
    deliveredAgain: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
    redriveAfterHours: fc.constantFrom(0, 0, 0, 3),
    messages: fc.record({ perBatch: fc.constantFrom(1000, 1000, 2), perMinute: fc.constantFrom(1000, 9, 6, 5) }),
    queueCapacity: fc.constantFrom(900, 900, 4),
    recordSeconds: fc.constantFrom(10, 1),
    refusedPairsPerMinute: fc.constantFrom(ampleBudget, ampleBudget, 1, 3),
    journal,
  });
}

/** Adds context events to scenarios, and faults at the calls that these make. */
export function withContextEvents(scenarios: fc.Arbitrary<Scenario>, maxFlows: number): fc.Arbitrary<Scenario> {
  const calls = 24 * maxFlows;
  const fault: fc.Arbitrary<Fault> = fc.record({
    call: fc.nat(calls),
    kind: fc.constantFrom(...faultKinds),
    delay: fc.nat(30),
  });
  return fc
    .tuple(scenarios, anyContextSchedule(12 * maxFlows), fc.array(fault, { maxLength: maxFlows, size: 'max' }))
    .map(([scenario, context, faults]) => ({ ...scenario, context, faults: [...scenario.faults, ...faults] }));
}
