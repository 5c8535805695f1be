import { beforeEach, describe, expect, it } from 'vitest';
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

/** The rules of the stores under contract. */
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

/** Returns a pair that no other test uses, so that tests can share a table. */
function freshPair(): { srcaddr: string; dstaddr: string } {
  numbers += 1;
  return { srcaddr: `10.${numbers >> 8}.${numbers & 255}.1`, dstaddr: '10.255.0.1' };
}

/** The first token of the present test: tests share a store, which may drop the token of another test's batch. */
let firstToken = 0;

function batchOf(token: number, arrival: number = epoch): Batch {
  return { dedupToken: (firstToken + token).toString(36).padStart(8, '0'), arrival };
}

function deltasOf(...values: Record<string, string | number>[]): KeyDelta[] {
  return [
    ...aggregate(
      values.map((fields) => ({ flow: flowOf(fields), arrival: epoch })),
      contractRules,
    ).deltas,
  ];
}

function amounts(counter: Counter): number {
  return [...counter.slots.values()]
    .flatMap((slots) => [...slots.values()])
    .reduce<number>((sum, value) => sum + (typeof value === 'object' ? value.size : Number(value)), 0);
}

const recordOf = (id: string, values: Partial<AlertRecord> = {}): AlertRecord => ({
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

/** Defines the tests that every counter store must pass. */
export function counterStoreContract(name: string, getStore: () => CounterStore, getSilences: () => Silences): void {
  describe(`${name} as a counter store`, () => {
    const add = (delta: KeyDelta, batch: Batch) => getStore().add(delta, batch, signal);
    beforeEach(() => {
      firstToken += 10_000_000;
    });
    const addOne = (values: Record<string, string | number>, batch: Batch) => add(deltasOf(values)[0]!, batch);

    it('adds up bytes and rejects and stores the first and the last time', async () => {
      const pair = freshPair();
      await addOne({ ...pair, bytes: 100 }, batchOf(1));
      const counter = await addOne({ ...pair, action: 'REJECT', start: epoch + 60, end: epoch + 90 }, batchOf(2));
      expect(counter).toMatchObject({ bytes: 100, rejects: 1, firstSeen: epoch, lastSeen: epoch + 90 });
    });

    it('adds a batch once and returns the present counter when the batch is retried', async () => {
      const pair = { ...freshPair(), action: 'REJECT' };
      await addOne(pair, batchOf(1));
      await addOne(pair, batchOf(2));
      for (const arrival of [epoch, epoch + 600, epoch + 3600, epoch - 600]) {
        const counter = await addOne(pair, batchOf(1, arrival));
        expect(counter.rejects).toBe(2);
        expect(amounts(counter)).toBe(2);
      }
    });

    it('adds each part of a long batch once when the batch is retried', async () => {
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

    it('stores the earliest first time and the latest last time when batches arrive in any order', async () => {
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

    it('loses no update when sixteen writers add at once', async () => {
      const pair = { ...freshPair(), action: 'REJECT', dstport: 22 };
      const writes = Array.from({ length: 16 }, (_, n) =>
        addOne({ ...pair, start: epoch - n, end: epoch + ((n * 5) % 16) }, batchOf(n + 1)),
      );
      await Promise.all([...writes, addOne(pair, batchOf(1))]);
      const counter = await addOne(pair, batchOf(99));
      expect(counter).toMatchObject({ rejects: 17, firstSeen: epoch - 15 });
      expect(amounts(counter)).toBe(17);
    });

    it('reads the stored counter, or undefined when there is none', async () => {
      const pair = freshPair();
      const counter = await addOne({ ...pair, action: 'REJECT' }, batchOf(1));
      const { key } = deltasOf(pair)[0]!;
      expect(await getStore().read(key.pk, signal)).toEqual(counter);
      expect(await getStore().read('pair#nobody#nothing', signal)).toBeUndefined();
    });

    it.each(['strong', 'eventual'] as const)('reads the stored counters of many keys, %s', async (consistency) => {
      const pairs = Array.from({ length: 3 }, freshPair);
      const pks = pairs.map((pair) => deltasOf(pair)[0]!.key.pk);
      for (const [n, pair] of pairs.slice(0, 2).entries()) await addOne({ ...pair, bytes: 5 + n }, batchOf(1));
      const stored = await getStore().readAll(pks, signal, consistency);
      expect(new Map([...stored].map(([pk, { bytes }]) => [pk, bytes]))).toEqual(
        new Map([
          [pks[0], 5],
          [pks[1], 6],
        ]),
      );
    });

    it('counts each batch in which an alert suppressed others once', async () => {
      const pair = freshPair();
      const { key } = deltasOf(pair)[0]!;
      await addOne(pair, batchOf(1));
      const record = recordOf('suppressing');
      await getStore().claim(key.pk, record, undefined, epoch, signal);
      for (const token of ['B', 'B', 'C']) await getStore().recordSuppression(key.pk, record, token, signal);
      await getStore().recordSuppression(key.pk, recordOf('another'), 'D', signal);
      expect((await getStore().read(key.pk, signal))?.alertRecords).toEqual([
        { ...record, suppressedCount: 2, lastSuppressedBatch: 'C' },
      ]);
    });

    it('counts exactly when a sum exceeds a double', async () => {
      const pair = { ...freshPair(), bytes: '9223372036854775807' };
      await addOne(pair, batchOf(1));
      expect((await addOne(pair, batchOf(2))).bytes).toBe(
        addQuantity(9_223_372_036_854_775_807n, 9_223_372_036_854_775_807n),
      );
    });

    it('stores distinct values once, and no further value when a set is full', async () => {
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

    it('accepts an update with the maximum number of sets', async () => {
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

    it('accepts full sets of the longest addresses in more slots than it retains', async () => {
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

    it('counts groups of other fields', async () => {
      const account = String(100_000_000_000 + numbers);
      const all = deltasOf({ ...freshPair(), 'account-id': account, dstport: 25, bytes: 70 });
      const group = all.find(({ key }) => key.pk.startsWith('group#'))!;
      await add(group, batchOf(1));
      expect(amounts(await add(group, batchOf(2)))).toBe(140);
    });

    it('removes expired slots and tokens, retains silences, and keeps the item within one write unit', async () => {
      const pair = { ...freshPair(), action: 'REJECT' };
      const { key } = deltasOf(pair)[0]!;
      let counter: Counter | undefined;
      for (let n = 0; n < 150; n += 1) {
        const time = epoch + n * 180;
        const batch = batchOf(n + 1, time);
        await getStore().begin(batch, signal);
        counter = await addOne({ ...pair, start: time, end: time }, batch);
        await getStore().complete(batch, signal);
        if (n === 0) await getSilences().silence(key.pk, silenceFor(60));
        expect(itemSize(key, counter).total).toBeLessThanOrEqual(1024);
      }
      expect(counter!.rejects).toBe(150);
      expect(amounts(counter!)).toBeLessThan(31 + 60);
      expect(counter!.silences.get('rule_0')).toEqual(silenceFor(60));
    });

    it('gives a claim to one of several batches, and only if it knows the stored record', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const [a, b] = [recordOf('a'), recordOf('b', { token: 'BBBBBBBB' })];
      const outcomes = await Promise.all(
        [a, b].map((record) => getStore().claim(pk, record, undefined, epoch, signal)),
      );
      const [winner, loser] = 'claimed' in outcomes[0]! ? [a, b] : [b, a];
      expect(outcomes).toContainEqual({ claimed: winner });
      expect(outcomes).toContainEqual({ lostTo: winner });
      expect(await getStore().claim(pk, recordOf('c', { token: 'CCCCCCCC' }), loser, epoch, signal)).toEqual({
        lostTo: winner,
      });
      expect(await getStore().claim(pk, recordOf('c'), winner, epoch, signal)).toEqual({ claimed: recordOf('c') });
      const { alertRecords } = await addOne({ ...pair, end: epoch + 51 }, batchOf(2));
      expect(alertRecords).toEqual([recordOf('c')]);
    });

    it('returns the unsent record of an earlier attempt of the same batch', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, recordOf('a'), undefined, epoch, signal);
      expect(await getStore().claim(pk, recordOf('later', { value: 99 }), undefined, epoch, signal)).toEqual({
        claimed: recordOf('a'),
      });
      expect(await getStore().claim(pk, recordOf('b', { token: 'BBBBBBBB' }), undefined, epoch, signal)).toEqual({
        lostTo: recordOf('a'),
      });
      await getStore().markSent(pk, recordOf('a'), signal);
      expect(await getStore().claim(pk, recordOf('later'), undefined, epoch, signal)).toEqual({
        lostTo: recordOf('a', { sent: true }),
      });
    });

    it('gives a deferred record to one of several batches, and to none after it was sent', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const deferred = recordOf('a', { deferred: true });
      await getStore().claim(pk, deferred, undefined, epoch, signal);
      const takers = [recordOf('a'), recordOf('a', { token: 'BBBBBBBB' })];
      const outcomes = await Promise.all(takers.map((record) => getStore().claim(pk, record, deferred, epoch, signal)));
      expect(outcomes.map((outcome) => 'claimed' in outcome && outcome.claimed.deferred)).toContain(false);
      const { alertRecords } = await addOne(pair, batchOf(1));
      const [taken] = alertRecords;
      expect(outcomes).toContainEqual({ claimed: taken });
      await getStore().markSent(pk, taken!, signal);
      expect(await getStore().claim(pk, recordOf('a', { token: 'CCCCCCCC' }), taken, epoch, signal)).toEqual({
        lostTo: { ...taken, sent: true },
      });
    });

    it('marks a record as sent unless another record has replaced it', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, recordOf('a'), undefined, epoch, signal);
      await getStore().markSent(pk, recordOf('other'), signal);
      expect((await addOne(pair, batchOf(1))).alertRecords).toEqual([recordOf('a')]);
      await getStore().markSent(pk, recordOf('a'), signal);
      expect((await addOne(pair, batchOf(1))).alertRecords).toEqual([recordOf('a', { sent: true })]);
    });

    it('stores one silence per rule, beside the counter, until it is removed', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      await getStore().claim(pk, recordOf('a'), undefined, epoch, signal);
      const [first, second] = [silenceFor(3600), silenceFor(7200, { reason: 'é "quoted" \u0000' })];
      expect(await getSilences().silence(pk, first)).toEqual({ before: undefined });
      expect(await getSilences().silence(pk, second)).toEqual({ before: first });
      const another = silenceFor(60, { rule: 'rule_1' });
      await getSilences().silence(pk, another);
      const counter = await addOne(pair, batchOf(2));
      expect(counter).toMatchObject({ bytes: 2000, alertRecords: [recordOf('a')] });
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

    it('creates no counter when a key without a counter is silenced', async () => {
      expect(await getSilences().silence('pair#nobody#nothing', silenceFor(60))).toBeUndefined();
      expect(await getSilences().unsilence('pair#nobody#nothing', 'rule_0')).toBeUndefined();
      expect(await getStore().read('pair#nobody#nothing', signal)).toBeUndefined();
    });

    it('rejects each new claim of a silenced rule when its window was observed before the end of the silence', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const first = recordOf('a', { sent: true });
      await getStore().claim(pk, first, undefined, epoch, signal);
      const silence = silenceFor(3600);
      await getSilences().silence(pk, silence);
      const escalated = recordOf('b', { multiple: 10, token: 'BBBBBBBB' });
      const again = recordOf('c', { token: 'BBBBBBBB' });
      for (const observed of [epoch, epoch + 3600]) {
        expect(await getStore().claim(pk, escalated, undefined, observed, signal)).toEqual({ silencedBy: silence });
        expect(await getStore().claim(pk, again, first, observed, signal)).toEqual({ silencedBy: silence });
      }
      const other = recordOf('d', { rule: 'rule_1' });
      expect(await getStore().claim(pk, other, undefined, epoch, signal)).toEqual({ claimed: other });
      expect(await getStore().claim(pk, escalated, undefined, epoch + 3601, signal)).toEqual({ claimed: escalated });
    });

    it('accepts claims of a pending alert that predates a silence', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const pending = recordOf('a', { deferred: true });
      await getStore().claim(pk, pending, undefined, epoch, signal);
      await getSilences().silence(pk, silenceFor(3600));
      // An earlier attempt of the same batch wrote it; the response was lost.
      expect(await getStore().claim(pk, pending, undefined, epoch, signal)).toEqual({ claimed: pending });
      const taken = recordOf('a', { token: 'BBBBBBBB', arrival: epoch + 60 });
      expect(await getStore().claim(pk, taken, pending, epoch, signal)).toEqual({ claimed: taken });
      await getStore().markSent(pk, taken, signal);
      const { alertRecords, silences } = (await getStore().read(pk, signal))!;
      expect({ alertRecords, silenced: silences.size }).toEqual({
        alertRecords: [{ ...taken, sent: true }],
        silenced: 1,
      });
    });

    it('stores the silence, and at most one alert, when a claim and a silence are concurrent', async () => {
      const outcomes = new Set<string>();
      for (let n = 0; n < 20; n += 1) {
        const pair = freshPair();
        const pk = deltasOf(pair)[0]!.key.pk;
        await addOne(pair, batchOf(1));
        const silence = () => getSilences().silence(pk, silenceFor(3600));
        const claim = () => getStore().claim(pk, recordOf('a'), undefined, epoch, signal);
        const [outcome] = await Promise.all(
          n % 2 === 0 ? [claim(), silence()] : [silence().then(claim), addOne(pair, batchOf(2))],
        );
        const counter = (await getStore().read(pk, signal))!;
        const isClaimed = outcome !== undefined && 'claimed' in outcome;
        outcomes.add(isClaimed ? 'claimed' : 'silenced');
        expect(counter.alertRecords).toEqual(isClaimed ? [recordOf('a')] : []);
        expect(counter.silences.get('rule_0')).toEqual(silenceFor(3600));
        expect(counter.bytes).toBe(n % 2 === 0 ? 1000 : 2000);
      }
      expect(outcomes).toContain('silenced');
    });

    it('stores the records of each rule and multiple separately', async () => {
      const pair = freshPair();
      const pk = deltasOf(pair)[0]!.key.pk;
      await addOne(pair, batchOf(1));
      const records = [
        recordOf('a'),
        recordOf('b', { multiple: 10, value: 12_345_678_901_234_567_890n }),
        recordOf('c', { rule: 'rule_1' }),
      ];
      for (const record of records)
        expect(await getStore().claim(pk, record, undefined, epoch, signal)).toEqual({ claimed: record });
      const counter = await addOne(pair, batchOf(1));
      expect([...counter.alertRecords].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(records);
    });
  });
}

/** Options that compact at each chance, with a maximum lifetime of an attempt of one minute. */
const clock = { now: 0 };
const finishing: FinishingOptions = { now: () => clock.now, attemptMilliseconds: 60_000 };
export const eagerMaintenance = {
  finishing,
  compaction: { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true },
};

/**
 * Defines the tests of compaction and finished batches that every counter store must pass.
 *
 * @param open opens the same store as a new process, with `eagerMaintenance`
 */
export function maintenanceContract(name: string, open: () => CounterStore): void {
  describe(`${name} with maintenance`, () => {
    const addOne = (store: CounterStore, values: Record<string, string | number>, batch: Batch) =>
      store.add(deltasOf(values)[0]!, batch, signal);
    /** Runs an attempt of a batch to its completion. */
    const countCompletely = async (store: CounterStore, values: Record<string, string | number>, batch: Batch) => {
      expect(await store.begin(batch, signal)).toMatchObject({ isCounted: false });
      await addOne(store, values, batch);
      await store.complete(batch, signal);
    };
    const tokensOf = async (values: Record<string, string | number>) => {
      const counter = await open().read(deltasOf(values)[0]!.key.pk, signal);
      return [...counter!.dedupTokens.values()].flatMap((tokens) => [...tokens]).sort();
    };
    const direct = { counting: 'direct' };
    const nextBatch = () => {
      numbers += 1;
      return batchOf(1_000_000 + numbers);
    };

    it('distinguishes completely counted batches from others in every process', async () => {
      const [pair, complete, part] = [freshPair(), nextBatch(), nextBatch()];
      await countCompletely(open(), pair, complete);
      expect(await open().hasStarted(part, signal)).toBe(false);
      expect(await open().begin(part, signal)).toEqual({ ...direct, isRetry: false, isCounted: false });
      expect(await open().hasStarted(part, signal)).toBe(true);
      await addOne(open(), pair, part);
      expect(await open().begin(complete, signal)).toEqual({ ...direct, isRetry: true, isCounted: true });
      expect(await open().begin(part, signal)).toEqual({ ...direct, isRetry: true, isCounted: false });
    });

    it('lets the first attempt decide how all attempts of a batch count', async () => {
      const [direct, paged, before] = [nextBatch(), nextBatch(), nextBatch()];
      const lanes = (count: number, seconds: number) => ({ lanes: count, firstAttempt: epoch + seconds });
      await open().begin(direct, signal);
      expect(await open().begin(direct, signal, lanes(16, 0))).toMatchObject({ counting: 'direct', isRetry: true });
      expect(await open().begin(paged, signal, lanes(16, 5))).toMatchObject({ counting: lanes(16, 5), isRetry: false });
      expect(await open().begin(paged, signal, lanes(128, 60))).toMatchObject({ counting: lanes(16, 5) });
      expect(await open().begin(paged, signal)).toMatchObject({ counting: lanes(16, 5), isRetry: true });
      await open().complete(paged, signal);
      expect(await open().begin(paged, signal)).toMatchObject({ counting: lanes(16, 5), isCounted: true });
      expect(await open().begin(before, signal, lanes(128, 0))).toMatchObject({ counting: lanes(128, 0) });
    });

    it('returns the scope of the first attempt to every attempt, also if that one had none', async () => {
      const [scoped, unscoped] = [nextBatch(), nextBatch()];
      const scopesOf = async (batch: Batch, scopes: readonly Batch['scope'][]) => {
        const starts = [];
        for (const scope of scopes) starts.push(await open().begin({ ...batch, scope }, signal));
        return starts.map(({ scope }) => scope);
      };
      expect(await scopesOf(scoped, ['vpc', 'account', undefined, 'account'])).toEqual(new Array(4).fill('vpc'));
      expect(await scopesOf(unscoped, [undefined, 'vpc', 'vpc'])).toEqual(new Array(3).fill(undefined));
    });

    it('drops the token of a batch that one attempt completed, and retains that of an incomplete one', async () => {
      const [store, pair, complete, part, next] = [open(), freshPair(), nextBatch(), nextBatch(), nextBatch()];
      await countCompletely(store, pair, complete);
      await store.begin(part, signal);
      await addOne(store, pair, part);
      await store.begin(next, signal);
      await addOne(store, pair, next);
      clock.now += 3_600_000;
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([part.dedupToken, next.dedupToken].sort());
    });

    it('drops the token of a batch that arrived out of order and took two updates', async () => {
      const [store, pair, batch, next] = [open(), freshPair(), nextBatch(), nextBatch()];
      await addOne(store, { ...pair, start: epoch + 60, end: epoch + 90 }, next);
      await countCompletely(store, pair, batch);
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([next.dedupToken]);
    });

    it('retains the token of a batch while another attempt may be alive', async () => {
      const [store, pair, batch, next] = [open(), freshPair(), nextBatch(), nextBatch()];
      await open().begin(batch, signal);
      await countCompletely(store, pair, batch);
      await addOne(store, pair, next);
      clock.now += 59_999;
      await addOne(store, pair, next);
      const lateUpdate = await addOne(open(), pair, batch);
      expect(lateUpdate.dedupTokens.get(Math.floor(epoch / 900))).toContain(batch.dedupToken);
      clock.now += 1;
      await addOne(store, pair, next);
      expect(await tokensOf(pair)).toEqual([next.dedupToken]);
    });

    it('drops the tokens of batches that other processes completed', async () => {
      const [store, pair, batch, next] = [open(), freshPair(), nextBatch(), nextBatch()];
      await countCompletely(open(), pair, batch);
      await countCompletely(store, pair, next);
      expect(await tokensOf(pair)).toEqual([batch.dedupToken, next.dedupToken].sort());
      const last = nextBatch();
      await countCompletely(store, pair, last);
      expect(await tokensOf(pair)).toEqual([last.dedupToken]);
    });

    it('retains the token of an incomplete batch when later batches arrive days after', async () => {
      const [store, pair, batch] = [open(), freshPair(), nextBatch()];
      await store.begin(batch, signal);
      await addOne(store, { ...pair, bytes: 70 }, batch);
      const at = (day: number) => ({ ...pair, start: epoch + day * 86_400, end: epoch + day * 86_400, bytes: 0 });
      for (let day = 1; day < 20; day += 1) {
        const later = { ...nextBatch(), arrival: epoch + day * 86_400 };
        await countCompletely(store, at(day), later);
      }
      expect(await tokensOf(pair)).toContain(batch.dedupToken);
      expect((await addOne(open(), { ...pair, bytes: 70 }, batch)).bytes).toBe(70);
    });

    it('drops the token of a batch without a marker when the batch arrived more than an hour before', async () => {
      const [store, pair, batch] = [open(), freshPair(), nextBatch()];
      await addOne(store, pair, batch);
      await countCompletely(store, pair, nextBatch());
      await countCompletely(store, pair, nextBatch());
      expect(await tokensOf(pair)).toContain(batch.dedupToken);
      clock.now += 60_000;
      for (let n = 0; n < 2; n += 1) await countCompletely(store, pair, { ...nextBatch(), arrival: epoch + 9000 });
      expect(await tokensOf(pair)).not.toContain(batch.dedupToken);
    });

    it('drops the tokens of all parts of a long batch', async () => {
      const [store, values, batch] = [open(), { ...freshPair(), action: 'REJECT' }, nextBatch()];
      const parts = deltasOf(...Array.from({ length: 130 }, (_, n) => ({ ...values, end: epoch + n * 180 })));
      await store.begin(batch, signal);
      for (const part of parts) await store.add(part, batch, signal);
      expect(await tokensOf(values)).toHaveLength(4);
      await store.complete(batch, signal);
      await addOne(store, values, nextBatch());
      expect(await tokensOf(values)).toHaveLength(1);
    });

    it('packs closed slots and adds up late amounts', async () => {
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
