import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

/** The records in a mebibyte, which is a batch of a stream with a hundred million records a day. */
const recordsPerBatch = 4260;
const batches = 10;
const pairs = 40_000;

const noRules = rulesOf();

/** Returns the cumulative weights of the pairs, the most frequent first. */
function cumulativeWeights(exponent: number): number[] {
  let sum = 0;
  return Array.from({ length: pairs }, (_, rank) => {
    sum += 1 / (rank + 1) ** exponent;
    return sum;
  });
}

/** Returns the writes for a million records: one update for each pair of a batch, and two marker updates per batch. */
function writesPerMillion(exponent: number): number {
  const upTo = cumulativeWeights(exponent);
  let seed = 1;
  const pick = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const wanted = (seed / 2 ** 31) * upTo.at(-1)!;
    let [low, high] = [0, pairs - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let writes = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const flows = Array.from({ length: recordsPerBatch }, () => {
      const pair = pick();
      return { flow: flowOf({ srcaddr: `10.1.${pair >> 8}.${pair & 255}`, dstaddr: '10.2.0.1' }), arrival: epoch };
    });
    writes += aggregate(flows, noRules).deltas.length + 2;
  }
  return Math.round((writes * 1_000_000) / (batches * recordsPerBatch));
}

describe('a million records of 40,000 pairs, in batches of 4,260', () => {
  it.each([
    { skew: 'all pairs are equally frequent', exponent: 0, writes: 949_953 },
    { skew: 'the nth pair has 1/n of the flows of the first', exponent: 1, writes: 448_239 },
    { skew: 'the nth pair has 1/n^1.5 of the flows of the first', exponent: 1.5, writes: 84_437 },
  ])('take $writes writes instead of a million when $skew', ({ exponent, writes }) => {
    expect(writesPerMillion(exponent)).toBe(writes);
  });
});
