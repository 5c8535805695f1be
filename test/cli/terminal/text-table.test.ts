import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from '../../../cli/terminal/text-table.ts';

const cell = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.'), minLength: 1, maxLength: 90 });
const rows = fc
  .integer({ min: 1, max: 8 })
  .chain((columns) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 6 }),
  );
const withoutBlanks = (text: string) => text.replace(/\s/g, '');

describe('table', () => {
  it('fits each line into the width and keeps every value in order when a terminal is narrow', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(20, 45, 60, 80, 200), ([head, ...others], width) => {
        const text = table(head!, others, [0], width);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        expect(withoutBlanks(text)).toBe([head!, ...others].flat().join(''));
      }),
    );
  });

  it('writes one line for each row when the output is not a terminal', () => {
    fc.assert(
      fc.property(rows, ([head, ...others]) => {
        expect(table(head!, others, []).trimEnd().split('\n')).toHaveLength(1 + others.length);
      }),
    );
  });

  it('writes every row when there are more rows than a call can have arguments', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [String(index)]);
    expect(table(['n'], rows, []).endsWith('  199999\n')).toBe(true);
  });

  it('continues a row on further lines when it is wider than the terminal', () => {
    const text = table(
      ['time', 'rule', 'n'],
      [
        ['09:00', 'repeated_rejects', '7'],
        ['10:00', 'x', '12'],
      ],
      [2],
      22,
    );
    expect(text).toBe(
      '  time\n      rule\n       n\n  09:00\n      repeated_rejects\n       7\n  10:00\n      x\n      12\n',
    );
  });
});
