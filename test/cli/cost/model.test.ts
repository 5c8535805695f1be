import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Traffic } from '../../../cli/cost/measured-traffic.ts';
import { meanTraffic, readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { assumed, billOf, loadOf, type Usage, writesPerBatch } from '../../../cli/cost/model.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { capacityOf, savingsOf } from '../../../cli/cost/savings.ts';
import { usageOf as usualOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const usual = usualOf(settingsShape.parse({}));
const { styles, machine } = readMeasured();
const prices = readPriceList();
const mean = meanTraffic(Object.values(styles));

/** Numbers to reckon with by hand. */
const plain: Traffic = {
  ...{
    records: 1,
    payloadBytes: 256,
    defaultFormatBytes: 128,
    subscriptionBytes: 20,
    decodedBytes: 512,
    storedBytes: 32,
  },
  ...{ pairsTouched: 1, groupsTouched: 0, recordsPerPair: 2, recordsPerGroup: Number.POSITIVE_INFINITY },
  ...{
    pairsPerRecord: 0.01,
    groupsPerRecord: 0,
    pairItemBytes: 1000,
    pairUnits: 1.5,
    groupItemBytes: 0,
    groupUnits: 0,
  },
  ...{
    barePairUnits: 1,
    keptItemBytes: 156,
    moreWrites: 0,
    fiveMinuteWrites: 0.5,
    tenMinuteShare: 0.5,
  },
  alerts: 1,
};
const usageOf = (recordsPerDay: number, more: Partial<Usage> = {}): Usage => ({
  ...usual,
  ...more,
  recordsPerDay,
});
const lineOf = (service: string, item: string, usage: Usage, traffic: Traffic = plain) =>
  billOf(usage, traffic, machine, prices).lines.find((line) => line.service === service && line.item === item)!;

describe('the load', () => {
  it('of 1,440,000 records a day is a batch a minute of 1,000, which writes each pair once', () => {
    const load = loadOf(usageOf(1_440_000), plain, machine);
    expect(load).toMatchObject({ batchesPerMinute: 1, recordsPerBatch: 1000, pairWritesPerBatch: 500 });
    expect(load.writeUnitsPerSecond).toBeCloseTo((500 * 1.5 + 2) / 60, 9);
  });

  it('is cut by the mebibyte: 4,096 records of 256 bytes', () => {
    const load = loadOf(usageOf(1440 * 40_960), plain, machine);
    expect(load.batchesPerMinute).toBeCloseTo(10, 9);
    expect(load.recordsPerBatch).toBeCloseTo(4096, 6);
  });

  it('writes a pair with two records in a minute of ten batches 1.9 times in the mean, each time with more tokens', () => {
    const load = loadOf(usageOf(1440 * 40_960), plain, machine);
    expect(load.pairWritesPerBatch * 10).toBeCloseTo(20_480 * 1.9, 3);
    expect(load.unitsPerPairWrite).toBeCloseTo(1.5 + (2 * 8 * 0.9) / 1024, 9);
  });

  it('has eight bytes of each batch of eight minutes at most in an item that every batch writes', () => {
    expect(loadOf(usageOf(1440 * 40_960), plain, machine).busiestItemBytes).toBeCloseTo(10 * 8 * 8, 9);
  });

  it('has five minutes of records in a batch where the buffer waits so long', () => {
    const load = loadOf(usageOf(144_000, { bufferSeconds: 300 }), plain, machine);
    expect(load.batchesPerMinute).toBeCloseTo(0.2, 9);
    expect(load.recordsPerBatch).toBeCloseTo(500, 9);
    // Fifty pairs a minute, of which five minutes have half of five times as many.
    expect(load.pairWritesPerBatch).toBeCloseTo(125, 9);
  });

  it('never has more pairs in a minute than there are in a day', () => {
    expect(loadOf(usageOf(1_440_000, { pairsPerDay: 20 }), plain, machine).pairWritesPerBatch).toBe(20);
  });

  it('keeps the pairs of a day, and three in ten of each day more, with the 100 bytes that DynamoDB adds', () => {
    const load = loadOf(usageOf(1_000_000, { retentionDays: 31 }), plain, machine);
    expect(load.tableGigabytes).toBeCloseTo((10_000 * 10 * 256) / 2 ** 30, 12);
  });
});

describe('writesPerBatch', () => {
  const amounts = fc.double({ min: 1, max: 1e9, noNaN: true });

  it('is neither more than there are counters nor more than there are touches', () => {
    fc.assert(
      fc.property(amounts, amounts, fc.double({ min: 1, max: 1e5, noNaN: true }), (active, more, batches) => {
        const touches = active * Math.max(1, more / 1e6);
        const writes = writesPerBatch(active, touches, batches);
        expect(writes).toBeLessThanOrEqual(active * (1 + 1e-9));
        expect(writes).toBeLessThanOrEqual((touches / batches) * (1 + 1e-6) + 1e-6);
      }),
    );
  });

  it('writes all of them where a minute is one batch, and none where there are none', () => {
    expect(writesPerBatch(7, 100, 1)).toBe(7);
    expect(writesPerBatch(0, 0, 3)).toBe(0);
  });
});

describe('the bill', () => {
  const month = 1_000_000 * (730 / 24);

  it('has flow logs by the byte, and conversion by begun steps of 5 KB', () => {
    const usage = usageOf(1_000_000);
    expect(lineOf('VPC Flow Logs', 'delivery to Firehose', usage).usd).toBeCloseTo(((month * 256) / 2 ** 30) * 0.25, 9);
    expect(lineOf('Firehose', 'conversion to Parquet', usage).usd).toBeCloseTo(((month * 5120) / 2 ** 30) * 0.018, 9);
  });

  it('has a subscription by its compressed records, in steps of 5 KB each', () => {
    // 500 lines of 20 bytes are 10,000, which are billed as 10,240.
    const usage = usageOf(1_000_000, { wayIn: 'log-group' });
    expect(lineOf('Firehose', 'ingestion', usage).usd).toBeCloseTo((((month / 500) * 10_240) / 2 ** 30) * 0.029, 9);
  });

  it('has writes by the unit, on demand', () => {
    const units = ((500 * 1.5 + 2) / 60) * 730 * 3600;
    expect(lineOf('DynamoDB', 'writes', usageOf(1_440_000)).usd).toBeCloseTo(units * 6.25e-7, 9);
  });

  it('has capacity that is bought ahead by the hour, between the least and the most, and a tenth of the least for reads', () => {
    const units = (500 * 1.5 + 2) / 60 / 0.7;
    const bought = (min: number, max: number) => usageOf(1_440_000, { provisionedWrites: { min, max } });
    const writes = (usage: Usage) => lineOf('DynamoDB', 'writes, bought ahead', usage).usd;
    expect(writes(bought(1, 100))).toBeCloseTo(units * 730 * 0.00065, 9);
    expect(writes(bought(50, 100))).toBeCloseTo(50 * 730 * 0.00065, 9);
    expect(writes(bought(1, 2))).toBeCloseTo(2 * 730 * 0.00065, 9);
    expect(lineOf('DynamoDB', 'reads, bought ahead', bought(50, 100)).usd).toBeCloseTo(5 * 730 * 0.00013, 9);
    expect(lineOf('DynamoDB', 'writes', bought(1, 100))).toBeUndefined();
  });

  it('has the lake by class: warm until it is cold, and nothing cold where it expires before', () => {
    const aDay = (10_000_000 * 32) / 2 ** 30;
    const usage = usageOf(10_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 400 });
    expect(lineOf('S3', 'standard storage', usage).usd).toBeCloseTo(aDay * 90 * 0.023, 9);
    expect(lineOf('S3', 'cold storage', usage).usd).toBeCloseTo(aDay * 310 * 0.004, 9);
    expect(lineOf('S3', 'transitions', usage).quantity).toBeCloseTo((288 * 730) / 24, 9);
    const short = usageOf(10_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 30 });
    expect(lineOf('S3', 'cold storage', short).usd).toBe(0);
    expect(lineOf('S3', 'transitions', short).usd).toBe(0);
  });

  it('has 90 cold days at least, and none of objects that S3 leaves where they are for being small', () => {
    const aDay = (10_000_000 * 32) / 2 ** 30;
    const soonGone = usageOf(10_000_000, { lakeColdAfterDays: 10, lakeExpireAfterDays: 11 });
    expect(lineOf('S3', 'cold storage', soonGone).usd).toBeCloseTo(aDay * 90 * 0.004, 9);
    // 288 objects of 111 KB.
    const small = usageOf(1_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 400 });
    expect(lineOf('S3', 'cold storage', small).usd).toBe(0);
    expect(lineOf('S3', 'standard storage', small).usd).toBeCloseTo((aDay / 10) * 400 * 0.023, 9);
  });

  it('has the metrics of each batch and one for each rule', () => {
    expect(lineOf('CloudWatch', 'metrics', usageOf(1000, { rules: 7 })).usd).toBeCloseTo((15 + 7) * 0.3, 9);
  });

  it('has an object every five minutes for each partition', () => {
    const usage = usageOf(1_000_000, { lakePartition: 'vpc', partitions: 3 });
    expect(lineOf('S3', 'requests', usage).quantity).toBeCloseTo((288 * 3 * 730) / 24, 9);
    expect(lineOf('Firehose', 'dynamic partitioning', usage).usd).toBeCloseTo(((month * 512) / 2 ** 30) * 0.02, 9);
  });

  it('has an own key only where there is one', () => {
    expect(lineOf('KMS', 'key', usageOf(1000))).toBeUndefined();
    expect(lineOf('KMS', 'key', usageOf(1000, { encryption: 'own' })).usd).toBe(1);
  });

  const volumes = fc.double({ min: 1000, max: 1e11, noNaN: true });
  const usd = (usage: Usage) => billOf(usage, mean, machine, prices).usd;

  it('grows with the records, in one class of the lake: larger objects may go to a cheaper one', () => {
    const warm = { lakeColdAfterDays: 0 };
    fc.assert(
      fc.property(volumes, fc.double({ min: 1, max: 100, noNaN: true }), (records, times) => {
        expect(usd(usageOf(records * times, warm))).toBeGreaterThanOrEqual(usd(usageOf(records, warm)) * (1 - 1e-9));
      }),
    );
  });

  it('grows with the days of the lake and of the counters', () => {
    fc.assert(
      fc.property(volumes, fc.integer({ min: 15, max: 3000 }), (records, days) => {
        const less = usageOf(records, { lakeExpireAfterDays: days, retentionDays: days });
        for (const more of [{ lakeExpireAfterDays: days + 1 }, { retentionDays: days + 1 }]) {
          expect(usd({ ...less, ...more })).toBeGreaterThanOrEqual(usd(less) * (1 - 1e-9));
        }
      }),
    );
  });

  it('has more writes for more pairs; what each takes may be less, since fewer batches share an item', () => {
    fc.assert(
      fc.property(volumes, fc.integer({ min: 1, max: 1e8 }), (records, pairs) => {
        const load = (pairsPerDay: number) => loadOf(usageOf(records, { pairsPerDay }), mean, machine);
        const [less, more] = [load(pairs), load(2 * pairs)];
        expect(more.pairWritesPerBatch).toBeGreaterThanOrEqual(less.pairWritesPerBatch * (1 - 1e-9));
        expect(more.unitsPerPairWrite).toBeLessThanOrEqual(less.unitsPerPairWrite * (1 + 1e-9));
      }),
    );
  });

  it('is the sum of its lines, none of which is below zero', () => {
    fc.assert(
      fc.property(volumes, (records) => {
        const bill = billOf(usageOf(records), mean, machine, prices);
        expect(bill.lines.every((line) => line.usd >= 0)).toBe(true);
        expect(bill.usd).toBeCloseTo(
          bill.lines.reduce((sum, line) => sum + line.usd, 0),
          6,
        );
      }),
    );
  });
});

