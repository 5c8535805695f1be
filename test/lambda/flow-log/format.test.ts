import { describe, expect, it } from 'vitest';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { ambiguities, defaultFormat, isHeader, parseFormat } from '../../../lambda/flow-log/format.ts';
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

  it('has the members of a lake row in the order of the fields', () => {
    expect(formatOf('pkt-srcaddr bytes')).toEqual({
      names: ['pkt-srcaddr', 'bytes'],
      kinds: ['address', 'int64'],
      keys: ['pkt_srcaddr', 'bytes'],
      members: [
        { prefix: '{"pkt_srcaddr":', nullMember: '{"pkt_srcaddr":null', isNumber: false },
        { prefix: ',"bytes":', nullMember: ',"bytes":null', isNumber: true },
      ],
      indexOf: new Map([
        ['pkt-srcaddr', 0],
        ['bytes', 1],
      ]),
      version: 3,
      hasTypedField: true,
    });
    expect(formatOf('vpc-id subnet-id').hasTypedField).toBe(false);
    expect(formatOf('vpc-id bytes').hasTypedField).toBe(true);
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

  it.each(['version', 'start', 'end', 'log-status'])('accepts text where the other has the %s of each line', (name) => {
    const formats = [formatOf(`${name} srcaddr`), formatOf(`srcaddr ${name}`)];
    expect(ambiguities(formats)).toEqual([]);
  });

  it('compares each two of three formats', () => {
    const [a, b] = [formatOf('srcaddr dstaddr'), formatOf('srcaddr dstaddr bytes')];
    expect(ambiguities([a, b, a])).toEqual([
      'formats 1 and 3 are ambiguous: both have 2 fields, and a line can be valid in both; ' +
        'add a field to one of them, or use a separate stream for each',
    ]);
  });

  it('finds two equal formats ambiguous', () => {
    expect(ambiguities([formatOf(defaultFormat), formatOf(defaultFormat)])).toHaveLength(1);
  });
});

describe('isHeader', () => {
  it.each([
    [['srcaddr', 'dstaddr'], true],
    [['srcaddr', '10.0.0.1'], false],
    [['srcaddr'], false],
    [[], false],
  ])('tells whether the tokens %j are a header: %j', (tokens, expected) => {
    expect(isHeader(tokens)).toBe(expected);
  });
});
