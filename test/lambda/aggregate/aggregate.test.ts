import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { counterLimits } from '../../../lambda/aggregate/overflow.ts';
import { noBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import type { ArrivedFlow } from '../../../lambda/flow-log/flow-rows.ts';
import { collectFlows, deltasOf } from '../../support/deltas.ts';
import { anyFlowValues, directed, epoch, flowOf, formatOf } from '../../support/flows.ts';
import { defaultRules, fewRules, monitored, noRules, rulesOf, ruleText } from '../../support/rules.ts';

const arrived = (flows: ReturnType<typeof flowOf>[], arrival = epoch): ArrivedFlow[] =>
  flows.map((flow) => ({ flow, arrival }));

/** Adds up deltas by key. */
function summed(deltas: readonly KeyDelta[]) {
  const sums = new Map<
    string,
    { bytes: Quantity; rejects: number; first: number; last: number; slots: Map<string, unknown> }
  >();
  for (const { key, totals, firstSeen, lastSeen, additions } of deltas) {
    const sum = sums.get(key.pk) ?? { bytes: 0, rejects: 0, first: firstSeen, last: lastSeen, slots: new Map() };
    const slots = new Map(sum.slots);
    for (const addition of additions) {
      const name = `${addition.series}:${addition.slot}`;
      const known = slots.get(name);
      if ('amount' in addition) slots.set(name, addQuantity((known as Quantity | undefined) ?? 0, addition.amount));
      else slots.set(name, new Set([...((known as Set<string> | undefined) ?? []), ...addition.values]));
    }
    sums.set(key.pk, {
      bytes: addQuantity(sum.bytes, totals?.bytes ?? 0),
      rejects: sum.rejects + (totals?.rejects ?? 0),
      first: Math.min(sum.first, firstSeen),
      last: Math.max(sum.last, lastSeen),
      slots,
    });
  }
  return sums;
}

describe('aggregate', () => {
  it('adds up the bytes of accepted flows and the number of rejected flows per pair', () => {
    const [delta, ...others] = deltasOf(
      arrived([
        flowOf({ bytes: 100 }),
        flowOf({ bytes: 20, end: epoch + 60 }),
        flowOf({ action: 'REJECT', bytes: 7, start: epoch - 9 }),
      ]),
      noRules,
    );
    expect(others).toEqual([]);
    expect(delta).toMatchObject({
      key: { pk: 'pair#10.0.1.5#10.0.2.7' },
      totals: { bytes: 120, rejects: 1 },
      firstSeen: epoch - 9,
      lastSeen: epoch + 60,
    });
  });

  it('gives the same counters when the flows are split into batches', () => {
    const rules = rulesOf(
      ruleText(
        '{dstport: 22}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstaddr, gte: 3}',
      ),
    );
    const both = { ...rules, series: new Map([...defaultRules.series, ...rules.series]) };
    fc.assert(
      fc.property(fc.array(fc.tuple(anyFlowValues, fc.nat(3)), { maxLength: 40, size: 'max' }), (flows) => {
        const all = flows.map(([values]) => flowOf(values));
        const batches = [0, 1, 2, 3].map((n) =>
          flows.filter(([, batch]) => batch === n).map(([values]) => flowOf(values)),
        );
        const split = batches.flatMap((batch) => deltasOf(arrived(batch), both));
        expect(summed(split)).toEqual(summed(deltasOf(arrived(all), both)));
      }),
    );
  });

  it('counts a flow once, at the source, when both endpoints log it', () => {
    const egress = flowOf({ 'flow-direction': 'egress' }, directed);
    const ingress = flowOf({ 'flow-direction': 'ingress' }, directed);
    expect(aggregate(arrived([egress, ingress]), monitored(fewRules))).toMatchObject({
      deltas: [{ totals: { bytes: 1000 } }],
      duplicateObservations: 1,
    });
  });

  it('counts a flow at both endpoints when no network is monitored', () => {
    const both = ['egress', 'ingress'].map((direction) => flowOf({ 'flow-direction': direction }, directed));
    expect(aggregate(arrived(both), fewRules)).toMatchObject({
      deltas: [{ totals: { bytes: 2000 } }],
      duplicateObservations: 0,
    });
  });

  it('counts the duplicate observations of a flood once, though its flows are read twice', () => {
    const flows = [1, 2, 3].flatMap((host) => {
      return ['egress', 'ingress'].map((way) => flowOf({ dstaddr: `10.0.2.${host}`, 'flow-direction': way }, directed));
    });
    const limits = { ...counterLimits, pairs: 1 };
    const flooded = collectFlows(arrived(flows), monitored(noRules), noBounds, limits).aggregate(noRefusedLimits);
    expect(flooded.duplicateObservations).toBe(3);
  });

  it('counts an external flow at the target, since no interface logged its egress', () => {
    const ingress = flowOf({ srcaddr: '198.51.100.1', 'flow-direction': 'ingress' }, directed);
    expect(deltasOf(arrived([ingress]), monitored(fewRules))).toMatchObject([{ totals: { bytes: 1000 } }]);
  });

  it('counts every rejected flow, since only the rejecting interface logs it', () => {
    const flows = ['egress', 'ingress'].map((direction) =>
      flowOf({ action: 'REJECT', 'flow-direction': direction }, directed),
    );
    expect(deltasOf(arrived(flows), monitored(fewRules))).toMatchObject([{ totals: { rejects: 2 } }]);
  });

  it('adds no duplicate observation to a series', () => {
    const rules = rulesOf(
      ruleText('{action: ACCEPT}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
    );
    const ingress = flowOf({ 'flow-direction': 'ingress' }, directed);
    expect(deltasOf(arrived([ingress]), monitored(rules))).toEqual([]);
  });

  it('takes pkt-* addresses as endpoints when they are present', () => {
    const flow = flowOf({ 'pkt-srcaddr': '10.9.9.9', 'pkt-dstaddr': '-' }, directed);
    expect(deltasOf(arrived([flow]), noRules)).toMatchObject([{ key: { pk: 'pair#10.9.9.9#10.0.2.7' } }]);
  });

  it.each([
    ['no action', 'srcaddr dstaddr bytes end'],
    ['no bytes', 'srcaddr dstaddr action end'],
    ['no source', 'dstaddr action bytes end'],
  ])('ignores an accepted flow when its format has %s', (_, names) => {
    expect(deltasOf(arrived([flowOf({}, formatOf(names))]), fewRules)).toEqual([]);
  });

  it('counts a rejected flow when its format has no bytes', () => {
    const flow = flowOf({ action: 'REJECT' }, formatOf('srcaddr dstaddr action end'));
    expect(deltasOf(arrived([flow]), noRules)).toMatchObject([{ totals: { bytes: 0, rejects: 1 } }]);
  });

  it('takes the start, then the arrival, as the time when the format has no end', () => {
    const time = (names: string) => deltasOf(arrived([flowOf({}, formatOf(names))], epoch + 99), noRules)[0]?.lastSeen;
    expect(time('srcaddr dstaddr action bytes start')).toBe(epoch);
    expect(time('srcaddr dstaddr action bytes')).toBe(epoch + 99);
  });

  it('splits additions into parts in order of time when one update cannot hold them', () => {
    const rules = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}',
      ),
    );
    const flows = Array.from({ length: 480 }, (_, n) =>
      flowOf({ action: 'REJECT', end: epoch + ((n * 7) % 480) * 180 }),
    );
    const deltas = deltasOf(arrived(flows), rules);
    expect(deltas.map(({ part }) => part)).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(deltas.map(({ totals }) => totals?.rejects)).toEqual([480, ...new Array(11).fill(0)]);
    const slots = deltas.flatMap(({ additions }) => additions.map(({ slot }) => slot));
    expect(slots).toEqual([...slots].sort((a, b) => a - b));
    expect(slots).toHaveLength(480);
  });

  it('adds one to a slot of presence, however many flows of the batch it holds', () => {
    const rules = rulesOf(
      ruleText(
        '{action: ACCEPT}',
        'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 12}',
        'flow_sentinel: {active_slots: {gte: 12}}',
      ),
    );
    const flows = [0, 10, 20, 900].map((after) => flowOf({ end: epoch + after }));
    const group = deltasOf(arrived(flows), rules).find(({ totals }) => !totals)!;
    expect(group.additions.map((addition) => ('amount' in addition ? addition.amount : undefined))).toEqual([1, 1]);
  });
});
