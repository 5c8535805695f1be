import { describe, expect, it } from 'vitest';
import type { Silences } from '../../../cli/counter-table/silences.ts';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { addQuantity } from '../../../lambda/common/quantity.ts';
import type { CounterStore } from '../../../lambda/count/counter-store.ts';
import type { FinishingOptions } from '../../../lambda/count/finished-batches.ts';
import { itemSize } from '../../../lambda/count/item-size.ts';
import type { AlertRecord } from '../../../lambda/counters/alert-record.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import type { Silence } from '../../../lambda/counters/silence.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

/** The rules whose series the stores under contract keep. */
export const contractRules: LoadedRules = rulesOf(
  ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}'),
  ruleText(
    '{dstport: 22}',
    'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
  ),
  ruleText(
    '{dstport: 25}',
    'type: value_sum, group-by: [account-id, dstport], timespan: 1h, condition: {field: bytes, gt: 10}',
  ),
);

const signal = new AbortController().signal;
let numbers = 0;

/** A pair that no other test uses, so that tests can share a table. */
function freshPair(): { srcaddr: string; dstaddr: string } {
  numbers += 1;
  return { srcaddr: `10.${numbers >> 8}.${numbers & 255}.1`, dstaddr: '10.255.0.1' };
}

function batchOf(token: number, arrival: number = epoch): Batch {
  return { dedupToken: token.toString(36).padStart(8, '0'), arrival };
}

function deltasOf(...values: Record<string, string | number>[]): KeyDelta[] {
  return [
    ...aggregate(
      values.map((one) => ({ flow: flowOf(one), arrival: epoch })),
      contractRules,
    ).deltas,
  ];
}

function amounts(counter: Counter): number {
  return [...counter.slots.values()]
    .flatMap((slots) => [...slots.values()])
    .reduce<number>((sum, value) => sum + (typeof value === 'object' ? value.size : Number(value)), 0);
}

const claimOf = (id: string, values: Partial<AlertRecord> = {}): AlertRecord => ({
  rule: 'rule_0',
  multiple: 1,
  id,
  value: 11,
  isLowerBound: false,
  from: epoch - 3600,
  to: epoch,
  token: 'AAAAAAAA',
  arrival: epoch,
  sent: false,
  deferred: false,
  logOnly: false,
  suppressSeconds: 3600,
  suppressedCount: 0,
  previousSuppressedCount: 0,
  lastSuppressedBatch: '',
  ...values,
});

const silenceFor = (seconds: number, values: Partial<Silence> = {}): Silence => ({
  rule: 'rule_0',
  reason: 'the backup',
  since: epoch,
  until: epoch + seconds,
  ...values,
});

