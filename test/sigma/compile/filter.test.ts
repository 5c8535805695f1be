import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { endOfDay } from '../../../lambda/common/calendar.ts';
import { allSeriesOf } from '../../../lambda/rules/correlation.ts';
import { expiredFilters } from '../../../lambda/rules/expired.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { flowOf, formatOf, v2 } from '../../support/flows.ts';
import { networks } from '../../support/rules.ts';

const logsource = 'logsource: {product: aws, service: vpcflow}';
const any = '{rules: any, selection: {dstport: 22}, condition: not selection}';

const detection = `
title: SSH or RDP
name: administration
id: 3f1b6c52-7a54-4d2e-9a0e-6c2f4f6f1b01
${logsource}
detection: {selection: {dstport: [22, 3389]}, condition: selection}
`;
const correlation = (name: string) => `
title: Many of them
name: ${name}
id: ${name === 'few' ? '7' : '8'}d5d8b8e-1f3c-4c39-8a55-2b1f0c7f9e02
correlation: {type: event_count, rules: [administration], group-by: [srcaddr], timespan: 1h, condition: {gte: ${name === 'few' ? 3 : 30}}}
`;

const files = (filter: string) => [
  { path: 'rules/administration.yml', text: detection },
  { path: 'rules/few_logins.yml', text: correlation('few') },
  { path: 'rules/many_logins.yml', text: correlation('many').replace('1h', '2h') },
  { path: 'rules/filters.yml', text: filter },
];

function filterText(filter: string, rest = ''): string {
  return `title: Bastion\n${logsource}\nfilter: ${filter}\n${rest}`;
}

/** Returns the names of the rules that count a flow in spite of a filter. */
function counting(filter: string, values: Record<string, string | number>, format = v2): string[] {
  const rules = loadRules(compileRules(files(filter), networks));
  const flow = flowOf(values, format);
  return [...rules.rules.values()]
    .filter((rule) => allSeriesOf(rule).some((id) => rules.series.get(id)!.matches(flow)))
    .map(({ name }) => name);
}

