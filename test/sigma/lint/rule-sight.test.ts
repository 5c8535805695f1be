import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryEngine } from '../../../cli/replay/memory-engine.ts';
import { logFields, transitGatewayLogFields } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, type Format } from '../../../lambda/flow-log/format.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { Correlation, Measure, Predicate, Rule, RuleSet, Series, ValueTest } from '../../../lambda/rules/model.ts';
import { defaultRulesDirectory } from '../../../sigma/default-rules.ts';
import { readExampleDirectory } from '../../../sigma/examples/example-directory.ts';
import type { ExampleFlow } from '../../../sigma/examples/example-flow.ts';
import { regionsOfExample } from '../../../sigma/examples/example-regions.ts';
import type { Example } from '../../../sigma/examples/rule-examples.ts';
import { isSeen } from '../../../sigma/lint/needed-fields.ts';
import { RuleSight } from '../../../sigma/lint/rule-sight.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { epoch, eventOf, formatOf, lineOf } from '../../support/flows.ts';
import { defaultRules, networks, ruleSetOf, ruleText } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

const defaultFields = defaultFormat.split(' ');

function sightOf(selection: string, correlation: string): RuleSight {
  const ruleSet = ruleSetOf([ruleText(selection, correlation)], networks);
  return new RuleSight(ruleSet.rules[0]!, ruleSet);
}

const count = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}';

function neededIn(fields: readonly string[], selection: string, correlation = count) {
  return sightOf(selection, correlation).needed([new Set(fields)]);
}

describe('RuleSight', () => {
  it('needs the field of a condition when the format lacks the field', () => {
    expect(neededIn(defaultFields, '{tcp-flags: 2}')).toEqual([['tcp-flags']]);
    expect(neededIn(logFields, '{tcp-flags: 2}')).toEqual([[]]);
  });

  it('needs nothing when the condition tests for a missing value', () => {
    expect(neededIn(defaultFields, '{tcp-flags: null}')).toEqual([[]]);
    expect(neededIn(defaultFields, '[{tcp-flags: null}, {tcp-flags: 2}]')).toEqual([[]]);
  });

  it('needs one of two fields when the condition has alternatives', () => {
    expect(neededIn(defaultFields, '[{tcp-flags: 2}, {flow-direction: egress}]')).toEqual([
      ['flow-direction'],
      ['tcp-flags'],
    ]);
    expect(neededIn(defaultFields, '[{tcp-flags: 2}, {dstport: 22}]')).toEqual([[]]);
  });

  it('needs all fields when the condition has several', () => {
    expect(neededIn(defaultFields, '{tcp-flags: 2, flow-direction: egress}')).toEqual([
      ['flow-direction', 'tcp-flags'],
    ]);
  });

  it('needs the fields of the groups and of the measure', () => {
    const sum = 'type: value_sum, group-by: [instance-id], timespan: 1h, condition: {field: bytes, gte: 1}';
    expect(neededIn(['srcaddr', 'dstaddr'], '{srcaddr: 10.0.0.1}', sum)).toEqual([['bytes', 'instance-id']]);
  });

  it('reads an endpoint from the packet address when the format has only that', () => {
    expect(neededIn(['pkt-srcaddr'], '{srcaddr: 10.0.0.1}')).toEqual([[]]);
    expect(neededIn(['dstaddr'], '{srcaddr: 10.0.0.1}')).toEqual([['srcaddr']]);
  });

  it('names the part that sees nothing when another part sees the flows', () => {
    const sight = sightOf('[{tcp-flags: 2}, {dstport: 22}]', count);
    expect(sight.neededByParts(new Set(defaultFields))).toEqual(['tcp-flags']);
    expect(sight.neededByParts(new Set(logFields))).toEqual([]);
  });

  it('names no part when another part stands in for the missing field', () => {
    const sight = sightOf('[{tcp-flags: 2}, {tcp-flags: null, dstport: 22}]', count);
    expect(sight.neededByParts(new Set(defaultFields))).toEqual([]);
  });

  it('sees the parts of a temporal rule in flows of different formats', () => {
    const part = (name: string, selection: string) => `
title: ${name}
name: ${name}
logsource: {product: aws, service: vpcflow}
detection: {selection: ${selection}, condition: selection}
---`;
    const temporal = `${part('opened', '{tcp-flags: 2}')}${part('refused', '{action: REJECT}')}
title: Both
level: high
correlation: {type: temporal, rules: [opened, refused], group-by: [srcaddr], timespan: 1h}
`;
    const ruleSet = ruleSetOf([temporal], networks);
    const sight = new RuleSight(ruleSet.rules[0]!, ruleSet);
    const [ofVpc, ofGateway] = [new Set(defaultFields), new Set<string>(transitGatewayLogFields)];
    expect(sight.needed([ofVpc])).toEqual([['tcp-flags']]);
    expect(sight.needed([ofGateway])).toEqual([['action']]);
    expect(sight.needed([ofVpc, ofGateway])).toEqual([[]]);
  });

  it('needs the fields of the flows that continue when the rule looks for silence', () => {
    const names = `
title: No traffic
name: no_traffic
logsource: {product: aws, service: vpcflow}
detection: {none: {log-status: NODATA}, condition: none}
---`;
    const silence = 'flow_sentinel: {silent: {for: 30m, while: no_traffic}}';
    const ruleSet = ruleSetOf([`${names}${ruleText('{protocol: 6}', count, silence)}`], networks);
    const sight = new RuleSight(ruleSet.rules[0]!, ruleSet);
    expect(sight.needed([new Set(['srcaddr', 'protocol'])])).toEqual([['log-status']]);
    expect(sight.needed([new Set(['srcaddr', 'protocol', 'log-status'])])).toEqual([[]]);
  });

  it('lists all fields that a rule reads', () => {
    const { rules, series } = compileRuleDirectory();
    const rule = rules.find(({ name }) => name === 'rejected_egress')!;
    expect(new RuleSight(rule, { series }).fields).toEqual(
      ['action', 'dstaddr', 'dstport', 'flow-direction', 'protocol', 'srcaddr', 'srcport', 'tcp-flags'].sort(),
    );
  });
});