/** What any counter store must do, whatever keeps its counters. */
export function counterStoreContract(name: string, getStore: () => CounterStore, getSilences: () => Silences): void {
  describe(`${name} as a counter store`, () => {
    const add = (delta: KeyDelta, batch: Batch) => getStore().add(delta, batch, signal);
    const addOne = (values: Record<string, string | number>, batch: Batch) => add(deltasOf(values)[0]!, batch);

    it('adds up bytes and rejects and keeps the first and the last time', async () => {
      const pair = freshPair();
      await addOne({ ...pair, bytes: 100 }, batchOf(1));
      const counter = await addOne({ ...pair, action: 'REJECT', start: epoch + 60, end: epoch + 90 }, batchOf(2));
      expect(counter).toMatchObject({ bytes: 100, rejects: 1, firstSeen: epoch, lastSeen: epoch + 90 });
    });

    it('adds a batch once, however often it comes, and answers the counter as it is', async () => {
      const pair = { ...freshPair(), action: 'REJECT' };
      await addOne(pair, batchOf(1));
      await addOne(pair, batchOf(2));
      for (const arrival of [epoch, epoch + 600, epoch + 3600, epoch - 600]) {
        const counter = await addOne(pair, batchOf(1, arrival));
        expect(counter.rejects).toBe(2);
        expect(amounts(counter)).toBe(2);
      }
    });

    it('adds each part of a long batch once', async () => {
      const values = { ...freshPair(), action: 'REJECT' };
      const parts = deltasOf(...Array.from({ length: 130 }, (_, n) => ({ ...values, end: epoch + n * 180 })));
      expect(parts).toHaveLength(4);
      const addAll = async () => {
        let counter: Counter | undefined;
        for (const part of parts) counter = await add(part, batchOf(1));
        return counter!;
      };
      expect((await addAll()).rejects).toBe(130);
      expect((await addAll()).rejects).toBe(130);
    });

    it('keeps the first time smallest and the last time largest, in whatever order batches come', async () => {
      const pair = freshPair();
      const seen = async (start: number, token: number) => {
        const { firstSeen, lastSeen } = await addOne(
          { ...pair, start: epoch + start, end: epoch + start + 10 },
          batchOf(token),
        );
        return [firstSeen - epoch, lastSeen - epoch];
      };
      expect(await seen(100, 1)).toEqual([100, 110]);
      expect(await seen(50, 2)).toEqual([50, 110]);
      expect(await seen(200, 3)).toEqual([50, 210]);
      expect(await seen(150, 4)).toEqual([50, 210]);
      expect(await seen(0, 5)).toEqual([0, 210]);
    });

    it('loses nothing to sixteen writers at once', async () => {
      const pair = { ...freshPair(), action: 'REJECT', dstport: 22 };
      const writes = Array.from({ length: 16 }, (_, n) =>
        addOne({ ...pair, start: epoch - n, end: epoch + ((n * 5) % 16) }, batchOf(n + 1)),
      );
      await Promise.all([...writes, addOne(pair, batchOf(1))]);
      const counter = await addOne(pair, batchOf(99));
      expect(counter).toMatchObject({ rejects: 17, firstSeen: epoch - 15 });
      expect(amounts(counter)).toBe(17);
    });

    it('reads a counter as it is, and none where there is none', async () => {
      const pair = freshPair();
      const counter = await addOne({ ...pair, action: 'REJECT' }, batchOf(1));
      const { key } = deltasOf(pair)[0]!;
      expect(await getStore().read(key.pk, signal)).toEqual(counter);
      expect(await getStore().read('pair#nobody#nothing', signal)).toBeUndefined();
    });

    it('counts the batches in which an alert held back others, the same once', async () => {
      const pair = freshPair();
      const { key } = deltasOf(pair)[0]!;
      await addOne(pair, batchOf(1));
      const claim = claimOf('held');
      await getStore().claim(key.pk, claim, undefined, epoch, signal);
      for (const token of ['B', 'B', 'C']) await getStore().recordSuppression(key.pk, claim, token, signal);
      await getStore().recordSuppression(key.pk, claimOf('another'), 'D', signal);
      expect((await getStore().read(key.pk, signal))?.alertRecords).toEqual([
        { ...claim, suppressedCount: 2, lastSuppressedBatch: 'C' },
      ]);
    });

    it('counts beyond what a double holds', async () => {
      const pair = { ...freshPair(), bytes: '9223372036854775807' };
      await addOne(pair, batchOf(1));
      expect((await addOne(pair, batchOf(2))).bytes).toBe(
        addQuantity(9_223_372_036_854_775_807n, 9_223_372_036_854_775_807n),
      );
    });

    it('keeps distinct values once, and leaves out what a full set has no room for', async () => {
      const { srcaddr } = freshPair();
      const series = [...contractRules.series.values()].find(({ measure }) => measure.kind === 'distinct')!;
      const cap = series.measure.kind === 'distinct' ? series.measure.cap : 0;
      const to = async (n: number, token: number) => {
        const all = deltasOf({ srcaddr, dstaddr: `10.9.${n >> 8}.${n & 255}`, dstport: 22 });
        return add(all.find(({ key }) => key.pk.startsWith('src#'))!, batchOf(token));
      };
      await to(0, 1);
      expect(amounts(await to(0, 2))).toBe(1);
      for (let n = 1; n < cap + 3; n += 1) await to(n, n + 2);
      expect(amounts(await to(0, 999))).toBe(cap);
    });

    it('takes an update of as many sets as one may have', async () => {
      const { srcaddr } = freshPair();
      const values = Array.from({ length: 200 }, (_, n) => ({
        srcaddr,
        dstaddr: `10.9.0.${n}`,
        dstport: 22,
        end: epoch + n * 180,
      }));
      const parts = deltasOf(...values).filter(({ key }) => key.pk.startsWith('src#'));
      expect(parts).toHaveLength(5);
      for (const part of parts) await add(part, batchOf(1));
      expect(amounts(await add(parts[4]!, batchOf(1)))).toBeGreaterThanOrEqual(31);
    });

    it('takes sets that are as full as they may be, over more slots than it keeps, of the longest addresses', async () => {
      const { srcaddr } = freshPair();
      let last: Counter | undefined;
      for (let slot = 0; slot < 120; slot += 1) {
        const end = epoch + slot * 180;
        const values = Array.from({ length: 90 }, (_, n) => ({
          srcaddr,
          dstaddr: `fd00:1111:2222:3333:4444:5555:${(slot + 4096).toString(16)}:${(n + 4096).toString(16)}`,
          dstport: 22,
          end,
        }));
        const delta = deltasOf(...values).find(({ key }) => key.pk.startsWith('src#'))!;
        last = await add(delta, batchOf(slot, end));
      }
      expect(amounts(last!)).toBeGreaterThan(42 * 20);
    });

    it('keeps counters of any other group', async () => {
      const account = String(100_000_000_000 + numbers);
      const all = deltasOf({ ...freshPair(), 'account-id': account, dstport: 25, bytes: 70 });
      const group = all.find(({ key }) => key.pk.startsWith('group#'))!;
      await add(group, batchOf(1));
      expect(amounts(await add(group, batchOf(2)))).toBe(140);
    });

    it('forgets slots and tokens that nothing can ask for any more, and no silence, and keeps the item in one write unit', async () => {
      const pair = { ...freshPair(), action: 'REJECT' };
      const { key } = deltasOf(pair)[0]!;
      let counter: Counter | undefined;
      for (let n = 0; n < 300; n += 1) {
        const time = epoch + n * 180;
        counter = await addOne({ ...pair, start: time, end: time }, batchOf(n + 1, time));
        if (n === 0) await getSilences().silence(key.pk, silenceFor(60));
        expect(itemSize(key, counter).total).toBeLessThanOrEqual(1024);
      }
      expect(counter!.rejects).toBe(300);
      expect(amounts(counter!)).toBeLessThan(31 + 60);
      expect(counter!.silences.get('rule_0')).toEqual(silenceFor(60));
    });

    it('gives a claim to one of those who want it, and only to who knows what stands there', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const [a, b] = [claimOf('a'), claimOf('b', { token: 'BBBBBBBB' })];
      const outcomes = await Promise.all([a, b].map((claim) => getStore().claim(pk, claim, undefined, epoch, signal)));
      const [winner, loser] = 'claimed' in outcomes[0]! ? [a, b] : [b, a];
      expect(outcomes).toContainEqual({ claimed: winner });
      expect(outcomes).toContainEqual({ lostTo: winner });
      expect(await getStore().claim(pk, claimOf('c', { token: 'CCCCCCCC' }), loser, epoch, signal)).toEqual({
        lostTo: winner,
      });
      expect(await getStore().claim(pk, claimOf('c'), winner, epoch, signal)).toEqual({ claimed: claimOf('c') });
      const { alertRecords } = await addOne({ ...pair, end: epoch + 51 }, batchOf(2));
      expect(alertRecords).toEqual([claimOf('c')]);
    });

    it('gives a batch back the claim that an earlier try of it made, until it is kept', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, claimOf('a'), undefined, epoch, signal);
      expect(await getStore().claim(pk, claimOf('later', { value: 99 }), undefined, epoch, signal)).toEqual({
        claimed: claimOf('a'),
      });
      expect(await getStore().claim(pk, claimOf('b', { token: 'BBBBBBBB' }), undefined, epoch, signal)).toEqual({
        lostTo: claimOf('a'),
      });
      await getStore().markSent(pk, claimOf('a'), signal);
      expect(await getStore().claim(pk, claimOf('later'), undefined, epoch, signal)).toEqual({
        lostTo: claimOf('a', { sent: true }),
      });
    });

    it('gives a claim that was put off to one of those who take it up, and none that was kept meanwhile', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const putOff = claimOf('a', { deferred: true });
      await getStore().claim(pk, putOff, undefined, epoch, signal);
      const takers = [claimOf('a'), claimOf('a', { token: 'BBBBBBBB' })];
      const outcomes = await Promise.all(takers.map((claim) => getStore().claim(pk, claim, putOff, epoch, signal)));
      expect(outcomes.map((outcome) => 'claimed' in outcome && outcome.claimed.deferred)).toContain(false);
      const { alertRecords } = await addOne(pair, batchOf(1));
      const [taken] = alertRecords;
      expect(outcomes).toContainEqual({ claimed: taken });
      await getStore().markSent(pk, taken!, signal);
      expect(await getStore().claim(pk, claimOf('a', { token: 'CCCCCCCC' }), taken, epoch, signal)).toEqual({
        lostTo: { ...taken, sent: true },
      });
    });

    it('marks a claim as sent, and not one that has replaced it', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, claimOf('a'), undefined, epoch, signal);
      await getStore().markSent(pk, claimOf('other'), signal);
      expect((await addOne(pair, batchOf(1))).alertRecords).toEqual([claimOf('a')]);
      await getStore().markSent(pk, claimOf('a'), signal);
      expect((await addOne(pair, batchOf(1))).alertRecords).toEqual([claimOf('a', { sent: true })]);
    });

    it('keeps a silence beside what is counted, in the place of another, until it is taken back', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, claimOf('a'), undefined, epoch, signal);
      const [first, second] = [silenceFor(3600), silenceFor(7200, { reason: 'é "quoted" \u0000' })];
      expect(await getSilences().silence(pk, first)).toEqual({ before: undefined });
      expect(await getSilences().silence(pk, second)).toEqual({ before: first });
      const another = silenceFor(60, { rule: 'rule_1' });
      await getSilences().silence(pk, another);
      const counter = await addOne(pair, batchOf(2));
      expect(counter).toMatchObject({ bytes: 2000, alertRecords: [claimOf('a')] });
      expect(counter.silences).toEqual(
        new Map([
          ['rule_0', second],
          ['rule_1', another],
        ]),
      );
      expect(await getSilences().unsilence(pk, 'rule_0')).toEqual(second);
      expect(await getSilences().unsilence(pk, 'rule_0')).toBeUndefined();
      expect((await getStore().read(pk, signal))?.silences).toEqual(new Map([['rule_1', another]]));
    });

    it('makes no counter of a silence for none', async () => {
      expect(await getSilences().silence('pair#nobody#nothing', silenceFor(60))).toBeUndefined();
      expect(await getSilences().unsilence('pair#nobody#nothing', 'rule_0')).toBeUndefined();
      expect(await getStore().read('pair#nobody#nothing', signal)).toBeUndefined();
    });

    it('refuses every new claim of a silenced rule, of what was seen until the end of the silence', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const first = claimOf('a', { sent: true });
      await getStore().claim(pk, first, undefined, epoch, signal);
      const silence = silenceFor(3600);
      await getSilences().silence(pk, silence);
      const escalated = claimOf('b', { multiple: 10, token: 'BBBBBBBB' });
      const again = claimOf('c', { token: 'BBBBBBBB' });
      for (const seen of [epoch, epoch + 3600]) {
        expect(await getStore().claim(pk, escalated, undefined, seen, signal)).toEqual({ silencedBy: silence });
        expect(await getStore().claim(pk, again, first, seen, signal)).toEqual({ silencedBy: silence });
      }
      const other = claimOf('d', { rule: 'rule_1' });
      expect(await getStore().claim(pk, other, undefined, epoch, signal)).toEqual({ claimed: other });
      expect(await getStore().claim(pk, escalated, undefined, epoch + 3601, signal)).toEqual({ claimed: escalated });
    });

    it('leaves a promise that was made before a silence to who keeps it', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const promised = claimOf('a', { deferred: true });
      await getStore().claim(pk, promised, undefined, epoch, signal);
      await getSilences().silence(pk, silenceFor(3600));
      // An earlier try of the same batch made it; the answer was lost.
      expect(await getStore().claim(pk, promised, undefined, epoch, signal)).toEqual({ claimed: promised });
      const taken = claimOf('a', { token: 'BBBBBBBB', arrival: epoch + 60 });
      expect(await getStore().claim(pk, taken, promised, epoch, signal)).toEqual({ claimed: taken });
      await getStore().markSent(pk, taken, signal);
      const { alertRecords, silences } = (await getStore().read(pk, signal))!;
      expect({ alertRecords, silenced: silences.size }).toEqual({
        alertRecords: [{ ...taken, sent: true }],
        silenced: 1,
      });
    });

    it('has either an alert or none, and always the silence, when both are wanted at once', async () => {
      const outcomes = new Set<string>();
      for (let n = 0; n < 20; n += 1) {
        const pair = freshPair();
        const pk = deltasOf(pair)[0]!.key.pk;
        await addOne(pair, batchOf(1));
        const silence = () => getSilences().silence(pk, silenceFor(3600));
        const claim = () => getStore().claim(pk, claimOf('a'), undefined, epoch, signal);
        const [outcome] = await Promise.all(
          n % 2 === 0 ? [claim(), silence()] : [silence().then(claim), addOne(pair, batchOf(2))],
        );
        const counter = (await getStore().read(pk, signal))!;
        const isHeld = outcome !== undefined && 'claimed' in outcome;
        outcomes.add(isHeld ? 'held' : 'silenced');
        expect(counter.alertRecords).toEqual(isHeld ? [claimOf('a')] : []);
        expect(counter.silences.get('rule_0')).toEqual(silenceFor(3600));
        expect(counter.bytes).toBe(n % 2 === 0 ? 1000 : 2000);
      }
      expect(outcomes).toContain('silenced');
    });

    it('keeps the claims of each rule and multiple apart', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const claims = [
        claimOf('a'),
        claimOf('b', { multiple: 10, value: 12_345_678_901_234_567_890n }),
        claimOf('c', { rule: 'rule_1' }),
      ];
      for (const claim of claims)
        expect(await getStore().claim(pk, claim, undefined, epoch, signal)).toEqual({ claimed: claim });
      const counter = await addOne(pair, batchOf(1));
      expect([...counter.alertRecords].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(claims);
    });
  });
}

