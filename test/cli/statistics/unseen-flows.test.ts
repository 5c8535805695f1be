import { describe, expect, it } from 'vitest';
import { blindSuffix, unseenFlows, unseenText } from '../../../cli/statistics/unseen-flows.ts';
import { networks, ruleSetOf, ruleText } from '../../support/rules.ts';

const count = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}';
const pairs = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}';
const ruleSet = ruleSetOf([ruleText('{tcp-flags: 2}', count), ruleText('{action: REJECT}', count)], networks);

function covered(flows: number, fields: string[], valued = fields) {
  return { flows, fields: new Set(fields), valued: new Set(valued) };
}

const reasonsOf = (...flows: ReturnType<typeof covered>[]) =>
  unseenFlows(ruleSet, flows).map(({ rule, state, flows, reason }) => `${rule} ${state} ${flows} ${reason}`);

describe('unseenFlows', () => {
  it('says what a rule needs when no flow has the field', () => {
    expect(reasonsOf(covered(7, ['srcaddr', 'action']))).toEqual(['rule_0 blind 7 blind: needs tcp-flags']);
  });

  it('counts the flows of the formats that lack the field when others have the field', () => {
    const all = ['srcaddr', 'action', 'tcp-flags'];
    expect(reasonsOf(covered(1000, ['srcaddr', 'action']), covered(234, all))).toEqual([
      'rule_0 partly blind 1000 partly blind: needs tcp-flags, in 1,000 of 1,234 flows',
    ]);
  });

  it('says that a field has no values when the formats have the field', () => {
    const all = ['srcaddr', 'action', 'tcp-flags'];
    expect(reasonsOf(covered(1234, all, ['srcaddr', 'action']))).toEqual([
      'rule_0 no values 1234 no values of tcp-flags in 1,234 flows',
    ]);
    expect(
      reasonsOf(covered(7, ['srcaddr', 'tcp-flags'], ['srcaddr']), covered(1, all, ['srcaddr', 'action'])),
    ).toEqual([
      'rule_0 no values 8 no values of tcp-flags in 8 flows',
      'rule_1 partly blind 7 partly blind: needs action, in 7 of 8 flows',
    ]);
  });

  it('says nothing about values when there are NODATA lines only', () => {
    expect(reasonsOf(covered(0, ['srcaddr', 'action', 'tcp-flags'], []))).toEqual([]);
  });

  it('is empty when all rules see all flows', () => {
    const unseen = unseenFlows(ruleSet, [covered(1, ['srcaddr', 'action', 'tcp-flags'])]);
    expect({ unseen, text: unseenText(unseen), suffix: blindSuffix(unseen) }).toEqual({
      unseen: [],
      text: '',
      suffix: '',
    });
  });

  it('fits a terminal of 60 columns', () => {
    const unseen = unseenFlows(ruleSet, [covered(7, ['srcaddr'])]);
    expect(unseenText(unseen)).toContain('  rule_1  high   blind: needs action\n');
    expect(blindSuffix(unseen)).toBe('; 2 rules are blind');
    expect(
      Math.max(
        ...unseenText(unseen)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(60);
  });

  it('names each rule whose alerts need more time than the logs cover', () => {
    const hour = { from: 0, to: 3600 };
    const day = { from: 0, to: 86_400 };
    const slow = ruleSetOf(
      [
        ruleText('{action: ACCEPT}', count),
        ruleText('{action: ACCEPT}', count.replace('1h', '5h'), 'flow_sentinel: {active_slots: {gte: 14}}'),
        ruleText('{action: ACCEPT}', pairs, 'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}'),
        ruleText('{tcp-flags: 2}', pairs, 'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}'),
      ],
      networks,
    );
    const seen = (period?: typeof hour) => unseenFlows(slow, [covered(9, ['srcaddr', 'dstaddr', 'action'])], period);
    expect(seen(hour).map(({ rule, state, reason }) => `${rule} ${state}, ${reason}`)).toEqual([
      'rule_3 blind, blind: needs tcp-flags',
      'rule_1 too short, too short: needs logs of 3 h, not 60 min',
      'rule_2 too short, too short: needs logs of 7 d, not 60 min',
    ]);
    expect(blindSuffix(seen(hour))).toBe('; 1 rule is blind; the logs are too short for 2 rules');
    expect(seen(day).map(({ rule }) => rule)).toEqual(['rule_3', 'rule_2']);
    expect(unseenText(seen(day).slice(1))).not.toContain('Add the fields');
    expect(seen().map(({ rule }) => rule)).toEqual(['rule_3']);
  });
});
