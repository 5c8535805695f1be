import { describe, expect, it } from 'vitest';
import { writeRows } from '../../../cli/hunt/csv-and-json-rows.ts';
import type { PlainRows, PlainValue } from '../../../cli/hunt/result-value.ts';

async function written(format: 'csv' | 'json', names: string[], ...chunks: PlainValue[][][]) {
  const rows: PlainRows = {
    columns: names.map((name) => ({ name, isNumber: false })),
    chunks: (async function* () {
      yield* chunks;
    })(),
    rest: async () => 0,
  };
  let text = '';
  const count = await writeRows(rows, format, async (more) => {
    text += more;
  });
  return { text, count };
}

describe('writeRows', () => {
  it.each([
    ['a carriage return', 'a\rb', '"a\rb"'],
    ['a line feed', 'a\nb', '"a\nb"'],
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'a"b', '"a""b"'],
    ['none of these', "a'b;c d", "a'b;c d"],
  ])('quotes a value and a name of CSV as RFC 4180 says when they have %s', async (_, value, field) => {
    const { text, count } = await written('csv', [value, 'n'], [[value, 1]]);
    expect({ text, count }).toEqual({ text: `${field},n\n${field},1\n`, count: 1 });
  });

  it('writes the rows of all chunks, and returns their number', async () => {
    const chunks: PlainValue[][][] = [
      [
        ['x', null],
        ['y', 2n ** 63n],
      ],
      [],
      [['z', 3]],
    ];
    expect(await written('csv', ['a', 'b'], ...chunks)).toEqual({
      text: 'a,b\nx,\ny,9223372036854775808\nz,3\n',
      count: 3,
    });
    expect(await written('json', ['a', 'b'], ...chunks)).toEqual({
      text: '[\n  {"a": "x", "b": null},\n  {"a": "y", "b": 9223372036854775808},\n  {"a": "z", "b": 3}\n]\n',
      count: 3,
    });
    expect(await written('json', ['a'])).toEqual({ text: '[]\n', count: 0 });
  });
});
