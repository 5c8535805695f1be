import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packChunks } from '../../../lambda/flush/freeze-lane.ts';
import { columnsOf, deltasOf } from '../../../lambda/journal/columns/delta-columns.ts';
import { mergeDeltas } from '../../../lambda/journal/columns/merge-deltas.ts';
import { unpackPage } from '../../../lambda/journal/page/page.ts';
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
});
