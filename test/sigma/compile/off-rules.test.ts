import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { type CompileOptions, compileRules, everyRule } from '../../../sigma/compile/compile-rules.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { flowOf } from '../../support/flows.ts';
import { regionsOf } from '../../support/regions.ts';
import { readLists, ruleText } from '../../support/rules.ts';

const lists = readLists('inside: [10.0.0.0/8]\nexpected: {values: [DE, fr]}\nowned: {values: ["64496"]}\n');
const count = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}';
const table = regionsOf('198.51.100.0 198.51.100.255 64496 DE', '203.0.113.0 203.0.113.255 64500 BR');

function compiled(texts: readonly string[], options?: CompileOptions): RuleSet {
  return compileRules(
    texts.map((text, index) => ({ path: `rules/rule_${index}.yml`, text })),
    lists,
    options,
  );
}

function problemOf(selection: string, correlation = count): string {
  try {
    compiled([ruleText(selection, correlation)], { hasRegions: true });
  } catch (error) {
    return (error as Error).message.replace(/^\S+ /, '');
  }
  return '';
}

/** Returns whether a selection matches a flow to an address. */
function matches(selection: string, dstaddr: string): boolean {
  const rules = loadRules(compiled([ruleText(selection, count)], { hasRegions: true }), table);
  return [...rules.series.values()][0]!.matches(flowOf({ dstaddr }));
}

const filter = (selection: string) => `
title: Known
logsource: {product: aws, service: vpcflow}
filter: {rules: [rule_0], selection: ${selection}, condition: not selection}`;

