import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { backfillBounds, streamBounds, type TimeBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { countUpdate } from '../../../lambda/count/counter-update.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const perPair = 'type: value_sum, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {field: bytes, gt: 10}';
const perSource = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gt: 10}';
const rules = rulesOf(ruleText('{action: ACCEPT}', perPair), ruleText('{action: REJECT}', perSource));
const slotSeconds = 180;
const days = 86_400;

interface TimedFlow {
  readonly src: string;
  readonly dst: string;
  readonly action: string;
  readonly bytes: number;
  readonly arrival: number;
  readonly start: number;
  readonly end: number;
}

/** Flows with times on both sides of each bound. */
const anyFlow: fc.Arbitrary<TimedFlow> = fc
  .record({
    src: fc.constantFrom('10.0.1.5', '10.0.1.6'),
    dst: fc.constantFrom('10.0.2.7', '10.0.2.8'),
    action: fc.constantFrom('ACCEPT', 'REJECT'),
    bytes: fc.nat(1000),
    arrival: fc.integer({ min: epoch, max: epoch + 3600 }),
    end: fc.oneof(
      fc.integer({ min: -1200, max: 0 }),
      fc.constantFrom(-2 * days, -2 * days - 1, 600, 601, days, days + 1, -30 * days, 1, 2_147_483_647, 9_000_000_000),
    ),
    start: fc.constantFrom(-30, 0, 1, -2 * days, -2 * days - 1, -30 * days, 5),
    hasForgedStart: fc.boolean(),
  })
  .map(({ end: offset, start, hasForgedStart, ...flow }) => {
    const isAbsolute = offset === 1 || offset > 1e9;
    const end = isAbsolute ? offset : flow.arrival + offset;
    return { ...flow, end, start: hasForgedStart ? 1 : Math.max(0, end + start) };
  });

const anyFlows = fc.array(anyFlow, { minLength: 1, maxLength: 30, size: 'max' });

/** The same decision, written a second time in days and minutes. */
function isInTime({ end, arrival }: TimedFlow, isBackfill: boolean): boolean {
  if (isBackfill) return (end - arrival) / days <= 1;
  return (arrival - end) / days <= 2 && (end - arrival) / 60 <= 10;
}

function firstTimeOf({ start, end }: TimedFlow): number {
  const isPossible = start <= end && (end - start) / days <= 2;
  return isPossible ? start : end;
}

type Sums = Map<string, Quantity>;

function add(sums: Sums, name: string, amount: Quantity): void {
  sums.set(name, addQuantity(sums.get(name) ?? 0, amount));
}

function deltasOf(flows: readonly TimedFlow[], bounds: TimeBounds) {
  const arrived = flows.map(({ src, dst, action, bytes, start, end, arrival }) => {
    return { flow: flowOf({ srcaddr: src, dstaddr: dst, action, bytes, start, end }), arrival };
  });
  return aggregate(arrived, rules, bounds);
}

/** Returns what the updates add to totals and to slots. */
function addedBy(deltas: readonly KeyDelta[]): { totals: Sums; slots: Sums } {
  const [totals, slots]: [Sums, Sums] = [new Map(), new Map()];
  for (const { key, totals: ofPair, additions } of deltas) {
    if (ofPair) add(totals, `${key.pk} bytes`, ofPair.bytes);
    if (ofPair) add(totals, `${key.pk} rejects`, ofPair.rejects);
    for (const addition of additions)
      if ('amount' in addition) add(slots, `${key.pk} ${addition.slot}`, addition.amount);
  }
  return { totals, slots };
}

/** Adds up flow by flow: totals of all, and slots of those that are in time. */
function expectedOf(flows: readonly TimedFlow[], isBackfill: boolean): { totals: Sums; slots: Sums } {
  const [totals, slots]: [Sums, Sums] = [new Map(), new Map()];
  for (const flow of flows) {
    const { src, dst, action, bytes, end } = flow;
    const isAccept = action === 'ACCEPT';
    add(totals, `pair#${src}#${dst} bytes`, isAccept ? bytes : 0);
    add(totals, `pair#${src}#${dst} rejects`, isAccept ? 0 : 1);
    if (!isInTime(flow, isBackfill)) continue;
    const slot = Math.floor(end / slotSeconds);
    add(slots, isAccept ? `pair#${src}#${dst} ${slot}` : `src#${src} ${slot}`, isAccept ? bytes : 1);
  }
  return { totals, slots };
}

