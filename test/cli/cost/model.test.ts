import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/assumptions.ts';
import { billOf } from '../../../cli/cost/bill.ts';
import { type GroupingTraffic, meanTraffic, readMeasured, type Traffic } from '../../../cli/cost/measured-traffic.ts';
import { loadOf, writesPerBatch } from '../../../cli/cost/model.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { capacityOf, savingsOf } from '../../../cli/cost/savings.ts';
import { usageOf as defaultUsageOf, type Usage } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const defaultUsage = defaultUsageOf(settingsShape.parse({}));
const { styles, machine } = readMeasured();
const prices = readPriceList();
const mean = meanTraffic(Object.values(styles));

const noGroups: GroupingTraffic = {
  ...{ touched: 0, ofMinute: 0, present: 0, slots: 0 },
  ...{ mergedAmounts: [0, 0, 0], mergedPresence: [0, 0, 0] },
};

/** Round numbers, so that the expected values can be computed by hand. */
const plain: Traffic = {
  ...{
    records: 1,
    payloadBytes: 256,
    defaultFormatBytes: 128,
    subscriptionBytes: 20,
    decodedBytes: 512,
    storedBytes: 32,
  },
  ...{ pairsTouched: 1, recordsPerPair: 2, mergedPairs: [0.5, 0.3, 0.2], groupings: {}, regionGroupings: {} },
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
    storedItemBytes: 156,
    extraWrites: 0,
    fiveMinuteWrites: 0.5,
    tenMinuteShare: 0.5,
  },
  alerts: 1,
};
const usageOf = (recordsPerDay: number, more: Partial<Usage> = {}): Usage => ({
  ...defaultUsage,
  ...more,
  recordsPerDay,
});
const lineOf = (service: string, item: string, usage: Usage, traffic: Traffic = plain) =>
  billOf(usage, traffic, machine, prices).lines.find((line) => line.service === service && line.item === item)!;

describe('loadOf', () => {
  it('returns one batch of 1,000 records a minute that writes each pair once when a day has 1,440,000 records', () => {
    const load = loadOf(usageOf(1_440_000), plain, machine);
    expect(load).toMatchObject({ batchesPerMinute: 1, recordsPerBatch: 1000, pairWritesPerBatch: 500 });
    expect(load.writeUnitsPerSecond).toBeCloseTo((500 * 1.5 + 2) / 60, 9);
  });

  it('divides batches by the mebibyte when a minute has more records', () => {
    const load = loadOf(usageOf(1440 * 40_960), plain, machine);
    expect(load.batchesPerMinute).toBeCloseTo(10, 9);
    expect(load.recordsPerBatch).toBeCloseTo(4096, 6);
  });

  it('writes a pair 1.9 times a minute, with more tokens, when it has two records in ten batches', () => {
    const load = loadOf(usageOf(1440 * 40_960), plain, machine);
    expect(load.pairWritesPerBatch * 10).toBeCloseTo(20_480 * 1.9, 3);
    expect(load.unitsPerPairWrite).toBeCloseTo(1.5 + (2 * 8 * 0.9) / 1024, 9);
  });

  it('writes a group of amounts like a pair, and a slot of presence once, however many batches see it', () => {
    const groupings = {
      'dstport,srcaddr': { ...noGroups, touched: 1, ofMinute: 0.5 },
      'interface-id': { ...noGroups, present: 1, slots: 0.01 },
    };
    const load = loadOf(usageOf(1440 * 40_960), { ...plain, groupUnits: 1, groupings }, machine);
    const [sweep, presence] = load.groupings;
    expect(sweep).toMatchObject({ groupBy: 'dstport,srcaddr', readUnitsPerSecond: 0 });
    expect(sweep!.writesPerBatch * 10).toBeCloseTo(20_480 * 1.9, 3);
    expect(presence!.writesPerBatch * 10).toBeCloseTo(409.6, 6);
    expect(load.groupWritesPerBatch).toBeCloseTo(sweep!.writesPerBatch + presence!.writesPerBatch, 9);
  });

  it('reads a slot of presence once for each process that sees it', () => {
    const groupings = { 'interface-id': { ...noGroups, present: 1, slots: 0.01 } };
    const at = (recordsPerDay: number) => {
      const load = loadOf(usageOf(recordsPerDay), { ...plain, groupings }, machine);
      const processes = Math.max(1, Math.ceil(assumed.peak * load.functionsAtOnce));
      return { processes, reads: (load.groupings[0]!.readUnitsPerSecond * 86_400 * 2) / (recordsPerDay * 0.01) };
    };
    expect(at(144_000)).toEqual({ processes: 1, reads: expect.closeTo(1, 9) });
    const large = at(1440 * 4_096_000);
    expect(large.processes).toBeGreaterThan(50);
    // Of the hundred records of a slot, some fall to the same process.
    expect(large.reads).toBeGreaterThan(20);
    expect(large.reads).toBeLessThan(Math.min(100, large.processes));
  });

  it('counts eight bytes of each batch of eight minutes in an item when every batch writes it', () => {
    expect(loadOf(usageOf(1440 * 40_960), plain, machine).busiestItemBytes).toBeCloseTo(10 * 8 * 8, 9);
  });

  it('collects five minutes of records in a batch when the buffer waits for 300 s', () => {
    const load = loadOf(usageOf(144_000, { bufferIntervalSeconds: 300 }), plain, machine);
    expect(load.batchesPerMinute).toBeCloseTo(0.2, 9);
    expect(load.recordsPerBatch).toBeCloseTo(500, 9);
    // Fifty pairs a minute; five minutes have half of five times as many.
    expect(load.pairWritesPerBatch).toBeCloseTo(125, 9);
  });

  it('writes no more when the buffer waits for 300 s than for 60 s, and the same when batches are full within a minute', () => {
    const recordsPerDay = fc.integer({ min: 100_000, max: 50_000_000 });
    fc.assert(
      fc.property(recordsPerDay, (records) => {
        const [short, long] = [60, 300].map((bufferIntervalSeconds) =>
          loadOf(usageOf(records, { bufferIntervalSeconds } as Partial<Usage>), mean, machine),
        );
        if (short!.batchesPerMinute > 1) expect(long!.writeUnitsPerSecond).toBe(short!.writeUnitsPerSecond);
        else expect(long!.writeUnitsPerSecond).toBeLessThanOrEqual(short!.writeUnitsPerSecond);
      }),
    );
  });

  it('never has more pairs in a minute than in a day when the pairs are given', () => {
    expect(loadOf(usageOf(1_440_000, { pairsPerDay: 20 }), plain, machine).pairWritesPerBatch).toBe(20);
  });

  it('stores a day of pairs, 30 % more for each further day, and the 100 bytes of DynamoDB for each item', () => {
    const load = loadOf(usageOf(1_000_000, { retentionDays: 31 }), plain, machine);
    expect(load.tableGigabytes).toBeCloseTo((10_000 * 10 * 256) / 2 ** 30, 12);
  });
});

