import { type BillBasis, billOf } from './bill.ts';
import type { Counting } from './counting.ts';
import { capacityOf, monthWith } from './savings.ts';
import type { Usage } from './usage.ts';

/** A way to count, and the bill of the month with it. */
export interface CountingWay extends Counting {
  readonly usd: number;
  /** The bill with the writes of the counters' table reserved for a year. */
  readonly reservedOneYearUsd: number;
  /** Write units of all tables for a thousand records. */
  readonly writeUnits: number;
  /** An alert comes at most this much later than with direct counting. */
  readonly alertDelayMinutes: number;
  /** The duration of a flush of one lane; 0 with direct counting. */
  readonly laneSeconds: number;
}

/** The ways to count, and the recommended one. */
export interface CountingAdvice {
  readonly ways: readonly CountingWay[];
  readonly recommended: CountingWay;
  /** Records a day from which a journal costs less, and saves what its delay is worth; undefined if none does. */
  readonly cheaperFrom: number | undefined;
  readonly recommendedFrom: number | undefined;
}

/** The saving of a month in US dollars from which a journal is recommended: see docs/decisions/0037-direct-counting-below-seven-million-records.md. */
export const worthwhileUsd = 50;

const fewLanes = 16;
const manyLanes = 128;
/** The timeout of the function that flushes, in seconds. */
export const flushTimeout = 300;
/** A lane whose flush takes longer needs to be divided. */
const maxLaneSeconds = flushTimeout / 2;
/** The intervals that are compared. */
const intervals = [5, 15] as const;

/**
 * Compares the ways to count for one volume. The settings of the usage other than the way to count stay. A journal is
 * not recommended if the function cannot flush one of its lanes.
 */
export function countingAdviceOf(...basis: BillBasis): CountingAdvice {
  const [usage, ...others] = basis;
  const at = (recordsPerDay: number, countEvery: number) =>
    wayOf({ ...usage, recordsPerDay, counting: 'journal', countEvery, countLanes: fewLanes }, others);
  const directAt = (recordsPerDay: number) => wayOf({ ...usage, recordsPerDay, counting: 'direct' }, others);
  const direct = directAt(usage.recordsPerDay);
  const journals = intervals.map((countEvery) => at(usage.recordsPerDay, countEvery));
  const savingAt = (recordsPerDay: number) =>
    directAt(recordsPerDay).usd - Math.min(...intervals.map((countEvery) => at(recordsPerDay, countEvery).usd));
  const possible = journals.filter(({ laneSeconds }) => laneSeconds <= flushTimeout);
  return {
    ways: [direct, ...journals],
    recommended: possible.reduce((best, way) => (best.usd - way.usd >= worthwhileUsd ? way : best), direct),
    cheaperFrom: leastVolume((recordsPerDay) => savingAt(recordsPerDay) > 0),
    recommendedFrom: leastVolume((recordsPerDay) => savingAt(recordsPerDay) >= worthwhileUsd),
  };
}

type Others = BillBasis extends readonly [unknown, ...infer Rest] ? Rest : never;

/** Returns the bill with a way to count; a journal has more lanes if a flush of one lane would take too long. */
function wayOf(usage: Usage, others: Others): CountingWay {
  const bill = billOf(usage, ...others);
  const { journal, writeUnitsPerSecond } = bill.load;
  if (journal && usage.countLanes === fewLanes && journal.laneSeconds > maxLaneSeconds)
    return wayOf({ ...usage, countLanes: manyLanes }, others);
  const { counting, countEvery, countLanes, recordsPerDay } = usage;
  const unitsPerSecond = writeUnitsPerSecond + (journal?.writeUnitsPerSecond ?? 0);
  const [, , prices] = others;
  return {
    counting,
    countEvery,
    countLanes,
    usd: bill.usd,
    reservedOneYearUsd: monthWith(bill, capacityOf(usage, bill, prices).reservedOneYearUsd),
    writeUnits: (unitsPerSecond * 86_400 * 1000) / recordsPerDay,
    // A flush begins within a minute after it is due.
    alertDelayMinutes: journal ? countEvery + 1 : 0,
    laneSeconds: journal?.laneSeconds ?? 0,
  };
}

/** Returns the least records a day from which a condition holds, to two digits; undefined if it holds nowhere. */
function leastVolume(holds: (recordsPerDay: number) => boolean): number | undefined {
  let [low, high] = [3, 13];
  if (!holds(10 ** high)) return undefined;
  while (high - low > 0.002) {
    const middle = (low + high) / 2;
    if (holds(10 ** middle)) high = middle;
    else low = middle;
  }
  return Number((10 ** high).toPrecision(2));
}