/** Returns the expiry that an update sets, in epoch seconds. */
function expiryOf(delta: KeyDelta, arrival: number): number {
  const table = { tableName: 'counters', retentionSeconds: 30 * days };
  const update = countUpdate(delta, { dedupToken: 'AAAAAAAA', arrival }, table)!;
  const [name] = Object.entries(update.ExpressionAttributeNames!).find(([, attribute]) => attribute === 'expiresAt')!;
  const [value = ''] = update.UpdateExpression!.split(`${name} = `)[1]!.split(/[ ,]/);
  return Number((update.ExpressionAttributeValues![value] as { N: string }).N);
}

describe.each([
  ['stream', streamBounds, false],
  ['backfill', backfillBounds, true],
] as const)('aggregate with the bounds of a %s', (_, bounds, isBackfill) => {
  it('adds all flows to totals, and those in time to windows', () => {
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const { deltas, implausibleTimes } = deltasOf(flows, bounds);
        expect(addedBy(deltas)).toEqual(expectedOf(flows, isBackfill));
        expect(implausibleTimes).toBe(flows.filter((flow) => !isInTime(flow, isBackfill)).length);
      }),
    );
  });

  it('sees a flow that is in time at its own times, and any other flow at its arrival', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const [delta] = deltasOf([flow], bounds).deltas;
        const seen = isInTime(flow, isBackfill) ? [firstTimeOf(flow), flow.end] : [flow.arrival, flow.arrival];
        expect([delta!.firstSeen, delta!.lastSeen]).toEqual(seen);
      }),
    );
  });

  it('gives the same counters when the lines are in another order', () => {
    const shuffled = anyFlows.chain((flows) =>
      fc.tuple(fc.constant(flows), fc.shuffledSubarray(flows, { minLength: flows.length })),
    );
    const comparable = (flows: readonly TimedFlow[]) => {
      const { deltas } = deltasOf(flows, bounds);
      const times = deltas.map(({ key, firstSeen, lastSeen }) => `${key.pk} ${firstSeen} ${lastSeen}`);
      return { ...addedBy(deltas), times: times.toSorted() };
    };
    fc.assert(
      fc.property(shuffled, ([flows, others]) => {
        expect(comparable(others)).toEqual(comparable(flows));
      }),
    );
  });

  it('lets no time move the last time or the expiry far beyond the arrival', () => {
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const latest = Math.max(...flows.map(({ arrival }) => arrival)) + (isBackfill ? days : 600);
        for (const delta of deltasOf(flows, bounds).deltas) {
          expect(delta.lastSeen).toBeLessThanOrEqual(latest);
          expect(expiryOf(delta, epoch)).toBeLessThanOrEqual(latest + 30 * days);
        }
      }),
    );
  });
});

describe('aggregate', () => {
  it('lets no time move the first time of a stream to more than four days before the arrival', () => {
    fc.assert(
      fc.property(anyFlows, (flows) => {
        const earliest = Math.min(...flows.map(({ arrival }) => arrival));
        for (const { firstSeen } of deltasOf(flows, streamBounds).deltas)
          expect(firstSeen).toBeGreaterThanOrEqual(earliest - 4 * days);
      }),
    );
  });

  it('takes the arrival as the time of a flow without one', () => {
    const flow = flowOf({ start: '-', end: '-' });
    expect(aggregate([{ flow, arrival: epoch }], rules, streamBounds)).toMatchObject({
      implausibleTimes: 0,
      deltas: [{ firstSeen: epoch, lastSeen: epoch, additions: [{ slot: Math.floor(epoch / slotSeconds) }] }],
    });
  });
});
