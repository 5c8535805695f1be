import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { ambiguities, defaultFormat, parseFormat } from '../../../lambda/flow-log/format.ts';
import { formatOf } from '../../support/flows.ts';

describe('parseFormat', () => {
  it.each([
    '${version} ${srcaddr} ${account-id}',
    'version srcaddr account-id',
    'version,srcaddr,account_id',
    ' version\tsrcaddr\naccount-id ',
  ])('parses the format %j', (text) => {
    expect(parseFormat(text)).toMatchObject({ names: ['version', 'srcaddr', 'account-id'], version: 2 });
  });

  it('takes the highest version of the fields as the version of the lines', () => {
    expect(formatOf('version srcaddr flow-direction')).toMatchObject({ version: 5 });
    expect(formatOf([...fields.keys()].join(' '))).toMatchObject({ version: 11 });
  });

  it.each([
    ['', 'is empty'],
    ['version srcadr', '"srcadr"'],
    ['version srcaddr srcaddr', 'duplicate fields: "srcaddr"'],
    ['version __proto__', '"--proto--"'],
  ])('returns the problem of the format %j', (text, part) => {
    expect(parseFormat(text)).toEqual({ problem: expect.stringContaining(part) });
  });
});

describe('ambiguities', () => {
  it('accepts formats with different numbers of fields', () => {
    expect(ambiguities([formatOf(defaultFormat), formatOf(`${defaultFormat} vpc-id`)])).toEqual([]);
  });

  it('accepts formats of the same length with different versions', () => {
    const v5 = formatOf(defaultFormat.replace('account-id', 'flow-direction'));
    expect(ambiguities([formatOf(defaultFormat), v5])).toEqual([]);
  });

  it('accepts formats of the same length when a field is a time in one and an action in the other', () => {
    const moved = formatOf(defaultFormat.replace('start end action log-status', 'action log-status start end'));
    expect(ambiguities([formatOf(defaultFormat), moved])).toEqual([]);
  });

  it.each([
    ['swapped addresses', 'srcaddr dstaddr', 'dstaddr srcaddr'],
    ['swapped packets and bytes', 'packets bytes', 'bytes packets'],
    ['swapped start and end', 'start end', 'end start'],
    ['text where the other has an address, since both may be "-"', 'interface-id srcaddr', 'srcaddr interface-id'],
  ])('finds formats ambiguous that have %s', (_, from, to) => {
    const other = formatOf(defaultFormat.replace(from, to));
    expect(ambiguities([formatOf(defaultFormat), other])).toEqual([
      expect.stringContaining('formats 1 and 2 are ambiguous'),
    ]);
  });

  it('finds two equal formats ambiguous', () => {
    expect(ambiguities([formatOf(defaultFormat), formatOf(defaultFormat)])).toHaveLength(1);
  });
});