function problemsOf(filter: string): string {
  try {
    compileRules(files(filter), networks);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
}

describe('a filter', () => {
  const both = ['few_logins', 'many_logins'];

  it.each([
    ['any', []],
    ['Any', []],
    ['[any]', []],
    ['administration', []],
    ['[3f1b6c52-7a54-4d2e-9a0e-6c2f4f6f1b01]', []],
    ['[few]', ['many_logins']],
    ['[7d5d8b8e-1f3c-4c39-8a55-2b1f0c7f9e02]', ['many_logins']],
    ['few_logins', ['many_logins']],
    ['[few, many_logins]', []],
  ])('excludes flows from the rules %s and leaves them to %j', (rules, left) => {
    const text = filterText(`{rules: ${rules}, selection: {dstport: 22}, condition: not selection}`);
    expect(counting(text, { dstport: 22 })).toEqual(left);
    expect(counting(text, { dstport: 3389 })).toEqual(both);
  });

  it.each([
    ['not selection', false],
    ['not (selection)', false],
    ['not 1 of selection*', false],
    ['not selection and not other', false],
    ['not selection and (not other and not all of them)', false],
    ['selection', false],
    ['1 of them', false],
    ['selection or other', false],
    ['selection and not other', false],
    ['all of negative*', true],
    ['not selection or not other', true],
  ])('keeps a flow of the selection with the condition %s: %s', (condition, left) => {
    const selections = 'selection: {dstport: 22}, other: {dstport: 23}, negative: {dstport|neq: 22}';
    const text = filterText(`{rules: any, ${selections}, condition: ${condition}}`);
    expect(counting(text, { dstport: 22 })).toEqual(left ? both : []);
  });

  it('excludes the flows of a selection that has a negation', () => {
    const text = filterText('{rules: any, selection: {dstport|neq: 22}, condition: selection}');
    expect(counting(text, { dstport: 22 })).toEqual(both);
    expect(counting(text, { dstport: 3389 })).toEqual([]);
  });

  it('applies within the correlation that it names, nested or outer', () => {
    const outer = `
title: Few, then telnet
name: outer
correlation: {type: temporal, rules: [few, telnet], group-by: [srcaddr], timespan: 1h}
---
title: Telnet
name: telnet
${logsource}
detection: {selection: {dstport: 23}, condition: selection}
`;
    const matches = (rules: string, dstport: number) => {
      const text = filterText(`{rules: ${rules}, selection: {dstport: [22, 23]}, condition: selection}`);
      const set = loadRules(compileRules([...files(text), { path: 'rules/outer.yml', text: outer }], networks));
      return allSeriesOf(set.rules.get('outer')!).some((id) => set.series.get(id)!.matches(flowOf({ dstport })));
    };
    expect([matches('outer', 22), matches('outer', 23), matches('outer', 3389)]).toEqual([false, false, true]);
    expect([matches('few', 22), matches('few', 23), matches('few', 3389)]).toEqual([false, true, true]);
    expect([matches('many', 22), matches('many', 23)]).toEqual([true, true]);
  });

  it('accepts the log source of firewalls, or a wider one than a rule has', () => {
    for (const source of ['{category: firewall}', '{product: aws}', '{}']) {
      const text = filterText(
        '{rules: any, selection: {dst_port: 22, protocol: tcp}, condition: not selection}',
      ).replace(logsource, `logsource: ${source}`);
      expect(counting(text, { dstport: 22 })).toEqual([]);
    }
  });

  it('accepts a filter in the file of its rule', () => {
    const text = `${detection}---\n${filterText(any)}`;
    const { rules } = compileRules([{ path: 'ssh.yml', text }], networks);
    expect(rules.map(({ name }) => name)).toEqual(['ssh']);
  });

  it('preserves the spelling of numbers', () => {
    const text = filterText('{rules: any, selection: {srcaddr|startswith: 10.0}, condition: not selection}');
    expect(counting(text, { dstport: 22, srcaddr: '10.1.0.1' })).toEqual(both);
    expect(counting(text, { dstport: 22, srcaddr: '10.0.0.1' })).toEqual([]);
  });

  it('applies until the end of its last day, in the time of the flows', () => {
    const text = filterText(any, 'allow: {reason: a pentest, expires: 2027-01-31}');
    const end = endOfDay('2027-01-31')!;
    expect(counting(text, { dstport: 22, end: end - 1 })).toEqual([]);
    expect(counting(text, { dstport: 22, end })).toEqual(both);
    expect(counting(text, { dstport: 22, end: '-', start: end })).toEqual(both);
  });

  it('expires by the time of arrival when a flow has no time', () => {
    const text = filterText(any, 'allow: {expires: 2027-01-31}');
    const rules = loadRules(compileRules(files(text), networks));
    const flow = flowOf({ dstport: 22 }, formatOf('srcaddr dstaddr dstport'));
    const additions = (arrival: number) =>
      aggregate([{ flow, arrival }], rules).deltas.flatMap(({ additions }) => additions).length;
    expect(additions(endOfDay('2027-01-31')! - 1)).toBe(0);
    expect(additions(endOfDay('2027-01-31')!)).toBe(2);
  });

  it('lists the filter in the rule set', () => {
    const { filters } = compileRules(
      files(filterText(any, 'allow: {reason: a pentest, expires: 2027-01-31}')),
      networks,
    );
    expect(filters).toEqual([
      { title: 'Bastion', file: 'rules/filters.yml', rules: ['any'], reason: 'a pentest', expires: '2027-01-31' },
    ]);
    expect(expiredFilters(filters, endOfDay('2027-01-31')! - 1)).toEqual([]);
    expect(expiredFilters(filters, endOfDay('2027-01-31')!)).toEqual(filters);
    expect(expiredFilters([{ title: 'Always', file: 'f.yml', rules: ['any'] }], Number.MAX_VALUE)).toEqual([]);
  });

  it('counts the flows that the rule matches and the filter does not', () => {
    const port = fc.constantFrom(22, 23, 3389);
    fc.assert(
      fc.property(fc.uniqueArray(port, { minLength: 1 }), fc.boolean(), port, (allowed, isNot, dstport) => {
        const condition = isNot ? 'not selection' : 'selection';
        const text = filterText(`{rules: any, selection: {dstport: [${allowed}]}, condition: ${condition}}`);
        const isCounted = [22, 3389].includes(dstport) && !allowed.includes(dstport);
        expect(counting(text, { dstport })).toEqual(isCounted ? both : []);
      }),
    );
  });

  it.each([
    [
      '{rules: [administration, nothing], selection: {dstport: 22}, condition: selection}',
      '',
      'rules/filters.yml:3: no rule has the name, id or file "nothing"',
    ],
    [
      '{rules: filters, selection: {dstport: 22}, condition: selection}',
      '',
      'rules/filters.yml:3: no rule has the name, id or file "filters"',
    ],
    [
      '{rules: [], selection: {dstport: 22}, condition: selection}',
      '',
      'rules/filters.yml:3: filter.rules: expected names or ids of rules, or any',
    ],
    [
      '{selection: {dstport: 22}, condition: selection}',
      '',
      'rules/filters.yml:3: filter.rules: expected names or ids of rules, or any',
    ],
    [
      '{rules: any, selection: {dstport: 22}, condition: [selection]}',
      '',
      'rules/filters.yml:3: filter.condition: expected one condition as text',
    ],
    [
      '{rules: any, selection: {dstport: 22}, condition: other}',
      '',
      'rules/filters.yml:3: condition: expected a selection at "other", one of selection',
    ],
    [
      '{rules: any, selection: {username: root}, condition: selection}',
      '',
      'rules/filters.yml:3: username: VPC Flow Logs have no field "username": a flow record does not name users',
    ],
    [any, 'allow: {expires: 2027-02-30}', 'rules/filters.yml:4: allow.expires: expected a day such as 2027-01-31'],
    [any, 'allow: {until: 2027-02-20}', 'rules/filters.yml:4: allow: until is not supported'],
  ])('refuses the filter %s %s', (filter, rest, problem) => {
    expect(problemsOf(filterText(filter, rest))).toBe(problem);
  });

  it('refuses a filter for other logs', () => {
    const text = filterText(any).replace(logsource, 'logsource: {product: windows, category: process_creation}');
    expect(problemsOf(text)).toBe(
      'rules/filters.yml:2: logsource: {category: "process_creation", product: "windows"} does not mean flow logs or ' +
        'events, expected {category: firewall}, {category: network, service: connection}, or {product: aws} with the ' +
        'service vpcflow, cloudtrail or guardduty',
    );
  });
});
