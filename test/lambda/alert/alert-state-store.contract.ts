import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertStateStore } from '../../../lambda/alert/alert-state-store.ts';
import type { ReEvaluation } from '../../../lambda/evaluate/finding.ts';

const signal = new AbortController().signal;

let batches = 0;

/** Another batch that arrives in a minute. */
const askedIn = (minute: number) => {
  batches += 1;
  return { dedupToken: batches.toString(36).padStart(8, '0'), arrival: minute * 60 + 7 };
};

const followUpOf = (host: number, token = 'AAAAAAAA'): ReEvaluation => ({
  rule: 'repeated_rejects',
  token,
  key: {
    pk: `pair#10.0.0.${host}#10.0.2.7`,
    fields: new Map([
      ['dstaddr', '10.0.2.7'],
      ['srcaddr', `10.0.0.${host}`],
    ]),
  },
});

/**
 * What any alert ledger must do, whatever keeps it.
 *
 * @param open opens the ledger as one more process would; all that are opened in a test are one
 */
export function alertLedgerContract(name: string, open: () => AlertStateStore, clear: () => Promise<void>): void {
  describe(`${name} as an alert ledger`, () => {
    beforeEach(clear);

    it('knows when the first batch arrived, whoever asks', async () => {
      const ledger = open();
      expect(await ledger.observedSince(1000, signal)).toBe(1000);
      expect(await ledger.observedSince(2000, signal)).toBe(1000);
      expect(await open().observedSince(5000, signal)).toBe(1000);
    });

    it('lets no more messages go in a minute than may, over all who ask', async () => {
      const [one, other] = [open(), open()];
      expect(await one.reserveMessages(7, 3, 5, signal)).toBe(3);
      expect(await other.reserveMessages(7, 3, 5, signal)).toBe(2);
      expect(await one.reserveMessages(7, 1, 5, signal)).toBe(0);
      expect(await one.reserveMessages(8, 9, 5, signal)).toBe(5);
    });

    it('remembers what to follow up until it is forgotten, and tells once a minute', async () => {
      const ledger = open();
      await ledger.schedule([followUpOf(1), followUpOf(2)], signal);
      await ledger.schedule([followUpOf(2)], signal);
      const told = await ledger.dueReEvaluations(askedIn(10), signal);
      expect(told.toSorted((a, b) => (a.key.pk < b.key.pk ? -1 : 1))).toEqual([followUpOf(1), followUpOf(2)]);
      expect(await ledger.dueReEvaluations(askedIn(10), signal)).toEqual([]);
      await ledger.cancel([followUpOf(1)], signal);
      expect(await ledger.dueReEvaluations(askedIn(11), signal)).toEqual([followUpOf(2)]);
      await ledger.cancel([followUpOf(2)], signal);
      expect(await ledger.dueReEvaluations(askedIn(12), signal)).toEqual([]);
    });

    it('tells a batch that comes again once more', async () => {
      const [ledger, batch] = [open(), askedIn(10)];
      await ledger.schedule([followUpOf(1)], signal);
      expect(await ledger.dueReEvaluations(batch, signal)).toEqual([followUpOf(1)]);
      expect(await ledger.dueReEvaluations({ ...batch, arrival: batch.arrival - 60 }, signal)).toEqual([followUpOf(1)]);
      expect(await ledger.dueReEvaluations(askedIn(9), signal)).toEqual([]);
    });

    it('does not forget with what one batch has asked for what another has since', async () => {
      const ledger = open();
      await ledger.schedule([followUpOf(1)], signal);
      await ledger.schedule([followUpOf(1, 'BBBBBBBB')], signal);
      await ledger.cancel([followUpOf(1)], signal);
      expect(await ledger.dueReEvaluations(askedIn(10), signal)).toEqual([followUpOf(1, 'BBBBBBBB')]);
    });

    it('believes no batch that it came from the future', async () => {
      const ledger = open();
      expect(await ledger.observedSince(1_000_000, signal)).toBe(1_000_000);
      expect(await ledger.observedSince(1000, signal)).toBe(1000);
      expect(await open().observedSince(2000, signal)).toBe(1000);
      await ledger.schedule([followUpOf(1)], signal);
      await ledger.dueReEvaluations(askedIn(1_000_000), signal);
      expect(await ledger.dueReEvaluations(askedIn(1000), signal)).toEqual([followUpOf(1)]);
    });
  });
}
