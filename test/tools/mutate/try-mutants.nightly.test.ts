import { describe, expect, it } from 'vitest';
import { describeMutant, mutantsOf } from '../../../tools/mutate/mutant.ts';
import { tryMutants } from '../../../tools/mutate/try-mutants.ts';
import { limit, treeWith } from './small-tree.ts';

async function outcomesOf(root: string): Promise<string[]> {
  const tried = await tryMutants(root, mutantsOf(root, 'room'));
  return tried.map((mutant) => `${mutant.outcome}: ${describeMutant(mutant)}`);
}

describe('tryMutants', () => {
  it('lets faults live when a test is weak, and kills each when the test is strong', async () => {
    const weak = await outcomesOf(treeWith(limit, 'expect(f(20)).toBe(true)'));
    expect(weak).toEqual([
      'survived: room/file.ts:1  boundary: > -> >=',
      'killed: room/file.ts:1  boundary: > -> <=',
      'survived: room/file.ts:1  literal: 9 -> (10)',
      'survived: room/file.ts:1  literal: 9 -> (8)',
    ]);
    const strong = treeWith(limit, 'expect(f(9)).toBe(false)', 'expect(f(10)).toBe(true)');
    const tried = await tryMutants(strong, mutantsOf(strong, 'room'));
    expect(tried.map(({ outcome }) => outcome)).toEqual(['killed', 'killed', 'killed', 'killed']);
    expect(new Set(tried.map(({ killedBy }) => killedBy))).toEqual(new Set(['test/room/file.test.ts']));
  });

  it('ends an endless loop, and continues with the next fault', async () => {
    const loop = 'export const f = (): number => { let n = 0; while (n < 3) n += 1; return n; };';
    const root = treeWith(loop, 'expect(f()).toBe(3)');
    const endless = mutantsOf(root, 'room').filter(({ replacement }) => ['-=', '<='].includes(replacement));
    expect(await tryMutants(root, endless.toReversed(), () => {}, { spareMilliseconds: 500 })).toMatchObject([
      { outcome: 'timed out' },
      { outcome: 'killed' },
    ]);
  });
});
