import fc from 'fast-check';
import type { FreezeLimits } from '../../lambda/flush/freeze-lane.ts';
import type { Pace } from './simulated-clock.ts';

/** How a process counts: directly, or by pages in the smaller or the larger set of lanes of a world. */
const waysToCount = ['direct', 'few lanes', 'many lanes'] as const;
export type WayToCount = (typeof waysToCount)[number];

/** The start of a flush. */
export interface FlushStart {
  /** The number of calls before the start. */
  readonly call: number;
  /** The flush process: 0 or 1. */
  readonly process: number;
  /** The lanes: all, or those with an even or odd number. */
  readonly index: number;
  readonly processes: number;
  /** Whether the lanes are flushed however recent the last flush is. */
  readonly isForced: boolean;
}

/** The random decisions of a run with a journal. */
export interface JournalSchedule extends Pace {
  /** The way to count of each process that takes batches. */
  readonly ways: readonly WayToCount[];
  /** From this call on, all processes are of another version: the rules are in the reverse order. */
  readonly deploy: { readonly call: number; readonly ways: readonly WayToCount[] };
  readonly flushes: readonly FlushStart[];
  /** Whether the larger set of lanes has 128 over HTTP, which takes seconds; otherwise both sets are the same. */
  readonly isWide: boolean;
  /** Only of the world in memory. */
  readonly limits: FreezeLimits;
  /** The skews of the clocks in seconds: of the processes that take batches, then of those that flush. */
  readonly skews: readonly number[];
  /** The calls at which the sums of items, chunks and pages are compared with the batches; only in memory. */
  readonly looks: readonly number[];
}

/** The most that a clock may be wrong: lambda/journal/journal.ts has the margins. */
const maxSkew = 240;

const ways = fc.array(fc.constantFrom<WayToCount>('direct', 'few lanes', 'few lanes', 'many lanes'), {
  minLength: 3,
  maxLength: 3,
});

/** Generates schedules for runs of about `calls` calls. */
export function anyJournalSchedule(calls: number): fc.Arbitrary<JournalSchedule> {
  const start = fc.record({
    call: fc.nat(calls),
    process: fc.nat(1),
    share: fc.constantFrom(
      { index: 0, processes: 1 },
      { index: 0, processes: 1 },
      { index: 0, processes: 2 },
      { index: 1, processes: 2 },
    ),
    isForced: fc.constantFrom(true, true, false),
    isTwice: fc.constantFrom(false, false, true),
  });
  const flushes = fc.array(start, { maxLength: 8, size: 'max' }).map((all) =>
    all.flatMap(({ share, isTwice, ...one }): FlushStart[] => {
      const first = { ...one, ...share };
      return isTwice ? [first, { ...first, process: 1 - first.process }] : [first];
    }),
  );
  const jump = fc.record({
    call: fc.nat(calls),
    seconds: fc.oneof(
      fc.integer({ min: 66 * 60, max: 110 * 60 }),
      fc.constantFrom(400, 800, 1000, 3000, 86_400, 4 * 86_400),
    ),
  });
  const skew = fc.oneof(fc.constantFrom(0, -maxSkew, maxSkew), fc.integer({ min: -maxSkew, max: maxSkew }));
  return fc.record({
    ways,
    deploy: fc.record({ call: fc.constantFrom(1e9, calls / 4, calls / 2, (3 * calls) / 4).map(Math.floor), ways }),
    flushes,
    isWide: fc.constantFrom(false, false, false, false, true),
    limits: fc.constantFrom(
      { deltas: 1, pages: 1, chunkDeltas: 1 },
      { deltas: 4, pages: 2, chunkDeltas: 2 },
      { deltas: 1000, pages: 1000, chunkDeltas: 3 },
      { deltas: 1000, pages: 1000, chunkDeltas: 1000 },
    ),
    secondsPerCall: fc.constantFrom(0, 1, 4, 15),
    skews: fc.oneof(fc.constant([0, 0, 0, 0, 0]), fc.array(skew, { minLength: 5, maxLength: 5 })),
    jumps: fc.array(jump, { maxLength: 3 }),
    looks: fc.array(fc.nat(calls), { maxLength: 3 }),
  });
}
