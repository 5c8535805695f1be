import { describe, expect, it } from 'vitest';
import { conversationsOf, pairsByEndpoint } from '../../../../cli/report/page/conversations.ts';
import { epoch } from '../../../support/flows.ts';

const pair = (src: string, dst: string, bytes: number, rejects = 0) => {
  return { src, dst, bytes, rejects, firstSeen: epoch, lastSeen: epoch };
};

describe('conversationsOf', () => {
  it('arranges sources, endpoints and destinations from left to right', () => {
    const pairs = [pair('a', 'end', 5), pair('end', 'other', 9), pair('end', 'a', 1), pair('x', 'y', 99)];
    const { columns, edges } = conversationsOf(['end'], pairsByEndpoint(pairs));
    expect(columns).toEqual([['a'], ['end'], ['other', 'a']]);
    expect(edges.map(({ from, to }) => [from, to])).toEqual([
      [
        [1, 0],
        [2, 0],
      ],
      [
        [0, 0],
        [1, 0],
      ],
      [
        [1, 0],
        [2, 1],
      ],
    ]);
  });

  it('has the pair of the alert when other pairs are busier', () => {
    const others = Array.from({ length: 50 }, (_, n) => pair('one', `peer${n}`, 1000 + n));
    const quiet = pair('one', 'two', 0, 1);
    const { pairs, columns } = conversationsOf(['one', 'two'], pairsByEndpoint([...others, quiet]));
    expect(pairs[0]).toEqual(quiet);
    expect(pairs).toHaveLength(13);
    expect(columns[1]).toEqual(['one']);
  });

  it('is empty when no pairs were counted', () => {
    expect(conversationsOf(['one'], pairsByEndpoint([]))).toEqual({ pairs: [], columns: [[], [], []], edges: [] });
  });
});