describe('capacity and savings', () => {
  const bill = billOf(usageOf(1_440_000), plain, machine, prices);

  it('breaks even where an hour of a unit costs what it would write on demand', () => {
    const { breakEven } = capacityOf(bill, prices);
    expect(breakEven).toBeCloseTo(0.00065 / (3600 * 6.25e-7), 9);
    const atBreakEven = (bill.load.writeUnitsPerSecond / breakEven) * 730 * 0.00065;
    expect(atBreakEven).toBeCloseTo(lineOf('DynamoDB', 'writes', usageOf(1_440_000)).usd, 6);
  });

  it('wants warm throughput only for what a new table does not take', () => {
    expect(capacityOf(bill, prices).warmUsd).toBe(0);
    const { warmUnits, warmUsd } = capacityOf(billOf(usageOf(1e9), plain, machine, prices), prices);
    expect(warmUsd).toBeCloseTo((warmUnits - assumed.initialWriteUnits) * 0.00065, 9);
  });

  it('names only what saves something, the most first', () => {
    fc.assert(
      fc.property(fc.double({ min: 1000, max: 1e11, noNaN: true }), (records) => {
        const all = savingsOf(usageOf(records), mean, machine, prices).map((saving) => saving.usd);
        expect(all).toEqual(all.toSorted((a, b) => b - a));
        expect(all.every((saved) => saved > 0)).toBe(true);
      }),
    );
  });
});
