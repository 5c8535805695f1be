import { describe, expect, it } from 'vitest';
import { KnownSlots } from '../../../lambda/count/known-slots.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const presence = ruleText(
  '{protocol: 6}',
  'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 12}',
  'flow_sentinel: {active_slots: {gte: 12}}',
);
const rejects = ruleText(
  '{action: REJECT}',
  'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 12}',
);
const rules = rulesOf(presence, rejects);
const slotSeconds = 900;

function updatesOf(values: Record<string, string | number>, time = epoch) {
  return deltasOf([{ flow: flowOf({ ...values, start: time, end: time }), arrival: time }], rules);
}

const [pair, touch] = updatesOf({});

describe('KnownSlots', () => {
  it('knows an update of presence when it was remembered, in its slot only', () => {
    const known = new KnownSlots(rules.series);
    expect(known.isKnown(touch!)).toBe(false);
    known.remember([touch!]);
    expect(known.isKnown(updatesOf({}, epoch + slotSeconds - 1)[1]!)).toBe(true);
    expect(known.isKnown(updatesOf({}, epoch + slotSeconds)[1]!)).toBe(false);
    expect(known.isKnown(updatesOf({ 'interface-id': 'eni-00000000000000002' })[1]!)).toBe(false);
  });

  it('never knows an update when it adds an amount too', () => {
    const known = new KnownSlots(rules.series);
    const [pairOfReject, both] = updatesOf({ action: 'REJECT' });
    known.remember([pair!, touch!, pairOfReject!, both!]);
    expect([pair!, pairOfReject!, both!].map((delta) => known.isKnown(delta))).toEqual([false, false, false]);
  });

  it('finds an update in a stored counter when all its slots are there', () => {
    const known = new KnownSlots(rules.series);
    const [{ series, slot } = { series: '', slot: 0 }] = touch!.additions;
    expect(known.isStored(touch!, { slots: new Map([[series, new Map([[slot, 7]])]]) })).toBe(true);
    expect(known.isStored(touch!, { slots: new Map([[series, new Map([[slot - 1, 7]])]]) })).toBe(false);
    expect(known.isStored(touch!, { slots: new Map() })).toBe(false);
  });

  it('forgets the oldest slots first when it holds too many', () => {
    const known = new KnownSlots(rules.series, { maxSlots: 4 });
    const touches = Array.from({ length: 6 }, (_, n) => updatesOf({}, epoch + n * slotSeconds)[1]!);
    for (const one of touches) known.remember([one]);
    const remembered = touches.filter((one) => known.isKnown(one));
    expect(remembered.length).toBeLessThanOrEqual(4);
    expect(remembered).toContain(touches.at(-1));
    expect(known.isKnown(touches[0]!)).toBe(false);
  });
});
