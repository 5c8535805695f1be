import { expect, it } from 'vitest';
import type { ReadFile } from '../../../cli/flow-files/flow-files.ts';
import { problemLines } from '../../../cli/flow-files/problems.ts';

const file = (name: string, problem?: string, kind?: ReadFile['kind']): ReadFile => ({
  name,
  kind,
  bytes: 1,
  records: 0,
  problem,
});

it('says of each file with a problem what it is, fit for a terminal', () => {
  expect(
    problemLines([
      file('a.log', undefined, 'flow log lines'),
      file('b.log', 'it is no text'),
      file('c\u001b[2J.gz', 'line 2\nis odd', 'flow log lines'),
    ]),
  ).toEqual(['b.log cannot be read: it is no text', 'c?[2J.gz: line 2 is odd']);
});

it.each([
  [20, 20, '19 cannot be read: no'],
  [21, 21, 'and 1 more file'],
  [1234, 21, 'and 1,214 more files'],
])('of %i files names at most 20', (files, lines, last) => {
  const said = problemLines(Array.from({ length: files }, (_, n) => file(String(n), 'no')));
  expect(said).toHaveLength(lines);
  expect(said.at(-1)).toBe(last);
});
