import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseReEvaluations, maxReEvaluated } from '../../../lambda/alert/choose-re-evaluations.ts';
import type { ReEvaluation, ReEvaluationQueue } from '../../../lambda/evaluate/finding.ts';
import { severeFirst } from '../../../lambda/rules/level.ts';

const queues: readonly ReEvaluationQueue[] = [...severeFirst, 'resolution'];

const entriesIn = (queue: ReEvaluationQueue, count: number): ReEvaluation[] =>
  Array.from({ length: count }, (_, n) => ({
    queue,
    rule: `${queue}_rule`,
    alertId: 'AAAAAAAA',
    key: { pk: `pair#${n}#x`, fields: new Map() },
  }));

const batchOf = (number: number) => ({
  dedupToken: Buffer.from(Uint32Array.of(number, number).buffer).toString('base64url').slice(0, 8),
  arrival: 0,
});

const chosenOf = (queued: readonly ReEvaluation[], number: number) => chooseReEvaluations(queued, batchOf(number));
const countIn = (chosen: readonly ReEvaluation[][], queue: ReEvaluationQueue) =>
  chosen.filter(([first]) => first!.queue === queue).length;

describe('chooseReEvaluations', () => {
  it('takes the most severe levels first, and a share of every other queue', () => {
    const queued = queues.toReversed().flatMap((queue) => entriesIn(queue, 40));
    const chosen = chosenOf(queued, 7);
    expect(queues.map((queue) => countIn(chosen, queue))).toEqual([15, 2, 2, 2, 2, 2]);
    expect(chosen.map(([first]) => queues.indexOf(first!.queue))).toEqual(
      chosen.map(([first]) => queues.indexOf(first!.queue)).toSorted((a, b) => a - b),
    );
  });

  it('takes an entry of level high whatever number of entries of other levels is queued', () => {
    const noise = [...entriesIn('critical', 900), ...entriesIn('medium', 900), ...entriesIn('resolution', 900)];
    expect(countIn(chosenOf([...noise, ...entriesIn('high', 1)], 3), 'high')).toBe(1);
  });

  it('takes a key of each rule when another rule of the level has many', () => {
    const noise = [...entriesIn('medium', 800), ...entriesIn('critical', 800)];
    const rare = ['a', 'b'].map((rule): ReEvaluation => ({ ...entriesIn('medium', 1)[0]!, rule }));
    for (const number of [0, 1, 2, 798, 799, 800]) {
      const chosen = chosenOf([...entriesIn('medium', 800), ...rare], number).flat();
      expect(chosen).toEqual(expect.arrayContaining(rare));
    }
    const seen = new Set([0, 1, 2].flatMap((number) => chosenOf([...noise, ...rare], number).flat()));
    expect(seen.isSupersetOf(new Set(rare))).toBe(true);
  });

  it('takes everything up to the limit, each rule and key once, with all its entries', () => {
    const count = fc.constantFrom(0, 1, 2, 3, 10, 30);
    fc.assert(
      fc.property(fc.tuple(...queues.map(() => count)), fc.nat(), (counts, number) => {
        const queued = queues.flatMap((queue, index) => entriesIn(queue, counts[index]!));
        const twice = [...queued, ...queued.map((entry) => ({ ...entry, alertId: 'BBBBBBBB' }))];
        const chosen = chosenOf(twice, number);
        expect(chosen).toHaveLength(Math.min(maxReEvaluated, queued.length));
        expect(new Set(chosen.flat()).size).toBe(2 * chosen.length);
        for (const [index, queue] of queues.entries()) {
          expect(countIn(chosen, queue)).toBeGreaterThanOrEqual(Math.min(2, counts[index]!));
        }
      }),
    );
  });

  it('gives every entry of a queue a turn when batches have different tokens', () => {
    const queued = [...entriesIn('critical', 100), ...entriesIn('low', 30)];
    const seen = new Set(Array.from({ length: 3000 }, (_, n) => chosenOf(queued, n * 2_654_435_761)).flat(2));
    expect(seen.size).toBe(130);
  });
});
