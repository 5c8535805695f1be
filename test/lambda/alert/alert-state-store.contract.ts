import { beforeEach, describe, expect, it } from 'vitest';
import { type AlertStateStore, placesOfRule, queueCapacity } from '../../../lambda/alert/alert-state-store.ts';
import { byLevel } from '../../../lambda/alert/message-allowance.ts';
import type { ReEvaluation } from '../../../lambda/evaluate/finding.ts';
import type { Level } from '../../../lambda/rules/level.ts';

const signal = new AbortController().signal;

let batches = 0;

/** Returns another batch that arrives in a minute. */
const batchIn = (minute: number) => {
  batches += 1;
  return { dedupToken: batches.toString(36).padStart(8, '0'), arrival: minute * 60 + 7 };
};

const entryOf = (
  host: number,
  alertId = 'AAAAAAAA',
  queue: ReEvaluation['queue'] = 'medium',
  rule = 'repeated_rejects',
): ReEvaluation => ({
  queue,
  rule,
  alertId,
  key: {
    pk: `pair#10.0.0.${host}#10.0.2.7`,
    fields: new Map([
      ['dstaddr', '10.0.2.7'],
      ['srcaddr', `10.0.0.${host}`],
    ]),
  },
});

const messages = (numbers: Partial<Record<Level, number>>) => byLevel((level) => numbers[level] ?? 0);

/**
 * The contract of every alert state store.
 *
 * @param open opens the store as another process does; all stores of a test share one state
 */
