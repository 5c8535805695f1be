import fc from 'fast-check';
import type { Pace } from './simulated-clock.ts';

/** A finding of a schedule: what all its states have. */
export interface PlannedFinding {
  /** Whether GuardDuty found it in other data than flow logs. */
  readonly isIndependent: boolean;
  /** Whether it names the interface of all flows, or another one. */
  readonly isOfHost: boolean;
  /** The severities of its states, the first to the last. */
  readonly severities: readonly number[];
}

/** An event of a schedule: a state of a finding by their positions, or a change by its number. */
export type PlannedEvent = { readonly finding: number; readonly state: number } | { readonly change: number };

/** A delivery of an event to the function that stores context. */
export interface ContextStart {
  /** The number of calls before the delivery. */
  readonly call: number;
  readonly event: PlannedEvent;
  /** The seconds that pass before a delivery after all batches. */
  readonly wait: number;
}

/** The random decisions of a run with context events. */
export interface ContextSchedule {
  /** Of a run without a journal; with one, the clock moves as the journal's schedule says. */
  readonly pace: Pace;
  readonly findings: readonly PlannedFinding[];
  /** In any order, doubled, before and after the batches whose alerts they concern. */
  readonly starts: readonly ContextStart[];
  /** The calls in which the context table refuses all requests of the functions that alert. */
  readonly refusals: { readonly from: number; readonly calls: number };
}

/** The number of changes, and of the states of a finding at most. */
const changes = 2;
const maxStates = 3;

/** Below medium, medium, high. */
const severity = fc.constantFrom(2, 5, 8);

/** Generates schedules for runs of about twice as many calls. */
export function anyContextSchedule(calls: number): fc.Arbitrary<ContextSchedule> {
  const finding = fc.record({
    isIndependent: fc.boolean(),
    isOfHost: fc.constantFrom(true, true, true, false),
    severities: fc.array(severity, { minLength: 1, maxLength: maxStates }),
  });
  const jump = fc.record({ call: fc.nat(calls), seconds: fc.constantFrom(200, 310, 910, 1000) });
  return fc
    .record({
      pace: fc.record({
        secondsPerCall: fc.constantFrom(0, 1, 5),
        jumps: fc.array(jump, { maxLength: 5, size: 'max' }),
      }),
      findings: fc.array(finding, { minLength: 1, maxLength: 5 }),
      starts: fc.array(
        fc.record({
          call: fc.oneof({ weight: 2, arbitrary: fc.nat(calls) }, { weight: 1, arbitrary: fc.constant(1e9) }),
          wait: fc.constantFrom(0, 310, 950),
          finding: fc.nat(4),
          state: fc.nat(maxStates - 1),
          change: fc.constantFrom(undefined, undefined, undefined, 0, changes - 1),
          copies: fc.constantFrom(1, 1, 2),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      refusals: fc.record({ from: fc.constantFrom(0, 0, 20, 50), calls: fc.constantFrom(0, 0, 0, 40, 1e9) }),
    })
    .map(({ starts, findings, ...schedule }) => ({
      ...schedule,
      findings,
      starts: starts.flatMap(({ call, wait, copies, change, ...state }): ContextStart[] => {
        const number = state.finding % findings.length;
        const { severities } = findings[number]!;
        const event = change === undefined ? { finding: number, state: state.state % severities.length } : { change };
        return Array.from({ length: copies }, () => ({ call, wait, event }));
      }),
    }));
}
