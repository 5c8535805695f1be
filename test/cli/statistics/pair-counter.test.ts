import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busiestFirst, type PairCounter, pairJson } from '../../../cli/statistics/pair-counter.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';

const number = fc.nat(3);
const pair: fc.Arbitrary<PairCounter> = fc.record({
  src: fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.1', '10.0.0.10', '10.0.0.1:', 'fd00::"\n')),
  dst: fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.1', '10.0.0.10')),
  bytes: fc.oneof(number, fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 80n)),
  rejects: number,
  firstSeen: number,
  lastSeen: number,
});
const scoped: fc.Arbitrary<PairCounter> = fc
  .tuple(pair, fc.option(fc.constantFrom({ 'account-id': '1' }, { 'account-id': '1', 'vpc-id': 'vpc-0a' })))
  .map(([{ src, dst, ...numbers }, scope]) => ({ src, dst, ...(scope && { scope }), ...numbers }));

describe('a pair counter', () => {
  it('is written as the text of JSON.stringify', () => {
    fc.assert(
      fc.property(scoped, (one) => {
        expect(pairJson(one)).toBe(JSON.stringify(one, writeQuantities));
      }),
    );
  });

  it('is ordered by bytes, then by rejects, then by both addresses as one text', () => {
    const name = ({ src, dst }: PairCounter) => `${src} ${dst}`;
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const alike = { ...other, bytes: one.bytes, rejects: one.rejects };
        const order = name(one) < name(alike) ? -1 : name(one) > name(alike) ? 1 : 0;
        expect(Math.sign(busiestFirst(one, alike))).toBe(order);
      }),
    );
  });
});
