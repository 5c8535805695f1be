import { beforeEach, describe, expect, it } from 'vitest';
import type { FollowUp } from '../../../lambda/core/follow-up.ts';
import type { AlertLedger } from '../../../lambda/ports.ts';

const signal = new AbortController().signal;

const followUpOf = (host: number): FollowUp => ({
  rule: 'repeated_rejects',
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
export function alertLedgerContract(name: string, open: () => AlertLedger, clear: () => Promise<void>): void {
  describe(`${name} as an alert ledger`, () => {
    beforeEach(clear);

    it('knows when the first batch arrived, whoever asks', async () => {
      const ledger = open();
      expect(await ledger.observedSince(1000, signal)).toBe(1000);
      expect(await ledger.observedSince(2000, signal)).toBe(1000);
      expect(await open().observedSince(500, signal)).toBe(1000);
    });

    it('lets no more messages go in a minute than may, over all who ask', async () => {
      const [one, other] = [open(), open()];
      expect(await one.takeMessages(7, 3, 5, signal)).toBe(3);
      expect(await other.takeMessages(7, 3, 5, signal)).toBe(2);
      expect(await one.takeMessages(7, 1, 5, signal)).toBe(0);
      expect(await one.takeMessages(8, 9, 5, signal)).toBe(5);
    });

    it('remembers what to follow up until it is forgotten, and tells once a minute', async () => {
      const ledger = open();
      await ledger.follow([followUpOf(1), followUpOf(2)], signal);
      await ledger.follow([followUpOf(2)], signal);
      const told = await ledger.followUps(10, signal);
      expect(told.toSorted((a, b) => (a.key.pk < b.key.pk ? -1 : 1))).toEqual([followUpOf(1), followUpOf(2)]);
      expect(await ledger.followUps(10, signal)).toEqual([]);
      await ledger.unfollow([followUpOf(1)], signal);
      expect(await ledger.followUps(11, signal)).toEqual([followUpOf(2)]);
      await ledger.unfollow([followUpOf(2)], signal);
      expect(await ledger.followUps(12, signal)).toEqual([]);
    });
  });
}
