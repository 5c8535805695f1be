import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeMutant, mutantsOf } from '../../../tools/mutate/mutant.ts';
import { tryMutants } from '../../../tools/mutate/try-mutants.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const configuration = `export default {
  test: { projects: [
    { test: { name: 'unit', include: ['test/**/*.test.ts'], isolate: false } },
    { test: { name: 'integration', include: ['test/**/*.integration.test.ts'] } },
  ] },
};`;

/** Makes a small tree with one room, and a test of these expectations. */
function treeWith(source: string, ...expectations: string[]): string {
  const root = temporaryFolder();
  const files = {
    'vitest.config.ts': configuration,
    'package.json': '{ "type": "module" }',
    'room/file.ts': source,
    'test/room/file.test.ts': `
      import { expect, it } from 'vitest';
      import { f } from '../../room/file.ts';
      it('holds', () => { ${expectations.join('; ')} });`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'));
  return root;
}

const limit = 'export const f = (n: number): boolean => n > 9;';

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

  it('throws when the tests fail without a fault', async () => {
    const root = treeWith(limit, 'expect(f(9)).toBe(true)');
    await expect(tryMutants(root, mutantsOf(root, 'room'))).rejects.toThrow(
      'the tests of room fail without a fault: test/room/file.test.ts',
    );
  });
});
