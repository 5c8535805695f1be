import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../lambda/alert/alert.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { failureLines } from '../../../sigma/examples/failure-text.ts';
import { readExamples } from '../../../sigma/examples/rule-examples.ts';
import { type ExampleResult, tryExamples } from '../../../sigma/examples/try-example.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { networks, ruleText } from '../../support/rules.ts';

function ruleSetOf(...texts: string[]): RuleSet {
  const files = texts.map((text, index) => ({ path: `rules/rule_${index}.yml`, text }));
  return compileRules(files, networks);
}

/** Runs the examples of the first rule. @returns the text of each failure */
async function failuresOf(ruleSet: RuleSet, examples: string): Promise<string[]> {
  const rule = ruleSet.rules[0]!;
  const problems: string[] = [];
  const read = readExamples({ path: 'some.yml', text: examples }, rule, ruleSet.internalNetworks, problems);
  expect(problems).toEqual([]);
  const results = await tryExamples(rule, ruleSet, read);
  return results.flatMap((result) => failureLines(rule, result).join('\n') || []);
}

const rejects = ruleText(
  '{action: REJECT}',
  'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 3}',
);
const alerting = 'alerts: [{name: three, flows: [{action: REJECT, repeat: 3}]}]';
const silent = 'silent: [{name: two, flows: [{action: REJECT, repeat: 2}]}]';

