import { describe, expect, it } from 'vitest';
import { mutantsOf } from '../../../tools/mutate/mutant.ts';
import { tryMutants } from '../../../tools/mutate/try-mutants.ts';
import { limit, treeWith } from './small-tree.ts';

// Other fates of faults are in try-mutants.nightly.test.ts: they take several times as long.
describe('tryMutants', () => {
  it('throws when the tests fail without a fault', async () => {
    const root = treeWith(limit, 'expect(f(9)).toBe(true)');
    await expect(tryMutants(root, mutantsOf(root, 'room'))).rejects.toThrow(
      'the tests of room fail without a fault: test/room/file.test.ts',
    );
  });

  it('kills a fault when a test of its room fails', async () => {
    const root = treeWith(limit, 'expect(f(9)).toBe(false)');
    const [stronger] = mutantsOf(root, 'room');
    expect(await tryMutants(root, [stronger!])).toMatchObject([{ outcome: 'killed' }]);
  });
});
