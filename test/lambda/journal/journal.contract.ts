import { describe, expect, it } from 'vitest';
import { type Journal, type LaneState, newLane, type Page } from '../../../lambda/journal/journal.ts';
import { allParts, type Lane } from '../../../lambda/journal/lane.ts';
import { epoch } from '../../support/flows.ts';

const signal = new AbortController().signal;
let numbers = 0;

/** Returns a lane that no other test uses, so that tests can share a table. */
function freshLane(): Lane {
  numbers += 1;
  return { lanes: 128, number: numbers };
}

function pageOf(batch: string, putAt: number, values: Partial<Page> = {}): Page {
  const bytes = Uint8Array.from(Buffer.from(`page of ${batch}`));
  return { batch: batch.padEnd(16, '-'), parts: allParts, putAt, firstAttempt: putAt - 5, deltas: 3, bytes, ...values };
}

const frozen = (number: number, attempt: string, values: Partial<LaneState> = {}): LaneState => ({
  freeze: { number, attempt },
  phase: 'apply',
  until: epoch + number * 300,
  countedUntil: epoch + (number - 1) * 300,
  chunks: 2,
  applied: 0,
  ...values,
});

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of iterable) found.push(one);
  return found;
}

/** Defines the tests that every journal must pass. */
export function journalContract(name: string, getJournal: () => Journal): void {
  describe(`${name} as a journal`, () => {
    const pages = (lane: Lane, from: number, to: number) => all(getJournal().pages(lane, from, to, signal));

    it('returns the pages of an interval as they were put, the earliest first', async () => {
      const lane = freshLane();
      const put = [
        pageOf('b', epoch + 10),
        pageOf('a', epoch),
        pageOf('c', epoch + 20, { parts: 0x8000_0001, bytes: new Uint8Array(100_000).fill(7) }),
        pageOf('d', epoch + 21),
      ];
      for (const page of put) await getJournal().putPage(lane, page, signal);
      await getJournal().putPage({ ...lane, lanes: 16 }, pageOf('e', epoch), signal);
      expect(await pages(lane, epoch, epoch + 20)).toEqual([put[1], put[0], put[2]]);
    });

    it('stores a page once when it is put twice, and each attempt of a batch by itself', async () => {
      const lane = freshLane();
      for (const putAt of [epoch, epoch, epoch + 60]) await getJournal().putPage(lane, pageOf('a', putAt), signal);
      expect((await pages(lane, 0, epoch + 100)).map(({ putAt }) => putAt)).toEqual([epoch, epoch + 60]);
    });

    it('returns more pages than one response of a table holds', async () => {
      const lane = freshLane();
      const put = Array.from({ length: 5 }, (_, n) => pageOf(`p${n}`, epoch + n, { bytes: new Uint8Array(300_000) }));
      for (const page of put) await getJournal().putPage(lane, page, signal);
      expect((await pages(lane, epoch, epoch + 100)).map(({ batch }) => batch)).toEqual(put.map(({ batch }) => batch));
    });

    it('names a set of lanes for as long as its pages are stored', async () => {
      await getJournal().register(16, epoch, signal);
      expect(await getJournal().laneSets(epoch + 13 * 86_400, signal)).toContain(16);
      expect(await getJournal().laneSets(epoch + 15 * 86_400, signal)).not.toContain(16);
    });

    it('gives the lease of a lane to one holder until it ends or is given back', async () => {
      const lane = freshLane();
      const lease = (holder: string, now: number) => getJournal().lease(lane, holder, now, now + 300, signal);
      expect(await lease('one', epoch)).toEqual(newLane);
      expect(await lease('two', epoch + 300)).toBeUndefined();
      expect(await lease('one', epoch + 200)).toEqual(newLane);
      await getJournal().release(lane, 'two', epoch + 500, signal);
      expect(await lease('two', epoch + 400)).toBeUndefined();
      // The end of the first lease: the request is late.
      await getJournal().release(lane, 'one', epoch + 300, signal);
      expect(await lease('two', epoch + 400)).toBeUndefined();
      await getJournal().release(lane, 'one', epoch + 500, signal);
      expect(await lease('two', epoch + 400)).toEqual(newLane);
      expect(await lease('three', epoch + 701)).toEqual(newLane);
    });

    it('freezes a lane once, and again only when all chunks are applied', async () => {
      const lane = freshLane();
      const [first, rival] = [frozen(1, 'aaaaaaaa'), frozen(1, 'bbbbbbbb')];
      expect(await getJournal().freeze(lane, newLane, first, signal)).toBe(true);
      expect(await getJournal().freeze(lane, newLane, rival, signal)).toBe(false);
      expect(await getJournal().freeze(lane, first, frozen(2, 'cccccccc'), signal)).toBe(false);
      expect(await getJournal().state(lane, signal)).toEqual(first);
      expect(await getJournal().advance(lane, first, 1, signal)).toBe(true);
      expect(await getJournal().state(lane, signal)).toEqual({ ...first, applied: 1 });
      expect(await getJournal().advance(lane, rival, 2, signal)).toBe(false);
      expect(await getJournal().advance(lane, first, 2, signal)).toBe(true);
      const open = { ...first, applied: 2, phase: 'open', countedUntil: first.until } as const;
      expect(await getJournal().state(lane, signal)).toEqual(open);
      expect(await getJournal().freeze(lane, { ...open, ...rival, phase: 'open' }, frozen(2, 'd'), signal)).toBe(false);
      const empty = frozen(2, 'eeeeeeee', { phase: 'open', chunks: 0, countedUntil: epoch + 600 });
      expect(await getJournal().freeze(lane, open, empty, signal)).toBe(true);
      expect(await getJournal().lease(lane, 'one', epoch, epoch + 300, signal)).toEqual(empty);
    });

    it('returns what the freezes of the chain took, and not what a refused attempt took', async () => {
      const lane = freshLane();
      const states = [newLane, frozen(1, 'm'), frozen(2, 'm'), frozen(3, 'm')];
      const taken = (number: number, attempt: string) => ({
        freeze: { number, attempt },
        previous: { freeze: states[number - 1]!.freeze, until: states[number - 1]!.until },
        until: epoch + number * 300,
        parts: new Map([
          [`batch${number}`.padEnd(16, attempt), allParts],
          [`part${number}`.padEnd(16, attempt), 0x10],
        ]),
      });
      for (const [number, attempt] of [
        [1, 'm'],
        [2, 'a'],
        [2, 'm'],
        [2, 'z'],
        [3, 'm'],
        [3, 'z'],
      ] as const) {
        await getJournal().putTaken(lane, taken(number, attempt), signal);
      }
      const chain = (since: number) => getJournal().taken(lane, states[3]!, since, signal);
      const expected = [3, 2, 1].map((number) => taken(number, 'm'));
      expect(await chain(0)).toEqual(expected);
      expect(await chain(epoch + 600)).toEqual(expected.slice(0, 2));
      expect(await chain(epoch + 901)).toEqual([]);
      expect(await getJournal().taken(lane, newLane, 0, signal)).toEqual([]);
    });

    it('throws when what a freeze took is missing', async () => {
      const lane = freshLane();
      const taken = getJournal().taken(lane, frozen(2, 'gone'), 0, signal);
      await expect(taken).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' });
    });

    it('counts the refusals of each key of a chunk', async () => {
      const lane = freshLane();
      const refuse = (index: number, pk: string) =>
        getJournal().recordRefusal(lane, { number: 1, attempt: 'aaaaaaaa' }, index, epoch, pk, signal);
      const long = `group#instance-tag#${'ü'.repeat(800)}`;
      expect([await refuse(0, 'src#a'), await refuse(0, 'src#a'), await refuse(1, 'src#a')]).toEqual([1, 2, 1]);
      expect([await refuse(0, long), await refuse(0, long)]).toEqual([1, 2]);
    });

    it('returns a chunk, and throws when a chunk is missing', async () => {
      const lane = freshLane();
      const { freeze } = frozen(1, 'aaaaaaaa');
      const bytes = Uint8Array.from([1, 2, 255]);
      await getJournal().putChunk(lane, freeze, 0, epoch, bytes, signal);
      expect(Uint8Array.from(await getJournal().chunk(lane, freeze, 0, signal))).toEqual(bytes);
      await expect(getJournal().chunk(lane, freeze, 1, signal)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' });
    });
  });
}
