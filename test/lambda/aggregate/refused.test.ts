import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterLimits } from '../../../lambda/aggregate/overflow.ts';
import { noBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { hashOfNetworks, noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import type { Flow } from '../../../lambda/flow-log/flow.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { collectFlows } from '../../support/deltas.ts';
import { directed, epoch, flowOf } from '../../support/flows.ts';
import { noRules, rulesOf, ruleText } from '../../support/rules.ts';

/** A rule by pair, one by source and one by target; 10.0.0.0/8 is inside. */
const rules: LoadedRules = {
  ...rulesOf(
    ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}'),
    ruleText(
      '{dstport|lt: 1024}',
      'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
    ),
    ruleText('{action: REJECT}', 'type: event_count, group-by: [dstaddr], timespan: 1h, condition: {gt: 10}'),
  ),
  insideNetworks: [{ groups: [0x0a00, 0], length: 8 }],
};

const arrived = (flows: readonly Flow[]) => flows.map((flow) => ({ flow, arrival: epoch }));
const collected = (flows: readonly Flow[], limits = counterLimits) =>
  collectFlows(arrived(flows), rules, noBounds, limits);
const within = (flows: readonly Flow[], pairs: number, groups = pairs, limits = counterLimits) =>
  collected(flows, limits).aggregate({ pairs, groups });

const refusedFlow = (source: number, values: Record<string, string | number> = {}) =>
  flowOf({
    srcaddr: `198.18.${source >> 8}.${source & 255}`,
    dstaddr: '10.0.0.5',
    dstport: 22,
    action: 'REJECT',
    ...values,
  });
const spoofed = (count: number, values: Record<string, string | number> = {}) =>
  Array.from({ length: count }, (_, n) => refusedFlow(n, values));

const pairsIn = (deltas: readonly KeyDelta[]) =>
  new Map(deltas.flatMap(({ key, totals }) => (totals ? [[key.pk, totals.rejects] as const] : [])));
const sums = (deltas: readonly KeyDelta[]) =>
  deltas.reduce<{ bytes: Quantity; rejects: number; slots: number }>(
    (sum, { totals, additions }) => ({
      bytes: addQuantity(sum.bytes, totals?.bytes ?? 0),
      rejects: sum.rejects + (totals?.rejects ?? 0),
      slots:
        sum.slots + (totals ? additions.reduce((all, one) => all + ('amount' in one ? Number(one.amount) : 0), 0) : 0),
    }),
    { bytes: 0, rejects: 0, slots: 0 },
  );

describe('hashOfNetworks', () => {
  it('differs when the monitored networks decide whether a pair was only refused', () => {
    const source = '198.18.0.1';
    const packet = { dstaddr: '10.0.0.5', 'pkt-srcaddr': source, 'pkt-dstaddr': '10.0.0.5', start: epoch, end: epoch };
    const flows = [
      flowOf({ ...packet, srcaddr: source, action: 'REJECT', 'flow-direction': 'ingress' }, directed),
      flowOf({ ...packet, srcaddr: '10.0.0.9', action: 'ACCEPT', 'flow-direction': 'egress' }, directed),
    ];
    const [without, monitored] = [[], rules.insideNetworks].map((networks) => {
      const used = { ...rules, monitoredNetworks: networks };
      return { pairs: collectFlows(arrived(flows), used, noBounds).refused.pairs, hash: hashOfNetworks(used) };
    });
    expect([without!.pairs, monitored!.pairs]).toEqual([0, 1]);
    expect(without!.hash).not.toBe(monitored!.hash);
  });
});

describe('the budget of refused pairs', () => {
  it('counts pairs and groups of outside sources that were only refused', () => {
    expect(collected(spoofed(5)).refused).toEqual({ pairs: 5, groups: 5 });
    expect(collected(spoofed(5, { srcaddr: '10.1.1.1' })).refused).toEqual({ pairs: 0, groups: 0 });
    expect(collected(spoofed(5, { action: 'ACCEPT' })).refused).toEqual({ pairs: 0, groups: 0 });
  });

  it('leaves a pair out when one of its flows was accepted, and the groups of its source', () => {
    const flows = [...spoofed(2), refusedFlow(0, { action: 'ACCEPT' }), refusedFlow(0, { dstaddr: '10.0.0.6' })];
    expect(collected(flows).refused).toEqual({ pairs: 2, groups: 1 });
  });

  it('changes nothing when the batch is within its limits', () => {
    const flows = spoofed(20);
    expect(within(flows, 20)).toEqual(collected(flows).aggregate(noRefusedLimits));
    expect(within(flows, 20).deltas.every(({ overflowPairs }) => overflowPairs === 0)).toBe(true);
  });

  it('counts the pairs with the most rejects exactly, and the others by target and port', () => {
    const often = Array.from({ length: 7 }, () => refusedFlow(900));
    const { deltas, droppedGroups } = within([...spoofed(50), ...often], 1, 1);
    expect(pairsIn(deltas)).toEqual(
      new Map([
        ['pair#198.18.3.132#10.0.0.5', 7],
        ['pair#*:22#10.0.0.5', 50],
      ]),
    );
    expect(deltas.find(({ key }) => key.pk === 'pair#*:22#10.0.0.5')).toMatchObject({ overflowPairs: 50 });
    expect(deltas.filter(({ key }) => key.pk.startsWith('src#')).map(({ key }) => key.pk)).toEqual([
      'src#198.18.3.132',
    ]);
    expect(droppedGroups).toBe(50);
  });

  it('counts pairs of many ports by target, and pairs of a scanner by source', () => {
    const ports = Array.from({ length: 60 }, (_, n) => refusedFlow(n, { dstport: 1000 + n }));
    expect(pairsIn(within(ports, 0).deltas)).toEqual(new Map([['pair#*#10.0.0.5', 60]]));
    const scan = Array.from({ length: 60 }, (_, n) => refusedFlow(1, { dstaddr: `10.0.1.${n}` }));
    expect(pairsIn(within(scan, 0).deltas)).toEqual(new Map([['pair#198.18.0.1#*', 60]]));
  });

  it('counts a pair of several ports by its target', () => {
    const flows = [...spoofed(4), refusedFlow(0, { dstport: 23 })];
    expect(pairsIn(within(flows, 0).deltas)).toEqual(
      new Map([
        ['pair#*:22#10.0.0.5', 3],
        // The only pair of its source and its target that is left: named by its source.
        ['pair#198.18.0.0#*', 2],
      ]),
    );
  });

  it('alerts on the overflow counter when the rule by pair counts all of its rejects', () => {
    const overflow = within(spoofed(50), 0).deltas.find(({ key }) => key.pk === 'pair#*:22#10.0.0.5')!;
    expect(overflow.key.fields).toEqual(
      new Map([
        ['dstaddr', '10.0.0.5'],
        ['srcaddr', '*:22'],
      ]),
    );
    expect(overflow.additions).toMatchObject([{ amount: 50 }]);
    expect([...overflow.evidence.values()]).toMatchObject([{ flows: 50 }]);
  });

  const host = fc.nat(12);
  const flow = fc.record({
    src: host,
    dst: fc.nat(6),
    port: fc.constantFrom(22, 23, 4000),
    bytes: fc.nat(1000),
    action: fc.constantFrom('ACCEPT', 'REJECT', 'REJECT', 'REJECT'),
    isInside: fc.constantFrom(false, false, true),
  });
  const flows = fc.array(flow, { maxLength: 120, size: 'max' }).map((specs) =>
    specs.map(({ src, dst, port, bytes, action, isInside }) =>
      flowOf({
        srcaddr: `${isInside ? '10.1.0' : '198.18.0'}.${src}`,
        dstaddr: `10.2.0.${dst}`,
        dstport: port,
        bytes,
        action,
      }),
    ),
  );
  const tight = { pairs: 40, overflowPairs: 8, refusedOverflowPairs: 6, groups: 10_000 };

  it('counts every byte and reject once, whatever the budget and the limits', () => {
    fc.assert(
      fc.property(flows, fc.nat(40), fc.constantFrom(counterLimits, tight), (all, budget, limits) => {
        const { deltas } = within(all, budget, budget, limits);
        const exact = collected(all).aggregate(noRefusedLimits).deltas;
        expect(sums(deltas)).toEqual(sums(exact));
        const keys = deltas.map(({ key }) => key.pk);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('chooses the same pairs when rules, lists or monitored networks differ, as they may between two attempts of a batch', () => {
    const { insideNetworks } = rules;
    fc.assert(
      fc.property(flows, fc.nat(40), (all, budget) => {
        const limits = { pairs: budget, groups: 0 };
        const without = collectFlows(arrived(all), {
          ...noRules,
          insideNetworks,
          monitoredNetworks: insideNetworks,
        }).aggregate(limits);
        expect(pairsIn(within(all, budget, 0).deltas)).toEqual(pairsIn(without.deltas));
      }),
    );
  });

  it('changes no other counter, and adds at most as many overflow counters as the limit', () => {
    fc.assert(
      fc.property(flows, fc.nat(40), (all, budget) => {
        const limits = { ...counterLimits, refusedOverflowPairs: 6 };
        const { refused } = collected(all);
        const { deltas, droppedGroups } = within(all, budget, budget, limits);
        const exact = new Map(
          collected(all)
            .aggregate(noRefusedLimits)
            .deltas.map((delta) => [delta.key.pk, delta]),
        );
        const overflow = deltas.filter(({ key }) => key.pk.includes('*'));
        const others = deltas.filter(({ key }) => !key.pk.includes('*'));
        for (const delta of others) expect(delta.totals).toEqual(exact.get(delta.key.pk)?.totals);
        for (const delta of others) expect(delta.additions).toEqual(exact.get(delta.key.pk)?.additions);
        const [lostPairs, lostGroups] = [refused.pairs, refused.groups].map((count) => Math.max(0, count - budget));
        expect(others).toHaveLength(exact.size - lostPairs! - lostGroups!);
        expect(droppedGroups).toBe(lostGroups);
        expect(overflow.reduce((sum, one) => sum + one.overflowPairs, 0)).toBe(lostPairs);
        expect(overflow.length).toBeLessThanOrEqual(limits.refusedOverflowPairs);
      }),
    );
  });
});