describe('loadOf with a journal', () => {
  /** Ten batches of 4,096 records a minute, one lane, and one record in ten with a group of presence. */
  const journalOf = (more: Partial<Usage> = {}, traffic: Traffic = plain, records = 1440 * 40_960) => {
    const usage = usageOf(records, { counting: 'journal', countEvery: 5, countLanes: 16, ...more });
    return loadOf(usage, traffic, machine);
  };

  it('writes each pair of five minutes once in five minutes, two markers a batch, and two for each chunk', () => {
    const load = journalOf();
    const keys = 40_960 * 5 * 0.3;
    const chunks = keys / 2000;
    expect(load.journal!.keysPerFlush).toBeCloseTo(keys, 3);
    expect(load.writeUnitsPerSecond).toBeCloseTo((keys * 1.5 + 2 * chunks) / 300 + (2 * 10) / 60, 6);
    expect(load.pairWriteUnitsPerSecond).toBeCloseTo((keys * 1.5) / 300, 6);
  });

  it('puts each pair and each group of a batch into a page once, also groups of presence', () => {
    const groupings = { 'interface-id': { ...noGroups, present: 1, mergedPresence: [0.1, 0.05, 0.02] as const } };
    const load = journalOf({}, { ...plain, groupings: groupings as never });
    // Pairs have two records a minute in ten batches, groups have ten.
    const expected = 20_480 * (1 - 0.9 ** 2) + 4096 * (1 - 0.9 ** 10);
    expect(load.journal!.keysPerBatch).toBeCloseTo(expected, 3);
  });

  it('writes a slot of presence once, however many flushes see it', () => {
    const groupings = { 'interface-id': { ...noGroups, present: 1, slots: 0.01, mergedPresence: [0.1, 0.05, 0.004] } };
    const slotsPerMinute = (countEvery: number) => {
      const [group] = journalOf({ countEvery }, { ...plain, groupUnits: 1, groupings: groupings as never }).groupings;
      return group!.writeUnitsPerSecond * 60;
    };
    expect(slotsPerMinute(5)).toBeCloseTo(40_960 * 0.01, 6);
    // In 15 minutes, one write of a group fills more than one slot.
    expect(slotsPerMinute(15)).toBeCloseTo(40_960 * 0.004, 6);
  });

  it('merges the five minutes of a batch when the buffer waits longer than the flush', () => {
    const load = journalOf({ countEvery: 1, bufferIntervalSeconds: 300 }, plain, 144_000);
    expect(load.batchesPerMinute).toBeCloseTo(0.2, 9);
    expect(load.pairWriteUnitsPerSecond).toBeCloseTo((100 * 0.3 * 1.5) / 60, 9);
  });

  it('never writes more pairs in a flush than a day has when the pairs are given', () => {
    expect(journalOf({ pairsPerDay: 20 }).journal!.keysPerFlush).toBeCloseTo(20, 9);
  });

  it('writes less when flushes are rarer, and less than direct counting at large volumes', () => {
    const volumes = fc.double({ min: 1e6, max: 1e11, noNaN: true });
    fc.assert(
      fc.property(volumes, fc.integer({ min: 1, max: 14 }), (records, countEvery) => {
        const units = (more: Partial<Usage>) => {
          const load = loadOf(usageOf(records, more), mean, machine);
          return load.writeUnitsPerSecond + (load.journal?.writeUnitsPerSecond ?? 0);
        };
        const often = units({ counting: 'journal', countEvery });
        expect(units({ counting: 'journal', countEvery: countEvery + 1 })).toBeLessThanOrEqual(often * (1 + 1e-9));
        // A freeze is bounded: from some 20 G a day on, it holds less than a batch has in common with the next.
        const isBounded = records > 1e10;
        if (!isBounded)
          expect(units({ counting: 'journal', countEvery: 15 })).toBeLessThan(units({ counting: 'direct' }));
      }),
    );
  });
});

