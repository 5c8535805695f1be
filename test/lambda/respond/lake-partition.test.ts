import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { partitionOf } from '../../../lambda/respond/lake-partition.ts';
import { formatOf, lineOf, v2 } from '../../support/flows.ts';

const format = formatOf('account-id vpc-id srcaddr');
const recordOf = (text: string, formats = [format]) =>
  readRecords([{ recordId: 'r', data: Buffer.from(text).toString('base64'), arrival: 1 }], formats).records[0]!;

describe('partitionOf', () => {
  it('returns the account of the first flow, after other lines', () => {
    const record = recordOf(`no\n${lineOf({ 'account-id': '210987654321' }, format)}\n${lineOf({}, format)}`);
    expect(partitionOf(record, 'account')).toBe('210987654321');
  });

  it.each(['unknown', '-', '../errors', '12345678901'])('returns unknown when the account is %j', (account) => {
    expect(partitionOf(recordOf(lineOf({ 'account-id': account }, format)), 'account')).toBe('unknown');
  });

  it('returns unknown when the format lacks the field', () => {
    expect(partitionOf(recordOf(lineOf(), [v2]), 'vpc')).toBe('unknown');
  });

  it('returns one folder name, never empty, for any id', () => {
    const id = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^vpc-[0-9a-f]{17}$/));
    fc.assert(
      fc.property(id, (vpc) => {
        const partition = partitionOf(recordOf(lineOf({ 'vpc-id': vpc }, format)), 'vpc');
        expect(partition).toMatch(/^(?:unknown|vpc-[0-9a-f]+)$/);
      }),
    );
  });
});