describe('a rule of the repository', () => {
  const ruleSet = compileRuleDirectory(undefined, undefined, { hasRegions: true });
  const examples = readExampleDirectory(defaultRulesDirectory, ruleSet);

  /** Fields whose loss changes how often traffic is counted, or at which endpoint, and so the alerts of an example. */
  const otherEffects = new Set(['version', 'end', 'start', 'log-status']);

  /** Rules that then see only flows that their examples do not have. */
  const sightOfOtherFlows: Readonly<Record<string, string>> = { rejected_egress: 'protocol' };

  it.each(examples.map((one) => [one.rule.name, one] as const))(
    'alerts on its examples without a field unless it is blind then: %s',
    async (_name, { rule, examples: all }) => {
      const sight = new RuleSight(rule, ruleSet);
      const alerting = all!.filter(({ expects }) => expects === 'alerts');
      expect(alerting.length).toBeGreaterThan(0);
      for (const removed of sight.fields.filter(
        (one) => !otherEffects.has(one) && sightOfOtherFlows[rule.name] !== one,
      )) {
        const names = logFields.filter((name) => name !== removed && name !== `pkt-${removed}`);
        const format = formatOf(names.join(' '));
        const results = [];
        for (const example of alerting) results.push(await alertsWith(format, rule, example));
        expect({ removed, alerts: results.some((alerts) => alerts > 0) }).toEqual({
          removed,
          alerts: isSeen(sight.needed([new Set(names)])),
        });
      }
    },
  );

  async function alertsWith(format: Format, rule: Rule, { before, flows }: Example): Promise<number> {
    let alerts = 0;
    const regions = [...before, ...flows].map((flow) => flow.regions);
    const rules = loadRules({ ...ruleSet, rules: [{ ...rule, status: 'test' }] }, regionsOfExample(regions, epoch));
    const engine = createMemoryEngine({ formats: [format], rules }, () => {
      alerts += 1;
    });
    for (const part of [before, flows]) {
      for (const [minute, ended] of [...byMinute(part)].sort(([a], [b]) => a - b)) {
        const lines = ended.toSorted((a, b) => a.end - b.end).map((flow) => reduced(flow, format));
        await engine.invoke(eventOf(lines, (minute + 2) * 60));
      }
    }
    return alerts;
  }

  function byMinute(flows: readonly ExampleFlow[]): Map<number, ExampleFlow[]> {
    return Map.groupBy(flows, ({ end }) => Math.floor(end / 60));
  }

  /** Returns the line of an example with the fields of a format only. */
  function reduced({ line }: ExampleFlow, { names, version }: Format): string {
    const values = line.split(' ');
    return names
      .map((name) => (name === 'version' ? String(version) : values[logFields.indexOf(name as never)]!))
      .join(' ');
  }
});

