import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceObservations } from '../../../cli/statistics/source-observations.ts';

const record = fc.record({
  address: fc.integer({ min: 1, max: 30 }).map(String),
  isEgress: fc.boolean(),
  bytes: fc.nat(9),
});

function observed(records: readonly { address: string; isEgress: boolean; bytes: number }[], maxSources?: number) {
  const sources = new SourceObservations(maxSources);
  for (const { address, isEgress, bytes } of records) {
    if (isEgress) sources.addEgress(address);
    else sources.addLeftOut(address, bytes);
  }
  return sources.unlogged();
}

describe('SourceObservations', () => {
  it('finds the sources with flows that are left out and no egress record, in any order of the records', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (records) => {
        const logged = new Set(records.filter(({ isEgress }) => isEgress).map(({ address }) => address));
        const missed = records.filter(({ address, isEgress }) => !isEgress && !logged.has(address));
        const found = observed(records);
        expect(found?.sources ?? 0).toBe(new Set(missed.map(({ address }) => address)).size);
        expect(found?.flows ?? 0).toBe(missed.length);
        expect(found?.bytes ?? 0).toBe(missed.reduce((sum, { bytes }) => sum + bytes, 0));
      }),
    );
  });

  it('lists the ten sources with the most bytes', () => {
    const records = Array.from({ length: 12 }, (_, n) => ({ address: `10.0.0.${n}`, isEgress: false, bytes: n }));
    const { examples } = observed(records)!;
    expect(examples.map(({ bytes }) => bytes)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });

  it('names no logged source, and says that it is incomplete, when there are more sources than it remembers', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (records, max) => {
        const [bounded, exact] = [observed(records, max), observed(records)];
        const known = new Map(exact?.examples.map((one) => [one.address, one]));
        if (exact && exact.sources <= 10)
          for (const one of bounded?.examples ?? []) expect(known.get(one.address)).toEqual(one);
        expect(bounded?.sources ?? 0).toBeLessThanOrEqual(Math.min(max, exact?.sources ?? 0));
        if (bounded) expect(bounded.isComplete).toBe(new Set(records.map(({ address }) => address)).size <= max);
      }),
    );
  });
});