describe('writesPerBatch', () => {
  const amounts = fc.double({ min: 1, max: 1e9, noNaN: true });

  it('never exceeds the counters or the touches of a batch', () => {
    fc.assert(
      fc.property(amounts, amounts, fc.double({ min: 1, max: 1e5, noNaN: true }), (active, more, batches) => {
        const touches = active * Math.max(1, more / 1e6);
        const writes = writesPerBatch(active, touches, batches);
        expect(writes).toBeLessThanOrEqual(active * (1 + 1e-9));
        expect(writes).toBeLessThanOrEqual((touches / batches) * (1 + 1e-6) + 1e-6);
      }),
    );
  });

  it('returns all counters when a minute is one batch, and 0 when there are no counters', () => {
    expect(writesPerBatch(7, 100, 1)).toBe(7);
    expect(writesPerBatch(0, 0, 3)).toBe(0);
  });
});

describe('billOf', () => {
  const month = 1_000_000 * (730 / 24);

  it('bills flow logs by the byte, and conversion by begun steps of 5 KB', () => {
    const usage = usageOf(1_000_000);
    expect(lineOf('VPC Flow Logs', 'delivery to Firehose', usage).usd).toBeCloseTo(((month * 256) / 2 ** 30) * 0.25, 9);
    expect(lineOf('Firehose', 'conversion to Parquet', usage).usd).toBeCloseTo(((month * 5120) / 2 ** 30) * 0.018, 9);
  });

  it('bills a subscription by its compressed records, in steps of 5 KB each', () => {
    // 500 lines of 20 bytes are 10,000, which are billed as 10,240.
    const usage = usageOf(1_000_000, { wayIn: 'log-group' });
    expect(lineOf('Firehose', 'ingestion', usage).usd).toBeCloseTo((((month / 500) * 10_240) / 2 ** 30) * 0.029, 9);
  });

  it('bills on-demand writes by the unit', () => {
    const units = ((500 * 1.5 + 2) / 60) * 730 * 3600;
    expect(lineOf('DynamoDB', 'writes', usageOf(1_440_000)).usd).toBeCloseTo(units * 6.25e-7, 9);
  });

  it('bills the table of the journal on demand, also when provisionedWrites is set', () => {
    const usage = usageOf(1e8, { counting: 'journal', provisionedWrites: { min: 1, max: 1e6 } });
    const { journal, writeUnitsPerSecond } = loadOf(usage, mean, machine);
    const month = 730 * 3600;
    expect(lineOf('DynamoDB', 'journal writes', usage, mean).usd).toBeCloseTo(
      journal!.writeUnitsPerSecond * month * 6.25e-7,
      6,
    );
    expect(lineOf('DynamoDB', 'journal reads', usage, mean).quantity).toBeCloseTo(
      journal!.readUnitsPerSecond * month,
      3,
    );
    expect(lineOf('DynamoDB', 'journal storage', usage, mean).quantity).toBe(journal!.gigabytes);
    // A flush can wait for capacity: 90 % of it is used.
    expect(lineOf('DynamoDB', 'provisioned writes', usage, mean).quantity).toBeCloseTo(
      (730 * writeUnitsPerSecond) / 0.9,
      6,
    );
  });

  it('bills the invocations and the time of the flushes', () => {
    const [usage, direct] = [usageOf(1e8, { counting: 'journal' }), usageOf(1e8)];
    const load = loadOf(usage, mean, machine);
    const requests = lineOf('Lambda', 'requests', usage, mean).quantity;
    expect(requests).toBeCloseTo(lineOf('Lambda', 'requests', direct, mean).quantity + 730 * 60, 3);
    expect(lineOf('Lambda', 'time', usage, mean).quantity).toBeCloseTo(
      (load.functionsAtOnce + load.journal!.functionsAtOnce) * 730 * 3600,
      3,
    );
  });

  it('has no line of a journal when batches count directly', () => {
    const { lines } = billOf(usageOf(1e8), mean, machine, prices);
    expect(lines.filter(({ item }) => item.startsWith('journal'))).toEqual([]);
  });

  it('bills provisioned reads above a tenth of min when many processes read slots of presence', () => {
    const usage = (max: number) => usageOf(10_000_000_000, { provisionedWrites: { min: 1000, max } });
    const { readUnitsPerSecond } = loadOf(usage(100_000), mean, machine);
    expect(readUnitsPerSecond).toBeGreaterThan(1000);
    const hours = (max: number) => lineOf('DynamoDB', 'provisioned reads', usage(max), mean).quantity;
    expect(hours(100_000)).toBeCloseTo((730 * readUnitsPerSecond) / 0.7, 3);
    expect(hours(1000)).toBe(730 * 1000);
  });

  it('bills provisioned capacity by the hour between min and max, and reads for a tenth of min', () => {
    const units = (500 * 1.5 + 2) / 60 / 0.7;
    const provisioned = (min: number, max: number) => usageOf(1_440_000, { provisionedWrites: { min, max } });
    const writes = (usage: Usage) => lineOf('DynamoDB', 'provisioned writes', usage).usd;
    expect(writes(provisioned(1, 100))).toBeCloseTo(units * 730 * 0.00065, 9);
    expect(writes(provisioned(50, 100))).toBeCloseTo(50 * 730 * 0.00065, 9);
    expect(writes(provisioned(1, 2))).toBeCloseTo(2 * 730 * 0.00065, 9);
    expect(lineOf('DynamoDB', 'provisioned reads', provisioned(50, 100)).usd).toBeCloseTo(5 * 730 * 0.00013, 9);
    expect(lineOf('DynamoDB', 'writes', provisioned(1, 100))).toBeUndefined();
  });

  it('bills the lake by storage class, without cold storage when records expire before', () => {
    const aDay = (10_000_000 * 32 * assumed.parquetShare) / 2 ** 30;
    const usage = usageOf(10_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 400 });
    expect(lineOf('S3', 'standard storage', usage).usd).toBeCloseTo(aDay * 90 * 0.023, 9);
    expect(lineOf('S3', 'cold storage', usage).usd).toBeCloseTo(aDay * 310 * 0.004, 9);
    expect(lineOf('S3', 'transitions', usage).quantity).toBeCloseTo((288 * 730) / 24, 9);
    const short = usageOf(10_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 30 });
    expect(lineOf('S3', 'cold storage', short).usd).toBe(0);
    expect(lineOf('S3', 'transitions', short).usd).toBe(0);
  });

  it('bills at least 90 cold days, and none when the objects are too small for a transition', () => {
    const aDay = (10_000_000 * 32 * assumed.parquetShare) / 2 ** 30;
    const expiringSoon = usageOf(10_000_000, { lakeColdAfterDays: 10, lakeExpireAfterDays: 11 });
    expect(lineOf('S3', 'cold storage', expiringSoon).usd).toBeCloseTo(aDay * 90 * 0.004, 9);
    // 288 objects of 82 KB.
    const small = usageOf(1_000_000, { lakeColdAfterDays: 90, lakeExpireAfterDays: 400 });
    expect(lineOf('S3', 'cold storage', small).usd).toBe(0);
    expect(lineOf('S3', 'standard storage', small).usd).toBeCloseTo((aDay / 10) * 400 * 0.023, 9);
  });

  it('bills the metrics of alerts for an hour of each alert, up to those of all rules', () => {
    const metricsOf = (mailsPerDay: number) =>
      lineOf('CloudWatch', 'metrics', usageOf(1000, { rules: 7, mailsPerDay })).quantity;
    expect(metricsOf(0)).toBe(7);
    // Of 24 alerts a day, each has an hour of three metrics.
    expect(metricsOf(24)).toBeCloseTo(7 + 3, 9);
    expect(metricsOf(10_000)).toBe(7 + 7 + 2);
  });

  it('bills an object every five minutes for each partition', () => {
    const usage = usageOf(1_000_000, { lakePartition: 'vpc', partitions: 3 });
    expect(lineOf('S3', 'requests', usage).quantity).toBeCloseTo((288 * 3 * 730) / 24, 9);
    expect(lineOf('Firehose', 'dynamic partitioning', usage).usd).toBeCloseTo(((month * 512) / 2 ** 30) * 0.02, 9);
  });

  it('bills a key only when the encryption uses a customer-managed key', () => {
    expect(lineOf('KMS', 'key', usageOf(1000))).toBeUndefined();
    expect(lineOf('KMS', 'key', usageOf(1000, { encryption: 'own' })).usd).toBe(1);
  });

  const volumes = fc.double({ min: 1000, max: 1e11, noNaN: true });
  const usd = (usage: Usage) => billOf(usage, mean, machine, prices).usd;

  it('grows with the records when the lake has one storage class', () => {
    const warm = { lakeColdAfterDays: 0 };
    fc.assert(
      fc.property(volumes, fc.double({ min: 1, max: 100, noNaN: true }), (records, times) => {
        expect(usd(usageOf(records * times, warm))).toBeGreaterThanOrEqual(usd(usageOf(records, warm)) * (1 - 1e-9));
      }),
    );
  });

  it('grows with the retention of the lake and of the counters', () => {
    fc.assert(
      fc.property(volumes, fc.integer({ min: 15, max: 3000 }), (records, days) => {
        const less = usageOf(records, { lakeExpireAfterDays: days, retentionDays: days });
        for (const more of [{ lakeExpireAfterDays: days + 1 }, { retentionDays: days + 1 }]) {
          expect(usd({ ...less, ...more })).toBeGreaterThanOrEqual(usd(less) * (1 - 1e-9));
        }
      }),
    );
  });

  it('has more writes, of fewer units each, when there are more pairs', () => {
    fc.assert(
      fc.property(volumes, fc.integer({ min: 1, max: 1e8 }), (records, pairs) => {
        const load = (pairsPerDay: number) => loadOf(usageOf(records, { pairsPerDay }), mean, machine);
        const [less, more] = [load(pairs), load(2 * pairs)];
        expect(more.pairWritesPerBatch).toBeGreaterThanOrEqual(less.pairWritesPerBatch * (1 - 1e-9));
        expect(more.unitsPerPairWrite).toBeLessThanOrEqual(less.unitsPerPairWrite * (1 + 1e-9));
      }),
    );
  });

  it('is the sum of its lines, and no line is negative', () => {
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

describe('capacityOf and savingsOf', () => {
  const bill = billOf(usageOf(1_440_000), plain, machine, prices);

  it('breaks even when an hour of a unit costs as much as its writes on demand', () => {
    const { breakEven } = capacityOf(usageOf(1_440_000), bill, prices);
    expect(breakEven).toBeCloseTo(0.00065 / (3600 * 6.25e-7), 9);
    const atBreakEven = (bill.load.writeUnitsPerSecond / breakEven) * 730 * 0.00065;
    expect(atBreakEven).toBeCloseTo(lineOf('DynamoDB', 'writes', usageOf(1_440_000)).usd, 6);
  });

  it('needs warm throughput only when the load exceeds the units of a new table', () => {
    expect(capacityOf(usageOf(1_440_000), bill, prices).warmUsd).toBe(0);
    const { warmUnits, warmUsd } = capacityOf(usageOf(1e9), billOf(usageOf(1e9), plain, machine, prices), prices);
    expect(warmUsd).toBeCloseTo((warmUnits - assumed.initialWriteUnits) * 0.00065, 9);
  });

  it('lists only changes that save money, the largest saving first', () => {
    fc.assert(
      fc.property(fc.double({ min: 1000, max: 1e11, noNaN: true }), (records) => {
        const all = savingsOf(usageOf(records), mean, machine, prices).map((saving) => saving.usd);
        expect(all).toEqual(all.toSorted((a, b) => b - a));
        expect(all.every((saved) => saved > 0)).toBe(true);
      }),
    );
  });
});
