import { isIPv6 as isIPv6OfNode } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIPv6 } from '../../../../cli/report/page/is-ipv6.ts';

describe('isIPv6', () => {
  it('accepts the same texts as Node.js, without a zone', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF::::..'), maxLength: 40 });
    const examples = [
      '::',
      '::1',
      '1::',
      ':::',
      '1::2::3',
      '::1.2.3.4',
      '::1.2.3.04',
      '::1.2.3',
      '1:2:3:4:5:6:7:8:9',
      '[::1]',
      '::1/64',
      '::1]x',
    ];
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), near, fc.string()), (text) => {
        fc.pre(!text.includes('%'));
        expect(isIPv6(text)).toBe(isIPv6OfNode(text));
      }),
      { examples: examples.map((text) => [text]), numRuns: 500 },
    );
  });
});
