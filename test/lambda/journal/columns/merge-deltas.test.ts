import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxAdditions } from '../../../../lambda/aggregate/update-parts.ts';
import { pairKey } from '../../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../../lambda/counters/delta.ts';
import {
  columnsOf,
  type DeltaColumns,
  deltasOf,
  type SeriesProperties,
} from '../../../../lambda/journal/columns/delta-columns.ts';
import { mergeDeltas } from '../../../../lambda/journal/columns/merge-deltas.ts';
import { packPage, unpackPage } from '../../../../lambda/journal/page/page.ts';
import { epoch } from '../../../support/flows.ts';
import { anySeries, deltasOfFewKeys } from '../any-deltas.ts';

/** All that a key's deltas add, as plain sums. */
interface Sum {
  readonly fields: ReadonlyMap<string, string>;
  totals: { bytes: bigint; rejects: number } | undefined;
  firstSeen: number;
  lastSeen: number;
  overflowPairs: number;
  /** By series and slot. */
  readonly slots: Map<string, bigint | string[]>;
}

/** Adds deltas up in the slow, obvious way. */
function sumsOf(deltas: readonly KeyDelta[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { key, totals, firstSeen, lastSeen, overflowPairs, additions } of deltas) {
    const sum = sums.get(key.pk) ?? {
      fields: key.fields,
      totals: undefined,
      firstSeen,
      lastSeen,
      overflowPairs,
      slots: new Map(),
    };
    sums.set(key.pk, sum);
    if (totals) {
      const { bytes, rejects } = sum.totals ?? { bytes: 0n, rejects: 0 };
      sum.totals = { bytes: bytes + BigInt(totals.bytes), rejects: rejects + totals.rejects };
    }
    sum.firstSeen = Math.min(sum.firstSeen, firstSeen);
    sum.lastSeen = Math.max(sum.lastSeen, lastSeen);
    sum.overflowPairs = Math.max(sum.overflowPairs, overflowPairs);
    for (const addition of additions) {
      const slot = `${addition.series} ${addition.slot}`;
      const known = sum.slots.get(slot);
      if ('values' in addition) {
        sum.slots.set(slot, [...new Set([...((known as string[]) ?? []), ...addition.values])].slice(0, addition.cap));
      } else if (anySeries.get(addition.series)?.measure.kind === 'presence') sum.slots.set(slot, 1n);
      else sum.slots.set(slot, BigInt((known as bigint) ?? 0n) + BigInt(addition.amount));
    }
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const pageOf = (deltas: readonly KeyDelta[]) => columnsOf(deltas, anySeries);
const startOf = ({ series, slot }: { series: string; slot: number }) => slot * anySeries.get(series)!.slotSeconds;

describe('mergeDeltas', () => {
  it('sums each key once when its deltas are in any pages', () => {
    fc.assert(
      fc.property(fc.array(deltasOfFewKeys, { maxLength: 5 }), (pages) => {
        const merged = deltasOf(mergeDeltas(pages.map(pageOf)));
        expect([...sumsOf(merged)]).toEqual([...sumsOf(pages.flat())]);
      }),
    );
  });

  it('makes parts of at most 40 additions in order of time, each slot of a series once', () => {
    fc.assert(
      fc.property(fc.array(deltasOfFewKeys, { maxLength: 5 }), (pages) => {
        const merged = deltasOf(mergeDeltas(pages.map(pageOf)));
        const keys = [...new Set(merged.map(({ key }) => key.pk))];
        expect(keys).toEqual(keys.toSorted());
        for (const parts of Map.groupBy(merged, ({ key }) => key.pk).values()) {
          expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
          for (const { totals } of parts.slice(1)) expect(totals?.bytes ?? 0).toBe(0);
          const additions = parts.flatMap((one) => one.additions);
          expect(parts.every((one) => one.additions.length <= maxAdditions)).toBe(true);
          expect(additions.map(startOf)).toEqual(additions.map(startOf).toSorted((a, b) => a - b));
          expect(new Set(additions.map(({ series, slot }) => `${series} ${slot}`)).size).toBe(additions.length);
        }
      }),
    );
  });

  it('sums each key once when pages and sums of pages were packed before', () => {
    fc.assert(
      fc.property(fc.array(deltasOfFewKeys, { maxLength: 4 }), deltasOfFewKeys, (pages, last) => {
        const stored = (columns: DeltaColumns) => unpackPage(packPage(columns));
        const inSteps = mergeDeltas([stored(mergeDeltas(pages.map(pageOf).map(stored))), stored(pageOf(last))]);
        // A page has the parts of a key in their order.
        const inOrder = [...pages, last].flatMap((page) => page.toSorted((a, b) => a.part - b.part));
        expect([...sumsOf(deltasOf(inSteps))]).toEqual([...sumsOf(inOrder)]);
      }),
    );
  });

  const delta = (values: Partial<KeyDelta>): KeyDelta => ({
    key: pairKey('10.0.1.5', '10.0.2.7'),
    part: 0,
    totals: { bytes: 10, rejects: 1 },
    firstSeen: epoch,
    lastSeen: epoch,
    additions: [],
    evidence: new Map(),
    overflowPairs: 0,
    ...values,
  });

  it('cuts the sum into parts as a batch does when it has more than 40 additions', () => {
    const slots = Array.from({ length: 100 }, (_, slot) => delta({ additions: [{ series: 'c0c0', slot, amount: 1 }] }));
    const merged = deltasOf(mergeDeltas(slots.map((one) => pageOf([one]))));
    expect(merged.map(({ additions }) => additions.length)).toEqual([40, 40, 20]);
    expect(merged.map(({ totals }) => totals)).toEqual([
      { bytes: 1000, rejects: 100 },
      { bytes: 0, rejects: 0 },
      { bytes: 0, rejects: 0 },
    ]);
  });

  it('sums two additions of one slot when one row has both', () => {
    const one = { series: 'b1b1', slot: 7, amount: 3 };
    const row = delta({ additions: [one, { series: 'd3d3', slot: 7, values: ['1'], cap: 6 }, one] });
    expect(deltasOf(mergeDeltas([pageOf([row])]))).toMatchObject([
      {
        additions: [
          { ...one, amount: 6 },
          { series: 'd3d3', slot: 7, values: ['1'], cap: 6 },
        ],
      },
    ]);
  });

  it('uses the larger cap when two releases cap a set differently', () => {
    const capped = (cap: number, values: string[]) => {
      const series = new Map<string, SeriesProperties>([
        ['d3d3', { slotSeconds: 45, measure: { kind: 'distinct', field: 'dstport', cap } }],
      ]);
      return columnsOf([delta({ additions: [{ series: 'd3d3', slot: 1, values, cap }] })], series);
    };
    const [merged] = deltasOf(mergeDeltas([capped(2, ['1', '2']), capped(3, ['3', '4'])]));
    expect(merged!.additions).toEqual([{ series: 'd3d3', slot: 1, values: ['1', '2', '3'], cap: 3 }]);
  });

  it.each<[string, SeriesProperties]>([
    ['slots', { slotSeconds: 30, measure: { kind: 'count' } }],
    ['kind', { slotSeconds: 60, measure: { kind: 'distinct', field: 'dstport', cap: 9 } }],
  ])('keeps additions apart, in separate updates, when two releases give a series other %s', (_, other) => {
    const later = new Map(anySeries).set('c0c0', other);
    const addition = { series: 'c0c0', slot: 100 };
    const added =
      other.measure.kind === 'distinct' ? { ...addition, values: ['22'], cap: 9 } : { ...addition, amount: 5 };
    const pages = [
      columnsOf([delta({ additions: [{ ...addition, amount: 1 }] })], anySeries),
      columnsOf([delta({ additions: [added] })], later),
      columnsOf([delta({ additions: [{ ...addition, amount: 2 }] })], anySeries),
    ];
    const merged = mergeDeltas(pages);
    expect(deltasOf(merged)).toMatchObject([
      { part: 0, totals: { bytes: 30, rejects: 3 }, additions: [{ ...addition, amount: 3 }] },
      { part: 1, totals: { bytes: 0, rejects: 0 }, additions: [added] },
    ]);
    expect(merged.series.map(({ id, slotSeconds, kind }) => [id, slotSeconds, kind])).toEqual([
      ['c0c0', 60, 'count'],
      ['c0c0', other.slotSeconds, other.measure.kind],
    ]);
  });
});
