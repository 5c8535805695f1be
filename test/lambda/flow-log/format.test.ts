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
  ])('reads %j', (text) => {
    expect(parseFormat(text)).toMatchObject({ names: ['version', 'srcaddr', 'account-id'], version: 2 });
  });

  it('knows the version that its lines carry: the highest among the fields', () => {
    expect(formatOf('version srcaddr flow-direction')).toMatchObject({ version: 5 });
    expect(formatOf([...fields.keys()].join(' '))).toMatchObject({ version: 11 });
  });

  it.each([
    ['', 'is empty'],
    ['version srcadr', '"srcadr"'],
    ['version srcaddr srcaddr', '"srcaddr" twice'],
    ['version __proto__', '"--proto--"'],
  ])('refuses %j and says why', (text, part) => {
    expect(parseFormat(text)).toEqual({ problem: expect.stringContaining(part) });
  });
});

describe('ambiguities', () => {
  it('lets formats of different length live together', () => {
    expect(ambiguities([formatOf(defaultFormat), formatOf(`${defaultFormat} vpc-id`)])).toEqual([]);
  });

  it('tells formats of the same length apart by the version that their lines carry', () => {
    const v5 = formatOf(defaultFormat.replace('account-id', 'flow-direction'));
    expect(ambiguities([formatOf(defaultFormat), v5])).toEqual([]);
  });

  it('tells formats of the same length apart by a place that a time holds in one and an action in the other', () => {
    const moved = formatOf(defaultFormat.replace('start end action log-status', 'action log-status start end'));
    expect(ambiguities([formatOf(defaultFormat), moved])).toEqual([]);
  });

  it.each([
    ['swapped addresses', 'srcaddr dstaddr', 'dstaddr srcaddr'],
    ['swapped packets and bytes', 'packets bytes', 'bytes packets'],
    ['swapped start and end', 'start end', 'end start'],
    ['text where the other has an address, since both may be "-"', 'interface-id srcaddr', 'srcaddr interface-id'],
  ])('calls %s ambiguous', (_, from, to) => {
    const other = formatOf(defaultFormat.replace(from, to));
    expect(ambiguities([formatOf(defaultFormat), other])).toEqual([
      expect.stringContaining('formats 1 and 2 cannot be told apart'),
    ]);
  });

  it('calls the same format twice ambiguous', () => {
    expect(ambiguities([formatOf(defaultFormat), formatOf(defaultFormat)])).toHaveLength(1);
  });
});
