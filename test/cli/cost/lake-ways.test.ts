import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/assumptions.ts';
import { lakeWaysOf, questionsToPay } from '../../../cli/cost/lake-ways.ts';
import { meanTraffic, readMeasured, type Traffic } from '../../../cli/cost/measured-traffic.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';

const prices = readPriceList();
/** Records of 256 bytes, decoded 512, compressed 32. */
const traffic: Traffic = {
  ...meanTraffic(Object.values(readMeasured().styles)),
  payloadBytes: 256,
  decodedBytes: 512,
  storedBytes: 32,
};
/** 2^25 records a day are 2^30 bytes of compressed JSON. */
const recordsPerDay = 2 ** 25;
const records = recordsPerDay * (730 / 24);
const waysAt = (volume: number) =>
  lakeWaysOf({ ...usageOf(settingsShape.parse({})), recordsPerDay: volume }, traffic, prices);
const [parquet, json, joined, compacted, iceberg] = waysAt(recordsPerDay);

describe('lakeWaysOf', () => {
  it('bills the conversion of each record as 5 KB, or by decoded bytes when a record holds many flows', () => {
    expect(parquet!.makeUsd).toBeCloseTo(((records * 5120) / 2 ** 30) * 0.018, 6);
    expect(joined!.makeUsd).toBeCloseTo(((records * 512) / 2 ** 30) * 0.018, 6);
  });

  it('bills nothing to make JSON, and a scan of the day for a question', () => {
    expect(json!.makeUsd).toBe(0);
    expect(json!.questionUsd).toBeCloseTo(5 / 1024, 9);
  });

  it('bills the columns of the hunt for a question on Parquet', () => {
    const question = (5 / 1024) * assumed.parquetShare * assumed.hostColumnShare;
    for (const way of [parquet, joined, compacted, iceberg]) expect(way!.questionUsd).toBeCloseTo(question, 9);
  });

  it('bills a scan of each day, and a week of JSON, when Athena writes the Parquet', () => {
    expect(compacted!.makeUsd).toBeCloseTo((5 / 1024) * (730 / 24) + 7 * 0.023, 9);
  });

  it('bills Iceberg by decoded bytes in the place of ingestion', () => {
    expect(iceberg!.makeUsd).toBeCloseTo((records / 2 ** 30) * (512 * 0.075 - 256 * 0.13), 6);
  });

  it('bills a question about few records as 10 MB', () => {
    for (const { questionUsd } of waysAt(1000)) expect(questionUsd).toBeCloseTo((10 / 2 ** 20) * 5, 12);
  });

  it('is verified only when the prices of the way are', () => {
    expect(waysAt(1e8).map(({ verified }) => verified)).toEqual([false, true, false, true, false]);
  });
});

describe('questionsToPay', () => {
  it('returns the number of questions at which two ways cost the same', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e7, max: 1e11, noNaN: true }), (volume) => {
        const [way, other] = waysAt(volume) as [ReturnType<typeof waysAt>[number], ReturnType<typeof waysAt>[number]];
        const questions = questionsToPay(way, other)!;
        const month = ({ makeUsd, questionUsd }: typeof way) => makeUsd + questions * questionUsd;
        expect(month(way) / month(other)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('returns undefined when the question is not cheaper', () => {
    expect(questionsToPay(json!, parquet!)).toBeUndefined();
    expect(questionsToPay(json!, json!)).toBeUndefined();
  });
});
