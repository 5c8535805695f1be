import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairKey } from '../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { packChunks } from '../../../lambda/flush/freeze-lane.ts';
import { columnsOf, deltasOf } from '../../../lambda/journal/columns/delta-columns.ts';
import { mergeDeltas } from '../../../lambda/journal/columns/merge-deltas.ts';
import { unpackPage } from '../../../lambda/journal/page/page.ts';
import { maxPageBytes } from '../../../lambda/journal/put-pages.ts';
import { anyDeltas, anySeries } from '../journal/any-deltas.ts';

describe('packChunks', () => {
  it('keeps all deltas in their order, and those of a key together, whatever the size of a chunk', () => {
    fc.assert(
      fc.property(anyDeltas, fc.integer({ min: 1, max: 5 }), (deltas, maxDeltas) => {
        const columns = mergeDeltas([columnsOf(deltas, anySeries)]);
        const chunks = packChunks(columns, maxDeltas).map((bytes) => deltasOf(unpackPage(bytes)));
        const names = (all: ReturnType<typeof deltasOf>) => all.map(({ key, part }) => `${key.pk} ${part}`);
        expect(chunks.flatMap(names)).toEqual(names(deltasOf(columns)));
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk[0]!.part).toBe(0);
          expect(new Set(chunk.slice(0, -maxDeltas).map(({ key }) => key.pk)).size).toBeLessThanOrEqual(1);
          expect(index).toBeLessThan(deltas.length);
        }
      }),
    );
  });

  it('cuts the deltas of one key when these do not fit into an item together', () => {
    const hash = (text: string) => createHash('sha512').update(text).digest('base64').slice(0, 80);
    const deltas = Array.from({ length: 40 }, (_, part): KeyDelta => {
      const values = Array.from({ length: 200 }, (_, n) => hash(`${part} ${n}`));
      return {
        ...{ key: pairKey('10.0.1.5', '10.0.2.7'), part, totals: { bytes: 0, rejects: 0 } },
        ...{ firstSeen: 0, lastSeen: 0, overflowPairs: 0, evidence: new Map() },
        additions: [{ series: 'd3d3', slot: part, values, cap: 6 }],
      };
    });
    const chunks = packChunks(columnsOf(deltas, anySeries), 2000);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every(({ length }) => length <= maxPageBytes)).toBe(true);
    expect(chunks.flatMap((bytes) => deltasOf(unpackPage(bytes))).map(({ part }) => part)).toEqual(
      deltas.map(({ part }) => part),
    );
  });
});