describe('a rule of any kind', () => {
  const fieldNames = [
    'srcaddr',
    'pkt-srcaddr',
    'dstaddr',
    'dstport',
    'bytes',
    'action',
    'tcp-flags',
    'vpc-id',
  ] as const;
  const values: Record<string, readonly string[]> = {
    srcaddr: ['10.0.1.5', '10.0.1.6', '-'],
    'pkt-srcaddr': ['10.0.1.5', '-'],
    dstaddr: ['10.0.2.7', '-'],
    dstport: ['22', '443', '-'],
    bytes: ['1', '1000', '-'],
    action: ['ACCEPT', 'REJECT', '-'],
    'tcp-flags': ['2', '18', '-'],
    'vpc-id': ['vpc-1', '-'],
  };
  const field = fc.constantFrom(...fieldNames);
  const test = (name: string): fc.Arbitrary<ValueTest> =>
    fc.oneof(
      fc.boolean().map((exists) => ({ exists })),
      fc.constantFrom(...values[name]!.slice(0, -1)).map((value) => ({ in: [value.toLowerCase()] })),
    );
  const tests = field.chain((name) =>
    fc.array(test(name), { minLength: 1, maxLength: 2 }).map((all) => ({ field: name, tests: all })),
  );
  const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
    predicate: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tests,
      fc.record({ field, relation: fc.constant('equals' as const), other: field }),
      fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('predicate').map((not) => ({ not })),
    ),
  }));
  const series = (id: string, measure: fc.Arbitrary<Measure> = fc.constant({ kind: 'count' })): fc.Arbitrary<Series> =>
    fc.record({ where: predicate, groupFields: fc.constantFrom(['srcaddr'], ['vpc-id']), measure }).map((one) => ({
      ...one,
      id,
      groupBy: ['host'],
      slotSeconds: 180,
    }));
  const sum = fc.constant<Measure>({ kind: 'sum', field: 'bytes' });
  const distinct = fc.constantFrom<Measure>(
    { kind: 'distinct', field: 'dstport', cap: 20 },
    { kind: 'distinct', field: 'dstport', also: ['dstaddr'], cap: 20 },
    { kind: 'distinct', field: 'end', cap: 20 },
  );
  type Kind = { correlation: Correlation; series: Series[]; threshold: number };
  const ids = ['a', 'b'];
  const kinds: fc.Arbitrary<Kind> = fc.oneof(
    fc.tuple(series('a'), series('b')).map((all): Kind => {
      return { correlation: { type: 'event_count', series: ids }, series: all, threshold: 1 };
    }),
    series('a', sum).map((one): Kind => {
      return { correlation: { type: 'value_sum', field: 'bytes', series: ['a'] }, series: [one], threshold: 0 };
    }),
    series('a', distinct).map((one): Kind => {
      return { correlation: { type: 'value_count', field: 'dstport', series: ['a'] }, series: [one], threshold: 1 };
    }),
    series('a', sum).map((one): Kind => {
      const { where, measure: _, ...counted } = one;
      const hasBytes: Predicate = { field: 'bytes', tests: [{ exists: true }] };
      const count: Series = { ...counted, id: 'b', where: { all: [where, hasBytes] }, measure: { kind: 'count' } };
      const correlation: Correlation = { type: 'value_avg', field: 'bytes', sums: ['a'], counts: ['b'] };
      return { correlation, series: [one, count], threshold: 0 };
    }),
    fc.tuple(series('a'), series('b'), fc.constantFrom(0, 1, 2)).map(([a, b, threshold]): Kind => {
      const parts = ids.map((id) => ({
        name: id,
        correlation: { type: 'event_count' as const, series: [id] },
        comparison: 'gte' as const,
        threshold: 1,
      }));
      return { correlation: { type: 'temporal', parts }, series: [a, b], threshold };
    }),
    fc.tuple(series('a', fc.constant({ kind: 'distinct', field: 'end', cap: 20 })), series('b')).map((all): Kind => {
      const times = { name: 'a', times: 'a' };
      const counted = {
        name: 'b',
        correlation: { type: 'event_count' as const, series: ['b'] },
        comparison: 'gte' as const,
        threshold: 1,
      };
      return { correlation: { type: 'temporal_ordered', parts: [times, counted] }, series: all, threshold: 2 };
    }),
  );
  const formats = fc
    .array(fc.subarray([...fieldNames]), { minLength: 1, maxLength: 2 })
    .map((all) =>
      all.map((names, index) =>
        formatOf(['version', 'end', ...names, ...(index ? ['log-status', 'start'] : [])].join(' ')),
      ),
    );
  const template = defaultRules.rules.get('lateral_movement')!;

  it('raises no alert when it is blind for the formats of the flows', async () => {
    let blind = 0;
    await fc.assert(
      fc.asyncProperty(
        kinds,
        formats,
        fc.array(fc.record({ format: fc.nat(), at: fc.nat({ max: 3000 }), values: fc.record(oneOfEach()) }), {
          maxLength: 12,
        }),
        async ({ correlation, series: all, threshold }, formats, flows) => {
          const rule: Rule = {
            ...template,
            ...{ name: 'any', correlation, threshold, comparison: 'gte', groupBy: ['host'], extension: {} },
          };
          const noNetworks = { monitoredNetworks: [], internalNetworks: [], lists: [] };
          const ruleSet: RuleSet = { rules: [rule], series: all, filters: [], ...noNetworks };
          const sight = new RuleSight(rule, ruleSet);
          const names = formats.map((one) => new Set(one.names));
          if (isSeen(sight.needed(names))) return;
          blind += 1;
          let alerts = 0;
          const engine = createMemoryEngine({ formats, rules: loadRules(ruleSet) }, () => {
            alerts += 1;
          });
          const lines = flows.map(({ format, at, values }) =>
            lineFor(formats[format % formats.length]!, { ...values, end: epoch + at }),
          );
          if (lines.length > 0) await engine.invoke(eventOf(lines, epoch + 3600));
          expect(alerts).toBe(0);
        },
      ),
      { numRuns: byTier(300, 3000) },
    );
    expect(blind).toBeGreaterThan(20);
  });

  it('is no longer blind when the format gets the needed fields, and still is without one of them', () => {
    fc.assert(
      fc.property(kinds, formats, ({ correlation, series: all, threshold }, [format]) => {
        const rule: Rule = { ...template, correlation, threshold, comparison: 'gte', extension: {} };
        const sight = new RuleSight(rule, { series: all });
        const names = format!.names;
        for (const added of sight.needed([new Set(names)])) {
          expect(isSeen(sight.needed([new Set([...names, ...added])]))).toBe(true);
          // Either field of an endpoint is enough, but a condition may test the packet's address itself.
          for (const one of added.filter((name) => name !== 'srcaddr')) {
            const fewer = added.filter((name) => name !== one);
            expect(isSeen(sight.needed([new Set([...names, ...fewer])]))).toBe(false);
          }
        }
      }),
      { numRuns: byTier(300, 3000) },
    );
  });

  function oneOfEach(): Record<string, fc.Arbitrary<string>> {
    return Object.fromEntries(fieldNames.map((name) => [name, fc.constantFrom(...values[name]!)]));
  }

  function lineFor(format: Format, flow: Record<string, string | number>): string {
    return lineOf({ ...flow, version: format.version }, format);
  }
});