export function alertStateStoreContract(name: string, open: () => AlertStateStore, clear: () => Promise<void>): void {
  describe(`${name} as an alert state store`, () => {
    beforeEach(clear);

    it('returns the arrival of the first batch to each process', async () => {
      const state = open();
      expect(await state.observedSince('', 1000, signal)).toBe(1000);
      expect(await state.observedSince('', 2000, signal)).toBe(1000);
      expect(await open().observedSince('', 5000, signal)).toBe(1000);
    });

    it('returns a first arrival of each name', async () => {
      const state = open();
      expect(await state.observedSince('', 1000, signal)).toBe(1000);
      expect(await state.observedSince('4b1c', 2000, signal)).toBe(2000);
      expect(await state.observedSince('4b1c,9d2e', 3000, signal)).toBe(3000);
      expect(await open().observedSince('4b1c', 4000, signal)).toBe(2000);
      expect(await open().observedSince('', 4000, signal)).toBe(1000);
    });

    it('reserves at most the caps of a minute by level, over all processes', async () => {
      const [one, other] = [open(), open()];
      expect(await one.reserveMessages(7, messages({ low: 3 }), 10, signal)).toEqual(messages({ low: 3 }));
      expect(await other.reserveMessages(7, messages({ low: 3 }), 10, signal)).toEqual(messages({ low: 1 }));
      expect(await one.reserveMessages(7, messages({ low: 9, medium: 1 }), 10, signal)).toEqual(
        messages({ medium: 1 }),
      );
      expect(await other.reserveMessages(7, messages({ high: 9, low: 1 }), 10, signal)).toEqual(messages({ high: 3 }));
      expect(await one.reserveMessages(7, messages({ critical: 9 }), 10, signal)).toEqual(messages({ critical: 2 }));
      expect(await one.reserveMessages(8, messages({ critical: 99 }), 10, signal)).toEqual(messages({ critical: 10 }));
    });

    it('returns an entry with the scope of its key, and removes that entry', async () => {
      const inVpc = (account: string): ReEvaluation => {
        const [entry, scope] = [entryOf(1), { 'account-id': account, 'vpc-id': 'vpc-0a' }];
        return { ...entry, key: { ...entry.key, pk: `${entry.key.pk}#${account}/vpc-0a`, scope } };
      };
      const [one, other] = [inVpc('111111111111'), inVpc('222222222222')];
      expect(await open().schedule([one, other], signal)).toEqual([]);
      await open().cancel([other], signal);
      expect(await open().dueReEvaluations(batchIn(10), signal)).toEqual([one]);
    });

    it('has no place for an entry of a level when the queue of that level is full, and has one for other levels', async () => {
      const state = open();
      const many = (from: number) => Array.from({ length: 500 }, (_, n) => entryOf(from + n));
      expect(await state.schedule(many(0), signal)).toEqual([]);
      const own = Array.from({ length: placesOfRule }, (_, n) => entryOf(n, 'DDDDDDDD'));
      const unlisted = await state.schedule([...many(400), ...own, entryOf(1, 'BBBBBBBB')], signal);
      expect(unlisted).toEqual([entryOf(1, 'BBBBBBBB')]);
      expect(await state.schedule([entryOf(3), ...many(900)], signal)).toEqual(many(900));
      const others = [entryOf(1, 'AAAAAAAA', 'high'), entryOf(1, 'AAAAAAAA', 'resolution')];
      expect(await open().schedule(others, signal)).toEqual([]);
      const due = await state.dueReEvaluations(batchIn(10), signal);
      expect(due).toHaveLength(queueCapacity + placesOfRule + 2);
      expect(due).toEqual(expect.arrayContaining([...others, entryOf(0), entryOf(899)]));
      await state.cancel([entryOf(0), ...others], signal);
      expect(await state.schedule([...others, entryOf(1, 'BBBBBBBB'), entryOf(1, 'CCCCCCCC')], signal)).toEqual([
        entryOf(1, 'CCCCCCCC'),
      ]);
    });

    it('has places for the entries of each rule when another rule has filled the queue', async () => {
      const [state, other] = [open(), open()];
      const ofRule = (rule: string, from = 0, count = placesOfRule) =>
        Array.from({ length: count }, (_, n) => entryOf(from + n, 'AAAAAAAA', 'medium', rule));
      const noise = ofRule('noise', 0, queueCapacity + placesOfRule);
      expect(await state.schedule([...noise, ...ofRule('noise', 2000, 3)], signal)).toEqual(ofRule('noise', 2000, 3));
      expect(await state.schedule([...ofRule('sweep'), ...ofRule('beacon')], signal)).toEqual([]);
      expect(await other.schedule([...ofRule('sweep'), ...ofRule('sweep', 100, 2)], signal)).toEqual(
        ofRule('sweep', 100, 2),
      );
      const due = await open().dueReEvaluations(batchIn(10), signal);
      expect(due.filter(({ rule }) => rule !== 'noise')).toHaveLength(2 * placesOfRule);
      await other.cancel(ofRule('sweep', 0, 2), signal);
      expect(await other.schedule(ofRule('sweep', 100, 3), signal)).toEqual(ofRule('sweep', 102, 1));
    });

    it('returns an entry once when it has a place of any rule and one of its rule', async () => {
      const state = open();
      const noise = Array.from({ length: queueCapacity }, (_, n) => entryOf(n, 'AAAAAAAA', 'medium', 'noise'));
      await state.schedule(noise, signal);
      expect(await state.schedule([entryOf(1)], signal)).toEqual([]);
      await state.cancel(noise.slice(0, 10), signal);
      expect(await state.schedule([entryOf(1)], signal)).toEqual([]);
      const ofRule = (entries: readonly ReEvaluation[]) => entries.filter(({ rule }) => rule === 'repeated_rejects');
      expect(ofRule(await state.dueReEvaluations(batchIn(10), signal))).toEqual([entryOf(1)]);
      await state.cancel([entryOf(1)], signal);
      expect(ofRule(await state.dueReEvaluations(batchIn(11), signal))).toEqual([]);
    });

    it('returns scheduled entries once a minute until they are cancelled', async () => {
      const state = open();
      await state.schedule([entryOf(1), entryOf(2)], signal);
      await state.schedule([entryOf(2)], signal);
      const due = await state.dueReEvaluations(batchIn(10), signal);
      expect(due.toSorted((a, b) => (a.key.pk < b.key.pk ? -1 : 1))).toEqual([entryOf(1), entryOf(2)]);
      expect(await state.dueReEvaluations(batchIn(10), signal)).toEqual([]);
      await state.cancel([entryOf(1)], signal);
      expect(await state.dueReEvaluations(batchIn(11), signal)).toEqual([entryOf(2)]);
      await state.cancel([entryOf(2)], signal);
      expect(await state.dueReEvaluations(batchIn(12), signal)).toEqual([]);
    });

    it('schedules an entry once when a batch names it twice, as with two pending alerts of one key', async () => {
      const state = open();
      await state.schedule([entryOf(1), entryOf(2), entryOf(1)], signal);
      await state.cancel([entryOf(2), entryOf(2)], signal);
      expect(await state.dueReEvaluations(batchIn(1), signal)).toEqual([entryOf(1)]);
    });

    it('returns the entries again when a batch is retried', async () => {
      const [state, batch] = [open(), batchIn(10)];
      await state.schedule([entryOf(1)], signal);
      expect(await state.dueReEvaluations(batch, signal)).toEqual([entryOf(1)]);
      expect(await state.dueReEvaluations({ ...batch, arrival: batch.arrival - 60 }, signal)).toEqual([entryOf(1)]);
      expect(await state.dueReEvaluations(batchIn(9), signal)).toEqual([]);
    });

    it('keeps the entry of another batch when one batch’s entry is cancelled', async () => {
      const state = open();
      await state.schedule([entryOf(1)], signal);
      await state.schedule([entryOf(1, 'BBBBBBBB')], signal);
      await state.cancel([entryOf(1)], signal);
      expect(await state.dueReEvaluations(batchIn(10), signal)).toEqual([entryOf(1, 'BBBBBBBB')]);
    });

    it('returns the entries and the first arrival when an earlier batch claimed to arrive in the future', async () => {
      const state = open();
      expect(await state.observedSince('', 1_000_000, signal)).toBe(1_000_000);
      expect(await state.observedSince('', 1000, signal)).toBe(1000);
      expect(await open().observedSince('', 2000, signal)).toBe(1000);
      await state.schedule([entryOf(1)], signal);
      await state.dueReEvaluations(batchIn(1_000_000), signal);
      expect(await state.dueReEvaluations(batchIn(1000), signal)).toEqual([entryOf(1)]);
    });
  });
}
