import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashWith, KeyTable } from '../../../cli/count/hash-table.ts';

const key = fc.array(fc.oneof(fc.nat(2), fc.integer()), { maxLength: 4 });

describe('KeyTable', () => {
  for (const [name, mask] of [
    ['any hashes', -1],
    ['three hashes', 3],
    ['one hash', 0],
  ] as const) {
    it(`numbers keys in the order of insertion, with ${name}`, () => {
      fc.assert(
        fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
          const table = new KeyTable();
          const known = new Map<string, number>();
          for (const words of keys) {
            const [from, to] = [1, 1 + words.length];
            const around = Int32Array.from([7, ...words, 7]);
            const hash = words.reduce(hashWith, 0) & mask;
            const found = table.find(around, from, to, hash);
            expect(found).toBe(known.get(words.join()) ?? -1);
            if (found < 0) known.set(words.join(), table.add(around, from, to, hash));
          }
          expect([...known.values()]).toEqual([...known.keys()].map((_, number) => number));
          expect(table.size).toBe(known.size);
        }),
      );
    });
  }

  it('distinguishes ten thousand keys when a hundred each have the same hash', () => {
    const table = new KeyTable();
    const keys = Array.from({ length: 10_000 }, (_, n) => Int32Array.of(n, -n));
    for (const one of keys) table.add(one, 0, 2, one[0]! % 100);
    expect(keys.map((one) => table.find(one, 0, 2, one[0]! % 100))).toEqual(keys.map((_, n) => n));
    expect(table.find(Int32Array.of(1, 1), 0, 2, 1)).toBe(-1);
  });
});
