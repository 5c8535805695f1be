import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

/** As many records as a mebibyte holds, which is a batch of a stream with a hundred million records a day. */
const recordsPerBatch = 4260;
const batches = 10;
const pairs = 40_000;

const noRules = rulesOf();

/** A number for each rank that is less than what the ranks before it and its own have of all. */
function ranks(exponent: number): number[] {
  let sum = 0;
  return Array.from({ length: pairs }, (_, rank) => {
    sum += 1 / (rank + 1) ** exponent;
    return sum;
  });
}

/** How many writes a million records take: an update for each pair of a batch, and two notes of the batch. */
function writesPerMillion(exponent: number): number {
  const upTo = ranks(exponent);
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

describe('a million records, in batches of 4,260, of 40,000 pairs', () => {
  it.each([
    { skew: 'all pairs alike', exponent: 0, writes: 949_953 },
    { skew: 'the nth pair has 1/n of the first', exponent: 1, writes: 448_239 },
    { skew: 'the nth pair has 1/n^1.5 of the first', exponent: 1.5, writes: 84_437 },
  ])('take $writes writes, where one for each record would be a million, when $skew', ({ exponent, writes }) => {
    expect(writesPerMillion(exponent)).toBe(writes);
  });
});
