import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/assumptions.ts';
import { journalLoadOf, mergedOver, minutesOfFreeze, pageUnits, secondsPerWrite } from '../../../cli/cost/journal.ts';
import { readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { type Usage, usageOf } from '../../../cli/cost/usage.ts';
import { defaultIntakeLimits } from '../../../lambda/journal/intake.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const { machine } = readMeasured();
const usage: Usage = { ...usageOf(settingsShape.parse({})), recordsPerDay: 1, countEvery: 10, countLanes: 16 };
const { journalBytesPerKey: bytesPerKey } = assumed;

describe('journalLoadOf', () => {
  /** Two batches a minute of 16,000 keys: 1,000 in each page; a flush of a lane writes 3,000 keys, in 1.5 chunks. */
  const input = { batchesPerMinute: 2, keysPerBatch: 16_000, keysWrittenPerMinute: 4800 };
  const load = journalLoadOf(input, usage, machine);
  const pageBytes = 120 + 1000 * bytesPerKey;
  const inputBytes = 120 + 20 * 17;
  const chunkBytes = 120 + 2000 * bytesPerKey;

  it('puts a page of a batch into each lane', () => {
    expect(load.pagesPerBatch).toBeCloseTo(16, 9);
    expect(load.pageBytes).toBeCloseTo(pageBytes, 6);
    expect(load.keysPerFlush).toBe(48_000);
  });

  it('writes pages, four states, inputs and chunks, and two markers for each chunk elsewhere', () => {
    const flushUnits = 4 + Math.ceil(inputBytes / 1024) + 1.5 * Math.ceil(chunkBytes / 1024);
    const perMinute = 32 * pageUnits(1000) + 1.6 * flushUnits;
    expect(load.writeUnitsPerSecond * 60).toBeCloseTo(perMinute, 6);
    expect(load.markerUnitsPerSecond * 60).toBeCloseTo(1.6 * 1.5 * 2, 9);
  });

  it('reads the pages of the flush and of 15 minutes before, its inputs and chunks, its state, and the sets of lanes', () => {
    const pages = Math.ceil((2 * 25 * pageBytes) / 4096) / 2;
    const inputs = Math.ceil((4.5 * inputBytes) / 4096);
    const chunks = 1.5 * Math.ceil(chunkBytes / 4096);
    expect(load.readUnitsPerSecond * 60).toBeCloseTo(1.6 * (pages + inputs + chunks + 1) + 1, 6);
  });

  it('stores pages, chunks and inputs until their TTL', () => {
    const perMinute = 32 * pageBytes + 1.6 * (1.5 * chunkBytes + inputBytes);
    expect(load.gigabytes).toBeCloseTo((perMinute * 1440 * assumed.journalDays) / 2 ** 30, 9);
  });

  it('takes the measured time of an update for each key, and the time to merge its deltas', () => {
    const merged = (20_000 * assumed.mergeMicroseconds) / 1e6 / assumed.processorShare;
    expect(load.laneSeconds).toBeCloseTo(3000 * secondsPerWrite(machine) + merged, 9);
    expect(load.functionsAtOnce).toBeCloseTo((16 * load.laneSeconds) / 600, 9);
  });

  it('invokes a function each minute, and 32 when there are 128 lanes', () => {
    expect(load.invocationsPerMinute).toBe(1);
    expect(journalLoadOf(input, { ...usage, countLanes: 128 }, machine).invocationsPerMinute).toBe(32);
  });

  it('freezes more often when a freeze cannot hold the deltas, or the pages, of a flush', () => {
    const { deltas, pages } = defaultIntakeLimits;
    expect(minutesOfFreeze(16_000, 2, usage)).toBe(10);
    expect(minutesOfFreeze(16 * deltas, 0.25, usage)).toBe(4);
    expect(minutesOfFreeze(16, pages / 3, usage)).toBeCloseTo(3, 9);
  });

  it('writes fewer pages than lanes when a batch has few keys', () => {
    const few = journalLoadOf({ ...input, keysPerBatch: 1 }, usage, machine);
    expect(few.pagesPerBatch).toBeCloseTo(1, 9);
    expect(few.pageBytes).toBeCloseTo(120 + bytesPerKey, 6);
  });
});

describe('pageUnits', () => {
  /** The mean of the begun steps of 1 KB over a Poisson distribution, term by term. */
  function meanUnits(keys: number): number {
    let [probability, sum] = [Math.exp(-keys), 0];
    for (let n = 0; n < keys + 50 * Math.sqrt(keys); n += 1) {
      sum += probability * Math.ceil((120 + n * bytesPerKey) / 1024);
      probability *= keys / (n + 1);
    }
    return sum;
  }

  it.each([10, 34, 45, 46, 100, 353])(
    'is close to the mean of a Poisson distribution when a page has %d keys',
    (keys) => {
      expect(Math.abs(pageUnits(keys) / meanUnits(keys) - 1)).toBeLessThan(0.03);
    },
  );

  it('grows with the keys', () => {
    const keys = fc.double({ min: 1, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(keys, fc.double({ min: 0.5, max: 100, noNaN: true }), (few, more) => {
        expect(pageUnits(few + more)).toBeGreaterThanOrEqual(pageUnits(few) * 0.999);
      }),
    );
  });
});

describe('mergedOver', () => {
  const merged = [0.5, 0.3, 0.2] as [number, number, number];

  it('returns the measured numbers at 1, 5 and 15 minutes', () => {
    expect([1, 5, 15].map((minutes) => mergedOver(merged, minutes))).toEqual([
      0.5,
      expect.closeTo(0.3, 9),
      expect.closeTo(0.2, 9),
    ]);
  });

  it('falls between them, as a power of the minutes', () => {
    expect(mergedOver(merged, Math.sqrt(5))).toBeCloseTo(Math.sqrt(0.5 * 0.3), 9);
    expect(mergedOver(merged, Math.sqrt(75))).toBeCloseTo(Math.sqrt(0.3 * 0.2), 9);
  });

  it('returns 0 when a grouping has no such counters', () => {
    expect(mergedOver([0, 0, 0], 7)).toBe(0);
  });
});
