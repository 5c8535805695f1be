import { describe, expect, it } from 'vitest';
import { isSilent } from '../../../lambda/evaluate/slot-conditions.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { maxActiveSlots } from '../../../sigma/compile/presence.ts';
import { defaultRules, networks, rulesOf, ruleText } from '../../support/rules.ts';

const counted = 'type: event_count, timespan: 5h';
const oneInterface = 'group-by: [interface-id]';

function ruleOf(correlation: string, block: string, alert = ''): LoadedRules {
  return rulesOf(ruleText('{protocol: 6}', correlation, `flow_sentinel: ${block}\n${alert}`));
}

function kindsOf({ series }: LoadedRules): string[] {
  return [...series.values()].map(({ measure }) => measure.kind);
}

describe('measureOf', () => {
  it.each(['gte: 12', 'gt: 11', 'gte: 1'])('measures presence when active_slots implies %s', (condition) => {
    const rules = ruleOf(`${counted}, ${oneInterface}, condition: {${condition}}`, '{active_slots: {gte: 12}}');
    expect(kindsOf(rules)).toEqual(['presence']);
    expect(rules.rules.get('rule_0')).toMatchObject({
      correlation: { type: 'active_slots' },
      comparison: 'gte',
      threshold: 12,
      extension: {},
    });
  });

  it.each([
    ['the threshold is above the number of slots', 'gte: 13', oneInterface, '{active_slots: {gte: 12}}', ''],
    ['the threshold is not implied by as many slots', 'gt: 12', oneInterface, '{active_slots: {gte: 12}}', ''],
    ['a slot has a limit', 'gte: 12', oneInterface, '{active_slots: {gte: 12}, slot: {lte: 9}}', ''],
    ['the rule escalates', 'gte: 12', oneInterface, '{active_slots: {gte: 12}}', 'alert: {escalate: [10]}'],
    ['the rule groups by pairs', 'gte: 12', 'group-by: [srcaddr, dstaddr]', '{active_slots: {gte: 12}}', ''],
  ])('counts flows when %s', (_, condition, groupBy, block, alert) => {
    const rules = ruleOf(`${counted}, ${groupBy}, condition: {${condition}}`, block, alert);
    expect(kindsOf(rules)).toEqual(['count']);
    expect(rules.rules.get('rule_0')).toMatchObject({ correlation: { type: 'event_count' } });
  });

  it('measures the presence of the flows that continue when a rule looks for silence', () => {
    const rules = ruleOf(`${counted}, ${oneInterface}, condition: {gte: 60}`, '{silent: {for: 1h, while: some_flow}}');
    expect(kindsOf(rules).sort()).toEqual(['count', 'presence']);
  });
});

describe('withThreshold', () => {
  it.each(['gte: 3', 'gt: 3'])(
    'replaces the number of active slots when a rule measures presence by %s',
    (condition) => {
      const correlation = `${counted}, ${oneInterface}, condition: {${condition}}`;
      const files = [
        {
          path: 'rules/rule_0.yml',
          text: ruleText('{protocol: 6}', correlation, 'flow_sentinel: {active_slots: {gte: 12}}'),
        },
      ];
      const thresholdOf = (threshold: number) =>
        compileRules(files, networks, { thresholds: new Map([['rule_0', threshold]]) }).rules[0]!;
      expect(thresholdOf(16)).toMatchObject({ correlation: { type: 'active_slots' }, threshold: 16 });
      expect(thresholdOf(2)).toMatchObject({ correlation: { type: 'active_slots' }, threshold: 2 });
    },
  );
});

describe('maxActiveSlots', () => {
  const withSilence = (gte: number) => () =>
    ruleOf(
      `${counted}, ${oneInterface}, condition: {gte: 3}`,
      `{active_slots: {gte: ${gte}}, silent: {for: 1h, while: some_flow}}`,
    );

  it('rejects more active slots than the silence leaves of a window', () => {
    expect(withSilence(16)).not.toThrow();
    expect(withSilence(17)).toThrow('17 active slots are impossible: with silent.for 1h, a window has at most 16');
  });

  it('is the largest number of active slots of any silent window', () => {
    const rule = defaultRules.rules.get('silent_interface')!;
    const { forSeconds, while: watched } = rule.extension.silent!;
    const flows = allSeriesOf(rule).find((id) => id !== watched)!;
    const range = { first: 0, last: 20 };
    const isSilentAfter = (last: number) =>
      isSilent(rule, range, {
        series: defaultRules.series,
        slots: new Map([
          [watched, new Map([[20, 1]])],
          [flows, new Map(Array.from({ length: last + 1 }, (_, slot) => [slot, 1]))],
        ]),
      });
    const most = Math.max(...Array.from({ length: 21 }, (_, last) => (isSilentAfter(last) ? last + 1 : 0)));
    expect(maxActiveSlots(rule.timespanSeconds, forSeconds)).toBe(most);
    expect(maxActiveSlots(rule.timespanSeconds)).toBe(21);
  });
});
