import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { partitionOf } from '../../../lambda/respond/lake-partition.ts';
import { formatOf, lineOf, v2 } from '../../support/flows.ts';

const format = formatOf('account-id vpc-id srcaddr');
const linesOf = (...texts: string[]) => texts.map((text) => parseLine(text, [format]));

describe('partitionOf', () => {
  it('returns the account of the first flow, after other lines', () => {
    const lines = linesOf('no', lineOf({ 'account-id': '210987654321' }, format), lineOf({}, format));
    expect(partitionOf(lines, 'account')).toBe('210987654321');
  });

  it.each(['unknown', '-', '../errors', '12345678901'])('returns unknown when the account is %j', (account) => {
    expect(partitionOf(linesOf(lineOf({ 'account-id': account }, format)), 'account')).toBe('unknown');
  });

  it('returns unknown when the format lacks the field', () => {
    expect(partitionOf([parseLine(lineOf(), [v2])], 'vpc')).toBe('unknown');
  });

  it('returns one folder name, never empty, for any id', () => {
    const id = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^vpc-[0-9a-f]{17}$/));
    fc.assert(
      fc.property(id, (vpc) => {
        const partition = partitionOf(linesOf(lineOf({ 'vpc-id': vpc }, format)), 'vpc');
        expect(partition).toMatch(/^(?:unknown|vpc-[0-9a-f]+)$/);
      }),
    );
  });
});
