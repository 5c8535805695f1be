import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairSums } from '../../../cli/line-kernel/pair-sums.ts';
import { busiestFirst, type PairCounter, pairJson } from '../../../cli/statistics/pair-counter.ts';
import { addQuantity } from '../../../lambda/common/quantity.ts';
import { canonicalAddress } from '../../../lambda/networks/ip-address.ts';

const address = fc.oneof(
  fc.constantFrom('10.0.0.1', '10.0.0.12', '10.0.0.123', '10.0.0.2', '9.9.9.9', 'fd00::5', '::', '2001:db8::1'),
  fc.ipV4(),
  fc.ipV6().map((text) => canonicalAddress(text)!),
);
const counter: fc.Arbitrary<PairCounter> = fc.record({
  src: address,
  dst: address,
  bytes: fc.oneof(fc.nat(2), fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 70n), fc.constant(Number.MAX_SAFE_INTEGER)),
  rejects: fc.oneof(fc.nat(2), fc.integer({ min: 2 ** 32 - 2, max: 2 ** 40 })),
  firstSeen: fc.oneof(fc.nat(9), fc.constant(Number.POSITIVE_INFINITY)),
  lastSeen: fc.nat(9),
});
const counters = fc.array(counter, { maxLength: 60 });

function added(all: readonly PairCounter[]): PairCounter[] {
  const sums = new Map<string, PairCounter>();
  for (const one of all) {
    const name = `${one.src} ${one.dst}`;
    const known = sums.get(name);
    sums.set(name, {
      ...one,
      bytes: addQuantity(known?.bytes ?? 0, one.bytes),
      rejects: (known?.rejects ?? 0) + one.rejects,
      firstSeen: Math.min(known?.firstSeen ?? one.firstSeen, one.firstSeen),
      lastSeen: Math.max(known?.lastSeen ?? one.lastSeen, one.lastSeen),
    });
  }
  return [...sums.values()].sort(busiestFirst);
}

function summed(all: readonly PairCounter[]): PairSums {
  const sums = new PairSums();
  for (const one of all) sums.add(one);
  return sums;
}

describe('PairSums', () => {
  it('gives the sums of a map by names, in the order of busiestFirst', () => {
    fc.assert(
      fc.property(counters, (all) => {
        const expected = added(all);
        const ranked = summed(all).ranked();
        expect([...ranked]).toEqual(expected);
        expect(ranked).toHaveLength(expected.length);
        expect(ranked.slice(0, 3)).toEqual(expected.slice(0, 3));
        expect(Array.from(ranked.json(), String).join(',\n    ')).toBe(expected.map(pairJson).join(',\n    '));
      }),
    );
  });

  it('gives the same sums when two threads counted and one passed its sums on', () => {
    fc.assert(
      fc.property(counters, counters, (one, other) => {
        const sums = summed(one);
        sums.addEntries(summed(other).entries());
        const expected = added([...one, ...other]);
        expect([...sums.ranked()]).toEqual(expected);
        expect(sums.ranked().total).toEqual({
          bytes: expected.map(({ bytes }) => bytes).reduce(addQuantity, 0),
          rejects: expected.reduce((sum, { rejects }) => sum + rejects, 0),
        });
      }),
    );
  });

  it('decodes names of more pairs than one block has', () => {
    const names = Array.from({ length: 20_000 }, (_, n) => ({ src: `10.0.${n >> 8}.${n & 255}`, dst: '198.51.100.7' }));
    const all = names.map((name, n) => ({ ...name, bytes: 20_000 - n, rejects: 0, firstSeen: 1, lastSeen: 2 }));
    expect([...summed(all).ranked()]).toEqual(all);
  });
});
