import { describe, expect, it } from 'vitest';
import { rowTable } from '../../../cli/hunt/row-table.ts';

const columns = [
  { name: 'text', isNumber: false },
  { name: 'count', isNumber: true },
  { name: 'nothing', isNumber: false },
];

describe('a table of rows', () => {
  it('sets numbers to the right, writes - for null, and leaves out columns without a value', () => {
    const rows = [
      ['a', 5n, null],
      [null, 1234n, null],
    ];
    expect(rowTable(columns, rows, false)).toEqual({
      text: '  text  count\n  a         5\n  -      1234\n',
      leftOut: 1,
    });
  });

  it('keeps its columns where no row has a value', () => {
    expect(rowTable(columns, [[null, null, null]], false)).toEqual({
      text: '  text  count  nothing\n  -         -  -\n',
      leftOut: 0,
    });
  });

  it('cuts wide cells on a terminal only', () => {
    const wide = 'x'.repeat(60);
    expect(rowTable(columns, [[wide, 1, null]], true).text).toContain(`  ${'x'.repeat(47)}…  `);
    expect(rowTable(columns, [[wide, 1, null]], false).text).toContain(wide);
  });

  it('lets no text of a log shape it', () => {
    const { text } = rowTable([{ name: 'a\u001b[2Jb', isNumber: false }], [['x\n\u001b[31my\u202ez']], true);
    expect(text).toBe('  a?[2Jb\n  x ?[31my?z\n');
  });

  it('writes times as people do, and lists as JSON', () => {
    const rows = [['2026-11-24T09:05:00Z', 1, ['10.0.1.5', 2n]]];
    expect(rowTable(columns, rows, false).text).toContain('  2026-11-24 09:05:00      1  ["10.0.1.5",2]\n');
  });
});