describe('a rule on regions', () => {
  it.each([
    ['{dst_country: BR}', true],
    ['{dst_country: br}', true],
    ['{dst_country|startswith: B}', true],
    ['{dst_country|cased: BR}', true],
    ['{dst_country|re: "^b"}', false],
    ["{dst_country|expand: '%expected%'}", false],
    ['{destination.geo.country_iso_code: BR}', true],
    ['{dst_asn: 64500}', true],
    ['{destination.as.number|gte: 64497}', true],
    ['{dst_asn|lt: 64500}', false],
    ["{dst_asn|expand: '%owned%'}", false],
    ['{dst_aws_region: null}', true],
    ['{src_country: null, dst_country|exists: true}', true],
    ['{dst_country|fieldref: src_country}', false],
  ])('compares %s', (selection, expected) => {
    expect(matches(selection, '203.0.113.9')).toBe(expected);
  });

  it('compares values of a list in upper and lower case', () => {
    expect(matches("{dst_country|expand: '%expected%'}", '198.51.100.9')).toBe(true);
    expect(matches("{dst_country|expand: '%expected%'}", '10.0.0.9')).toBe(false);
  });

  it.each([
    [
      '{dst_country: Germany}',
      'dst_country: invalid value "germany", expected a code of two letters such as DE (ISO 3166-1 alpha-2)',
    ],
    ['{dst_asn: AS64500}', 'dst_asn: invalid value "as64500", expected a whole number from 0 to 4294967295'],
    ['{dst_country|gt: 5}', 'dst_country|gt: gt needs a numeric field'],
    [
      "{dst_country|expand: '%inside%'}",
      'dst_country|expand: %inside% is a list of networks, expected the modifiers cidr and expand',
    ],
    ["{dstaddr|cidr|expand: '%expected%'}", '"DE" is not a network'],
    ['{dst_country|startswith: "1"}', 'the pattern matches no value of dst_country'],
  ])('refuses %s', (selection, problem) => {
    expect(problemOf(selection)).toContain(problem);
  });

  it('refuses the sum of AS numbers', () => {
    const sum = 'type: value_sum, group-by: [srcaddr], timespan: 1h, condition: {field: dst_asn, gte: 1}';
    expect(problemOf('{dstport: 1}', sum)).toContain('value_sum needs a field of amounts');
  });

  it.each([
    ['a condition', '{dst_country: BR}', count],
    ['a comparison of two fields', '{region|fieldref: dst_aws_region}', count],
    ['its key', '{dstport: 1}', count.replace('[srcaddr]', '[srcaddr, dst_country]')],
    [
      'its measure',
      '{dstport: 1}',
      'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dst_country, gte: 2}',
    ],
  ])('is off without a table when %s needs one', (_, selection, correlation) => {
    const text = ruleText(selection, correlation);
    expect(compiled([text])).toMatchObject({ rules: [], series: [], off: [{ name: 'rule_0', level: 'high' }] });
    expect(compiled([text], { hasRegions: true }).rules).toHaveLength(1);
    expect(compiled([text], { hasRegions: true })).not.toHaveProperty('off');
  });

  it('keeps a rule on when only a filter tests a region', () => {
    const { rules, series, off } = compiled([ruleText('{dstport: 443}', count), filter('{dst_country: BR}')]);
    expect(rules).toHaveLength(1);
    expect(off).toBeUndefined();
    const withoutTable = [...loadRules({ ...compiled([]), rules, series }).series.values()][0]!;
    expect(withoutTable.matches(flowOf({ dstaddr: '203.0.113.9' }))).toBe(true);
  });

  it.each(['{dst_country: BR}', '{dst_country|neq: DE}', '{dst_country: null}'])(
    'leaves out a filter without a table when it tests a region: %s',
    (selection) => {
      const texts = [ruleText('{dstport: 443}', count), filter(selection)];
      const where = (hasRegions: boolean) => compiled(texts, { hasRegions }).series[0]!.where;
      expect(where(false)).toEqual(compiled([texts[0]!]).series[0]!.where);
      expect(where(true)).not.toEqual(where(false));
    },
  );

  it('is off when the detection that must continue tests a region', () => {
    const watched =
      'title: W\nname: w\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dst_country: DE}, condition: s}\n---\n';
    const silent = ruleText('{dstport: 443}', count, 'flow_sentinel: {silent: {for: 10m, while: w}}');
    expect(compiled([watched + silent]).off).toMatchObject([{ name: 'rule_0' }]);
  });

  it('leaves ids and caps of other rules as they are when both count distinct values of a key', () => {
    const distinct = (field: string) =>
      `type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: ${field}, gte: 30}`;
    const texts = [
      ruleText('{dstport: 443}', distinct('dstaddr')),
      ruleText('{dstport: 443}', distinct('dst_country')),
    ];
    const [off, on] = [compiled(texts), compiled(texts, { hasRegions: true })];
    expect(off.series).toEqual(on.series.filter(({ id }) => off.series.some((one) => one.id === id)));
    expect(off.rules).toEqual(on.rules.slice(0, 1));
  });

  it('reports mistakes of rules that are off', () => {
    expect(() => compiled([ruleText('{dst_country: Brazil}', count)])).toThrow('invalid value "brazil"');
  });

  it('leaves the series of other rules as they are when it is off', () => {
    const all = compileRuleDirectory(undefined, undefined, everyRule);
    const some = compileRuleDirectory();
    expect(new Map(some.off!.map(({ name, needs }) => [name, needs]))).toEqual(
      new Map([
        ['data_to_unexpected_aws_region', 'regions'],
        ['data_to_unexpected_country', 'regions'],
        ['finding_and_much_data', 'context'],
        ['flow_logs_deleted', 'context'],
        ['new_country', 'regions'],
        ['opened_to_world_and_used', 'context'],
      ]),
    );
    expect(all.rules.filter(({ name }) => some.rules.some((one) => one.name === name))).toEqual(some.rules);
    expect(some.series.every((one) => all.series.some((other) => JSON.stringify(other) === JSON.stringify(one)))).toBe(
      true,
    );
  });
});

describe('a list of values', () => {
  it.each([
    ['expected: {values: []}', 'the list has no values'],
    ['expected: {values: [64496]}', 'expected text; put a number in quotes'],
    [`expected: {values: [${Array.from({ length: 10_001 }, (_, n) => `"${n}"`).join()}]}`, 'at most 10000 values'],
    ['expected: {values: ["a b"]}', 'expected text without white space'],
    ['expected: {values: [DE], file: a.csv}', 'file'],
    ['internal_networks: {values: [DE]}', 'internal_networks must be a list of networks'],
    ['monitored_networks: {values: [DE]}', 'monitored_networks must be a list of networks'],
    ['a: {values: [DE]}\n---\na: [10.0.0.0/8]', 'the list a is defined twice'],
  ])('refuses %s', (text, problem) => {
    expect(() => readLists(text)).toThrow(problem);
  });

  it('is not among the lists that the function looks addresses up in', () => {
    expect(compiled([]).lists.map(({ name }) => name)).toEqual(['inside']);
  });
});
