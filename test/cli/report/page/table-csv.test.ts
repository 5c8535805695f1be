import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableCsv } from '../../../../cli/report/page/table-csv.ts';

/** Reads CSV as RFC 4180 defines it. */
function readCsv(text: string): string[][] {
  const rows = text.matchAll(/((?:(?:"(?:[^"]|"")*"|[^",\r\n]*),)*(?:"(?:[^"]|"")*"|[^",\r\n]*))\r\n/g);
  return [...rows].map(([, row]) =>
    [...`${row},`.matchAll(/("(?:[^"]|"")*"|[^",]*),/g)].map(([, value]) =>
      value!.startsWith('"') ? value!.slice(1, -1).replaceAll('""', '"') : value!,
    ),
  );
}

describe('tableCsv', () => {
  it('writes a header, quotes and CRLF', () => {
    expect(
      tableCsv(
        ['a', 'b'],
        [
          ['x,y', 1n],
          ['say "no"', 2],
          ['two\nlines', 3],
        ],
      ),
    ).toBe('a,b\r\n"x,y",1\r\n"say ""no""",2\r\n"two\nlines",3\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x")'])(
    'writes %j as text that a spreadsheet does not run',
    (text) => {
      expect(readCsv(tableCsv(['a'], [[text]]))[1]).toEqual([`'${text}`]);
    },
  );

  it('leaves a negative number unchanged', () => {
    expect(tableCsv(['a'], [[-1]])).toBe('a\r\n-1\r\n');
  });

  it('gives back any texts that are not formulas', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((one) => !/^[=+\-@\t\r]/.test(one));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (rows) => {
        expect(readCsv(tableCsv(['a', 'b'], rows))).toEqual([['a', 'b'], ...rows]);
      }),
    );
  });
});
