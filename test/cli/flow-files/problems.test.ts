import { expect, it } from 'vitest';
import type { ReadFile } from '../../../cli/flow-files/flow-files.ts';
import { problemLines, unknownFieldLines } from '../../../cli/flow-files/problems.ts';

const file = (name: string, problem?: string, kind?: ReadFile['kind']): ReadFile => ({
  name,
  kind,
  bytes: 1,
  records: 0,
  problem,
});

it('returns a line for each file with a problem, escaped for a terminal', () => {
  expect(
    problemLines([
      file('a.log', undefined, 'flow log lines'),
      file('b.log', 'the file is empty'),
      file('c\u001b[2J.gz', 'line 2\nis odd', 'flow log lines'),
    ]),
  ).toEqual(['b.log cannot be read: the file is empty', 'c?[2J.gz: line 2 is odd']);
});

it.each([
  [20, 20, '19 cannot be read: no'],
  [21, 21, 'and 1 more file'],
  [1234, 21, 'and 1,214 more files'],
])('shows at most 20 of %i files by name', (files, lines, last) => {
  const shown = problemLines(Array.from({ length: files }, (_, n) => file(String(n), 'no')));
  expect(shown).toHaveLength(lines);
  expect(shown.at(-1)).toBe(last);
});

it('names unknown fields once for all files that have some', () => {
  const withUnknown = (name: string, ...unknownFields: string[]) => ({ ...file(name), unknownFields });
  expect(unknownFieldLines([file('a'), withUnknown('b', 'colour', 'taste'), withUnknown('c', 'taste')])).toEqual([
    'unknown fields were passed over: colour, taste (in b and 1 more); all other fields were read',
  ]);
  expect(unknownFieldLines([file('a')])).toEqual([]);
});