describe('examples', () => {
  it('pass when the rule alerts as expected', async () => {
    expect(await failuresOf(ruleSetOf(rejects), `${alerting}\n${silent}`)).toEqual([]);
  });

  it('pass when flows state the regions that the rule asks for', async () => {
    const abroad = ruleText(
      '{dst_country: BR, dst_asn: 64500}',
      'type: event_count, group-by: [dst_country], timespan: 1h, condition: {gte: 2}',
    );
    const set = compileRules([{ path: 'rules/rule_0.yml', text: abroad }], networks, { hasRegions: true });
    const flow = '{dstaddr: "203.0.113.{1..2}", dst_country: br, destination.as.number: 64500}';
    const alerts = `alerts: [{name: two, flows: [${flow}], keys: [{dst_country: BR}]}]`;
    const none = `silent: [{name: one, flows: [{dst_country: BR, dst_asn: 64500}]}, {name: elsewhere, flows: [{dst_country: null, repeat: 3}]}]`;
    expect(await failuresOf(set, `${alerts}\n${none}`)).toEqual([]);
  });

  it.each(['dst_country', '[dst_country, dstport]'])(
    'write an alert when a rule counts distinct values of %s',
    async (field) => {
      const text = ruleText(
        '{dstport: 443}',
        `type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: ${field}, gte: 2}`,
      );
      const set = compileRules([{ path: 'rules/rule_0.yml', text }], networks, { hasRegions: true });
      const flows = '[{dstaddr: 203.0.113.1, dst_country: BR}, {dstaddr: 203.0.113.2, dst_country: DE}]';
      const read = readExamples(
        { path: 'some.yml', text: `alerts: [{name: two, flows: ${flows}}]\nsilent: [{name: none, flows: [{}]}]` },
        set.rules[0]!,
        [],
        [],
      );
      const [{ published }] = (await tryExamples(set.rules[0]!, set, read)) as [ExampleResult];
      const [{ body, text: mail }] = published as [Alert];
      expectAlertBody(JSON.parse(body));
      expect(mail).toContain('BR');
      expect(mail).toMatch(/Athena: SELECT \* FROM vpc_flow_logs WHERE (?!.*country)/);
    },
  );

  it('write queries for all addresses of an alert when its key has a country only', async () => {
    const text = ruleText(
      '{dst_country: BR}',
      'type: value_count, group-by: [dst_country], timespan: 1h, condition: {field: srcaddr, gte: 2}',
    );
    const set = compileRules([{ path: 'rules/rule_0.yml', text }], networks, { hasRegions: true });
    const flow = '{srcaddr: "10.0.1.{5..6}", dstaddr: "203.0.113.{1..2}", dst_country: BR}';
    const examples = `alerts: [{name: two, flows: [${flow}]}]\nsilent: [{name: none, flows: [{}]}]`;
    const read = readExamples({ path: 'some.yml', text: examples }, set.rules[0]!, [], []);
    const [{ published }] = (await tryExamples(set.rules[0]!, set, read)) as [ExampleResult];
    const [{ text: mail }] = published as [Alert];
    const list = "IN ('203.0.113.1', '203.0.113.2')";
    expect(mail).toContain(`Values of the addresses above in Athena: `);
    expect(mail).toMatch(new RegExp(`dstaddr\\)? ${list.replace(/[().]/g, '\\$&')}`));
    expect(mail).toContain('like /(^|\\s)(203\\.0\\.113\\.1|203\\.0\\.113\\.2)(\\s|$)/');
  });

  it('take the region of the address of the packet when a flow has one', async () => {
    const abroad = ruleText(
      '{dst_country: BR}',
      'type: event_count, group-by: [dstaddr], timespan: 1h, condition: {gte: 1}',
    );
    const set = compileRules([{ path: 'rules/rule_0.yml', text: abroad }], networks, { hasRegions: true });
    const flow = '{dstaddr: 10.0.9.9, pkt-dstaddr: 203.0.113.1, dst_country: BR}';
    const examples = `alerts: [{name: one, flows: [${flow}], keys: [{dstaddr: 203.0.113.1}]}]\nsilent: [{name: none, flows: [{}]}]`;
    expect(await failuresOf(set, examples)).toEqual([]);
  });

  it('fail with the nearest value when the rule is silent', async () => {
    expect(await failuresOf(ruleSetOf(rejects), `${alerting.replace('repeat: 3', 'repeat: 2')}\n${silent}`)).toEqual([
      'some.yml:1: three: expected an alert, got none\n' +
        '  counted at most 10.0.1.5 -> 10.0.2.7 with 2 flow records in 1 h; the rule needs at least 3 flow records',
    ]);
    expect(await failuresOf(ruleSetOf(rejects), `${alerting.replace('REJECT', 'ACCEPT')}\n${silent}`)).toEqual([
      'some.yml:1: three: expected an alert, got none\n' + '  counted nothing: no flow or event matches the rule',
    ]);
  });

  it('fail with the alerted key when the rule must be silent', async () => {
    expect(await failuresOf(ruleSetOf(rejects), `${alerting}\n${silent.replace('repeat: 2', 'repeat: 5')}`)).toEqual([
      'some.yml:2: two: expected no alert\n  alerted 10.0.1.5 -> 10.0.2.7 with 5 flow records',
    ]);
  });

  it('fail when other keys alert than expected', async () => {
    const keys = 'keys: [{srcaddr: 10.0.1.5, dstaddr: 10.0.2.8}]';
    expect(await failuresOf(ruleSetOf(rejects), `${alerting.replace('}]}]', `}], ${keys}}]`)}\n${silent}`)).toEqual([
      'some.yml:1: three: the alerts have other keys than expected\n' +
        '  expected 10.0.1.5 -> 10.0.2.8\n' +
        '  alerted 10.0.1.5 -> 10.0.2.7 with 3 flow records',
    ]);
  });

  it('see each key of an alert storm that is one digest', async () => {
    const all = Array.from({ length: 60 }, (_, n) => `{srcaddr: 10.0.1.5, dstaddr: 10.0.4.${n + 1}}`);
    const storm = (keys: string[]) =>
      `alerts: [{name: storm, flows: [{dstaddr: "10.0.4.{1..60}", action: REJECT, repeat: 180}], keys: [${keys}]}]`;
    expect(await failuresOf(ruleSetOf(rejects), `${storm(all)}\n${silent}`)).toEqual([]);
    expect(await failuresOf(ruleSetOf(rejects), `${storm(all.slice(1))}\n${silent}`)).toHaveLength(1);
  });

  it('start with empty counters each', async () => {
    const twice = 'silent: [{name: a, flows: [{action: REJECT, repeat: 2}]}, {name: b, flows: [{action: REJECT}]}]';
    expect(await failuresOf(ruleSetOf(rejects), `${alerting}\n${twice}`)).toEqual([]);
  });

  it('run one rule: others neither alert nor suppress', async () => {
    const any = rejects.replace('gte: 3', 'gte: 1');
    expect(await failuresOf(ruleSetOf(rejects, any), `${alerting}\n${silent}`)).toEqual([]);
  });

  it('run an experimental rule as if it sent notifications', async () => {
    const experimental = rejects.replace('level: high', 'level: high\nstatus: experimental');
    expect(await failuresOf(ruleSetOf(experimental), `${alerting}\n${silent}`)).toEqual([]);
  });

  it('count the flows in before, which must not alert', async () => {
    const rare = `${rejects}\nflow_sentinel: {first_seen: {within: 1d, learning: 1d}}`;
    const known = 'silent: [{name: known, before: [{at: -8d, action: REJECT}], flows: [{action: REJECT, repeat: 3}]}]';
    const learnt = alerting.replace('flows:', 'before: [{at: -8d, srcaddr: 10.0.9.9}], flows:');
    expect(await failuresOf(ruleSetOf(rare), `${learnt}\n${known}`)).toEqual([]);
    const before = 'silent: [{name: early, before: [{at: -8d, action: REJECT, repeat: 3}], flows: [{}]}]';
    expect(await failuresOf(ruleSetOf(rejects), `${alerting}\n${before}`)).toEqual([
      'some.yml:2: early: expected no alert for the flows in before\n' +
        '  alerted 10.0.1.5 -> 10.0.2.7 with 3 flow records',
    ]);
  });

  it('report conditions of flow_sentinel that did not hold', async () => {
    const steady = `${rejects}\nflow_sentinel: {active_slots: {gte: 5}}`;
    expect(await failuresOf(ruleSetOf(steady), `${alerting}\n${silent}`)).toEqual([
      expect.stringContaining('with 3 flow records in 1 h, which exceeds the threshold; the conditions of its block'),
    ]);
  });

  it('fail while their names begin with TODO', async () => {
    expect(await failuresOf(ruleSetOf(rejects), `${alerting.replace('three', '"TODO: three"')}\n${silent}`)).toEqual([
      expect.stringContaining('some.yml:1: TODO: three: not written yet'),
    ]);
  });
});
