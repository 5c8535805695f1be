import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PairNumbers } from '../../../lambda/flow-log/pair-numbers.ts';

it('numbers pairs in the order of their first use', () => {
  const pair = fc.tuple(fc.nat({ max: 40 }), fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 2 ** 31 - 1 })));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 2000, size: 'max' }), (pairs) => {
      const numbers = new PairNumbers();
      const expected = new Map<string, number>();
      for (const [first, second] of pairs) {
        const name = `${first} ${second}`;
        if (!expected.has(name)) expected.set(name, expected.size);
        expect(numbers.numberOf(first, second)).toBe(expected.get(name));
      }
      expect(numbers.size).toBe(expected.size);
    }),
    { numRuns: 20 },
  );
});