/** Whatever is stale goes at once, and a try lives for a minute. */
const clock = { now: 0 };
const finishing: FinishingOptions = { now: () => clock.now, attemptMilliseconds: 60_000 };
export const eagerUpkeep = { finishing, compaction: { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true } };

/**
 * What any counter store must do to remember no more than it needs.
 *
 * @param open opens the store as one more process would, with `eagerUpkeep`; all that are opened are one
 */
export function upkeepContract(name: string, open: () => CounterStore): void {
  describe(`${name}, when it forgets`, () => {
    const old = () => {
      const store = open();
      clock.now += 60_000;
      return store;
    };
    const addOne = (store: CounterStore, values: Record<string, string | number>, batch: Batch) =>
      store.add(deltasOf(values)[0]!, batch, signal);
    /** A try of a batch from its beginning to its end. */
    const countWhole = async (store: CounterStore, values: Record<string, string | number>, batch: Batch) => {
      expect(await store.begin(batch, signal)).toBe(false);
      await addOne(store, values, batch);
      await store.complete(batch, signal);
    };
    const tokensOf = async (values: Record<string, string | number>) => {
      const counter = await open().read(deltasOf(values)[0]!.key.pk, signal);
      return [...counter!.dedupTokens.values()].flatMap((tokens) => [...tokens]).sort();
    };
    const nextBatch = () => {
      numbers += 1;
      return batchOf(1_000_000 + numbers);
    };

    it('knows a batch that was counted in whole, whoever did, and one that was not', async () => {
      const [pair, whole, part] = [freshPair(), nextBatch(), nextBatch()];
      await countWhole(open(), pair, whole);
      await open().begin(part, signal);
      await addOne(open(), pair, part);
      expect(await open().begin(whole, signal)).toBe(true);
      expect(await open().begin(part, signal)).toBe(false);
    });

    it('forgets at once a batch that one try counted in whole, and not one that nobody did', async () => {
      const [store, pair, whole, part, next] = [old(), freshPair(), nextBatch(), nextBatch(), nextBatch()];
      await countWhole(store, pair, whole);
      await store.begin(part, signal);
      await addOne(store, pair, part);
      await store.begin(next, signal);
      await addOne(store, pair, next);
      clock.now += 3_600_000;
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([part.dedupToken, next.dedupToken].sort());
    });

    it('forgets a batch at once also where it came out of order, and took two updates', async () => {
      const [store, pair, batch, next] = [old(), freshPair(), nextBatch(), nextBatch()];
      await addOne(store, { ...pair, start: epoch + 60, end: epoch + 90 }, next);
      await countWhole(store, pair, batch);
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([next.dedupToken]);
    });

    it('remembers a batch while another try of it may be alive', async () => {
      const [store, pair, batch, next] = [old(), freshPair(), nextBatch(), nextBatch()];
      await open().begin(batch, signal);
      await countWhole(store, pair, batch);
      await addOne(store, pair, next);
      clock.now += 59_999;
      await addOne(store, pair, next);
      const zombie = await addOne(open(), pair, batch);
      expect(zombie.dedupTokens.get(Math.floor(epoch / 900))).toContain(batch.dedupToken);
      clock.now += 1;
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([next.dedupToken]);
    });

    it('learns of what other processes have counted', async () => {
      const [store, pair, batch, next] = [old(), freshPair(), nextBatch(), nextBatch()];
      await countWhole(open(), pair, batch);
      await countWhole(store, pair, next);
      expect(await tokensOf(pair)).toEqual([batch.dedupToken, next.dedupToken].sort());
      const last = nextBatch();
      await countWhole(store, pair, last);
      expect(await tokensOf(pair)).toEqual([last.dedupToken]);
    });

    it('removes nothing while a try of the version before may be alive', async () => {
      const [store, pair, batch, next] = [open(), freshPair(), nextBatch(), nextBatch()];
      clock.now += 59_999;
      await countWhole(store, pair, batch);
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([batch.dedupToken, next.dedupToken].sort());
      clock.now += 1;
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([next.dedupToken]);
    });

    it('adds nothing of a batch that the version before, which notes no tries, has counted', async () => {
      const [store, pair, batch] = [old(), freshPair(), nextBatch()];
      await addOne(store, { ...pair, bytes: 70 }, batch);
      await countWhole(store, { ...pair, bytes: 70 }, batch);
      expect((await store.read(deltasOf(pair)[0]!.key.pk, signal))?.bytes).toBe(70);
    });

    it('forgets each part of a long batch', async () => {
      const [store, values, batch] = [old(), { ...freshPair(), action: 'REJECT' }, nextBatch()];
      const parts = deltasOf(...Array.from({ length: 130 }, (_, n) => ({ ...values, end: epoch + n * 180 })));
      await store.begin(batch, signal);
      for (const part of parts) await store.add(part, batch, signal);
      expect(await tokensOf(values)).toHaveLength(4);
      await store.complete(batch, signal);
      await addOne(store, values, nextBatch());
      expect(await tokensOf(values)).toHaveLength(1);
    });

    it('packs closed slots, and adds up what comes late to them', async () => {
      const [one, other, pair] = [open(), open(), { ...freshPair(), action: 'REJECT' }];
      const at = (slot: number) => ({ ...pair, start: epoch + slot * 180, end: epoch + slot * 180 });
      for (const slot of [0, 1, 2, 3]) await addOne(one, at(slot), nextBatch());
      const { packed } = (await other.read(deltasOf(pair)[0]!.key.pk, signal))!;
      expect([...packed!.amounts.values()].map(({ size }) => size)).toEqual([3]);
      await Promise.all([1, 1, 2, 0].map((slot, n) => addOne(n % 2 === 0 ? one : other, at(slot), nextBatch())));
      await addOne(other, at(3), nextBatch());
      const counter = await addOne(one, at(4), nextBatch());
      expect(
        [...counter.slots.values()].flatMap((slots) => [...slots].sort(([a], [b]) => a - b).map(([, n]) => n)),
      ).toEqual([2, 3, 2, 2, 1]);
      expect(counter.rejects).toBe(10);
    });
  });
}
