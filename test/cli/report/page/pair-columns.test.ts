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
    fc.assert(
      fc.property(fc.array(anyPair), (pairs) => {
        const json = JSON.stringify(writePairColumns(pairs), writeQuantities);
        expect(readPairColumns(JSON.parse(json, readQuantities as never))).toEqual(pairs);
      }),
    );
  });
});
