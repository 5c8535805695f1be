import { describe, expect, it } from 'vitest';
import { rowTable } from '../../../cli/hunt/row-table.ts';

const columns = [
  { name: 'text', isNumber: false },
  { name: 'count', isNumber: true },
  { name: 'nothing', isNumber: false },
];

describe('rowTable', () => {
  it('aligns numbers right, writes - for null, and leaves out empty columns', () => {
    const rows = [
      ['a', 5n, null],
      [null, 1234n, null],
    ];
    expect(rowTable(columns, rows, false)).toEqual({
      text: '  text  count\n  a         5\n  -      1234\n',
      leftOut: 1,
    });
  });

  it('shows all columns when all are empty', () => {
    expect(rowTable(columns, [[null, null, null]], false)).toEqual({
      text: '  text  count  nothing\n  -         -  -\n',
      leftOut: 0,
    });
  });

  it('truncates wide cells only on a terminal', () => {
    const wide = 'x'.repeat(60);
    expect(rowTable(columns, [[wide, 1, null]], true).text).toContain(`  ${'x'.repeat(47)}…  `);
    expect(rowTable(columns, [[wide, 1, null]], false).text).toContain(wide);
  });

  it('escapes control characters of logs', () => {
    const { text } = rowTable([{ name: 'a\u001b[2Jb', isNumber: false }], [['x\n\u001b[31my\u202ez']], true);
    expect(text).toBe('  a?[2Jb\n  x ?[31my?z\n');
  });

  it('formats times without T and Z, and lists as JSON', () => {
    const rows = [['2026-11-24T09:05:00Z', 1, ['10.0.1.5', 2n]]];
    expect(rowTable(columns, rows, false).text).toContain('  2026-11-24 09:05:00      1  ["10.0.1.5",2]\n');
  });
});
