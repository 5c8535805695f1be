import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, deltasOf, selectRows, sliceRows } from '../../../../lambda/journal/columns/delta-columns.ts';
import { anyDeltas, anySeries } from '../any-deltas.ts';

describe('columns', () => {
  it('give the same deltas when they are made of any deltas', () => {
    fc.assert(
      fc.property(anyDeltas, (deltas) => {
        expect(deltasOf(columnsOf(deltas, anySeries))).toEqual(deltas);
      }),
    );
  });

  it('give the selected deltas in their order when rows are selected by key', () => {
    fc.assert(
      fc.property(anyDeltas, fc.func(fc.boolean()), (deltas, keep) => {
        const selected = selectRows(columnsOf(deltas, anySeries), keep);
        expect(deltasOf(selected)).toEqual(deltas.filter(({ key }) => keep(key.pk)));
      }),
    );
  });

  it('give the deltas between two indexes when rows are sliced', () => {
    fc.assert(
      fc.property(anyDeltas, fc.nat(40), fc.nat(40), (deltas, from, to) => {
        expect(deltasOf(sliceRows(columnsOf(deltas, anySeries), from, to))).toEqual(
          deltas.slice(from, Math.max(from, to)),
        );
      }),
    );
  });

  it('store the fields only of keys whose text does not name them', () => {
    const deltas = fc.sample(anyDeltas, { numRuns: 200, seed: 1 }).flat();
    const { pks, fields } = columnsOf(deltas, anySeries);
    const stored = pks.filter((_, row) => fields.has(row));
    expect(stored.filter((pk) => /^pair#[\d.]+#[\d.]+$/.test(pk)).length).toBeLessThan(stored.length);
    expect(pks.filter((pk, row) => pk.startsWith('src#') && fields.has(row))).toEqual([]);
  });
});
