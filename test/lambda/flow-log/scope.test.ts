import { describe, expect, it } from 'vitest';
import { counterKey } from '../../../lambda/counters/counter-key.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { type Scope, scopeOfWords, scopeReader } from '../../../lambda/flow-log/scope.ts';
import { flowOf, formatOf } from '../../support/flows.ts';

const deployed = formatOf(logFormat);
const scopeOf = (scope: Scope | undefined, values: Record<string, string>) => {
  const words = scopeReader(scope)(flowOf(values, deployed)).split(' ').slice(1);
  return scopeOfWords(words);
};

describe('scopeReader', () => {
  const values = { 'account-id': '123456789012', 'vpc-id': 'vpc-0a' };

  it('reads the account, or the account and the VPC, of a flow in the deployed format', () => {
    expect(scopeOf(undefined, values)).toBeUndefined();
    expect(scopeOf('account', values)).toEqual({ 'account-id': '123456789012' });
    expect(scopeOf('vpc', values)).toEqual({ 'account-id': '123456789012', 'vpc-id': 'vpc-0a' });
  });

  it('reads `-` for a value that is not available, or that the format lacks', () => {
    expect(scopeOf('vpc', { 'account-id': '-' })).toEqual({ 'account-id': '-', 'vpc-id': '-' });
    expect(scopeReader('vpc')(flowOf())).toBe(' 123456789012 -');
  });

  it('reads only characters of ids, so that a key needs no escape', () => {
    expect(scopeOf('vpc', { 'account-id': 'a#b/c', 'vpc-id': 'vpc-%é' })).toEqual({
      'account-id': 'a?b?c',
      'vpc-id': 'vpc-??',
    });
  });

  it('cuts a long value, so that a key stays within DynamoDB’s limit', () => {
    const long = '%'.repeat(4000);
    const scope = scopeOf('vpc', { 'account-id': long, 'vpc-id': long })!;
    const fields = ['interface-id', 'instance-id', 'subnet-id', 'pkt-src-aws-service', 'pkt-dst-aws-service'].sort();
    const values = ['\u{ffff}'.repeat(508), '', '', '', ''];
    expect(Buffer.byteLength(counterKey(fields, values, scope).pk)).toBeLessThan(2048);
  });
});
