import { describe, expect, it } from 'vitest';
import { logFields, transitGatewayLogFields } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { blindRules, blindText } from '../../../sigma/lint/blind-rules.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';

const ruleSet = compileRuleDirectory();
const byDefault = { fields: new Set(defaultFormat.split(' ')) };
const ofStack = { fields: new Set<string>(logFields) };
const ofGateway = { fields: new Set<string>(transitGatewayLogFields) };

describe('blindRules', () => {
  it('names the shipped rules that need more than the default format, the most severe first', () => {
    expect(blindRules(ruleSet, [byDefault]).map((one) => `${one.level} ${one.rule} ${blindText(one)}`)).toEqual([
      'high admin_brute_force blind: needs tcp-flags',
      'high probe_that_got_in blind: needs tcp-flags',
      'high segmentation_policy blind: needs tcp-flags',
      'medium rejected_egress blind: needs flow-direction',
      'low long_connection blind: needs tcp-flags',
      'high threat_list_traffic partly blind: needs tcp-flags',
      'medium horizontal_sweep partly blind: needs tcp-flags',
    ]);
  });

  it('names no rule when the flows have the fields of the stack', () => {
    expect(blindRules(ruleSet, [ofStack])).toEqual([]);
  });

  it('names no rule when there are no flows', () => {
    expect(blindRules(ruleSet, [])).toEqual([]);
  });

  it('calls a rule partly blind when other flows have its fields', () => {
    const rules = blindRules(ruleSet, [byDefault, ofStack]);
    expect(rules.filter(({ state }) => state === 'blind')).toEqual([]);
    expect(rules.find(({ rule }) => rule === 'admin_brute_force')).toEqual({
      ...{ rule: 'admin_brute_force', level: 'high', state: 'partly blind', needs: [['tcp-flags']] },
      blindFor: [byDefault],
    });
  });

  it('asks for all fields when several flows lack different ones', () => {
    const rules = blindRules(ruleSet, [byDefault, ofGateway, ofStack]);
    const rule = rules.find(({ rule }) => rule === 'admin_brute_force')!;
    expect(blindText(rule)).toBe('partly blind: needs action and tcp-flags');
    expect(rule.blindFor).toEqual([byDefault, ofGateway]);
  });
});
