import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPairColumns, writePairColumns } from '../../../../cli/report/page/pair-columns.ts';
import { readQuantities, writeQuantities } from '../../../../lambda/common/quantity.ts';

describe('pair columns', () => {
  it('give back the same pairs after JSON for any pairs', () => {
    const time = fc.nat(4_000_000_000);
    const anyPair = fc.record({
      src: fc.ipV4(),
      dst: fc.oneof(fc.constantFrom('10.0.0.1', '::1'), fc.string()),
      bytes: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 70n })),
      rejects: fc.nat(),
      firstSeen: time,
      lastSeen: time,
    });
    const scope = fc.constantFrom(
      {},
      { scope: { 'account-id': '1' } },
      { scope: { 'account-id': '1', 'vpc-id': '-' } },
    );
    const inScope = fc.tuple(anyPair, scope).map(([one, more]) => ({ ...one, ...more }));
    fc.assert(
      fc.property(fc.oneof(fc.array(anyPair), fc.array(inScope)), (pairs) => {
        const json = JSON.stringify(writePairColumns(pairs), writeQuantities);
        expect(readPairColumns(JSON.parse(json, readQuantities as never))).toEqual(pairs);
      }),
    );
  });
});
