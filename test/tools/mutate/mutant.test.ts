import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeMutant, mutantsOf, sampleOf } from '../../../tools/mutate/mutant.ts';
import { rooms } from '../../../tools/mutate/rooms.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';

const repository = join(import.meta.dirname, '../../..');

function folderWith(source: string): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'room/inner'), { recursive: true });
  writeFileSync(join(root, 'room/inner/file.ts'), source);
  return root;
}

describe('mutantsOf', () => {
  it('returns the place and the text of each fault', () => {
    const mutants = mutantsOf(folderWith('const a = 0;\n\nexport const b = a > c;\n'), 'room');
    expect(mutants.map(describeMutant)).toEqual([
      'room/inner/file.ts:1  literal: 0 -> (1)',
      'room/inner/file.ts:1  literal: 0 -> (-1)',
      'room/inner/file.ts:3  boundary: > -> >=',
      'room/inner/file.ts:3  boundary: > -> <=',
    ]);
  });

  it('writes a long or a removed piece on one short line', () => {
    const [removed] = mutantsOf(folderWith(`${'very'.repeat(20)}Long\n  .call();\n`), 'room');
    expect(describeMutant(removed!)).toBe(
      `room/inner/file.ts:1  removed statement: without ${'very'.repeat(15).slice(0, 57)}...`,
    );
  });

  it.each(byTier(['lambda/networks'], Object.keys(rooms)))('finds many faults in %s', (room) => {
    expect(mutantsOf(repository, room).length).toBeGreaterThan(100);
  });
});

describe('sampleOf', () => {
  const all = mutantsOf(repository, 'lambda/networks');

  it('returns the same faults in their order when the seed is the same', () => {
    const sample = sampleOf(all, 30, 7);
    expect(sampleOf(all, 30, 7)).toEqual(sample);
    expect(sampleOf(all, 30, 8)).not.toEqual(sample);
    const places = sample.map((mutant) => all.indexOf(mutant));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(places).toHaveLength(30);
  });

  it('returns all faults when the sample is larger', () => {
    expect(sampleOf(all, all.length + 1, 7)).toEqual(all);
  });
});
