import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { defaultRulesDirectory } from '../../../sigma/default-rules.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { networks, rulesOf, ruleText } from '../../support/rules.ts';

const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 3}';

function problemsOf(text: string): string {
  try {
    compileRules([{ path: 'rules/mine.yml', text }], networks);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
}

describe('compileRules', () => {
  it('compiles the rules that come with the program, and names each after its file', () => {
    const { rules } = compileRuleDirectory();
    expect(
      rules.map(({ name, level, threshold, comparison, timespanSeconds }) => [
        name,
        level,
        comparison,
        threshold,
        timespanSeconds,
      ]),
    ).toEqual([
      ['admin_brute_force', 'high', 'gte', 30, 900],
      ['beaconing', 'medium', 'gte', 1, 21_600],
      ['cleartext_services', 'low', 'gte', 1, 3600],
      ['data_exfiltration', 'high', 'gt', 100_000_000, 3600],
      ['dns_tunnelling', 'high', 'gt', 10_000_000, 3600],
      ['exfiltration_to_rare_destination', 'medium', 'gt', 20_000_000, 3600],
      ['horizontal_sweep', 'medium', 'gte', 25, 3600],
      ['lateral_movement', 'high', 'gte', 10, 3600],
      ['long_connection', 'low', 'gte', 20, 21_600],
      ['low_and_slow', 'low', 'gte', 1, 86_400],
      ['probe_that_got_in', 'high', 'gte', 2, 3600],
      ['rejected_egress', 'medium', 'gt', 20, 3600],
      ['rejects_from_suspicious_ranges', 'medium', 'gte', 1, 3600],
      ['repeated_rejects', 'medium', 'gt', 10, 3600],
      ['segmentation_policy', 'high', 'gte', 1, 3600],
      ['silent_interface', 'low', 'gte', 14, 18_000],
      ['skipped_records', 'low', 'gte', 1, 3600],
      ['slow_exfiltration', 'medium', 'gt', 1_000_000_000, 86_400],
      ['threat_list_traffic', 'high', 'gte', 1, 3600],
      ['vertical_scan', 'medium', 'gte', 25, 3600],
    ]);
  });

  it('returns a rule set that JSON does not change', () => {
    const ruleSet = compileRuleDirectory();
    expect(JSON.parse(JSON.stringify(ruleSet))).toEqual(ruleSet);
  });

  it('compiles a detection alone to an alert for each pair that matches once', () => {
    const text =
      'title: Telnet\nlogsource: {product: aws, service: vpcflow}\ndetection: {selection: {dstport: 23}, condition: selection}';
    const { rules, series } = compileRules([{ path: 'rules/telnet.yml', text }], networks);
    expect(rules).toMatchObject([
      { name: 'telnet', level: 'medium', comparison: 'gte', threshold: 1, groupBy: ['srcaddr', 'dstaddr'] },
    ]);
    expect(series).toMatchObject([{ measure: { kind: 'count' }, slotSeconds: 180 }]);
  });

  it('finds a detection in another file, by name or id', () => {
    const detection =
      'title: A\nname: a\nid: 3f1b6c52-7a54-4d2e-9a0e-6c2f4f6f1b01\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: 1}, condition: s}';
    for (const name of ['a', '3f1b6c52-7a54-4d2e-9a0e-6c2f4f6f1b01']) {
      const rule = `title: B\ncorrelation: {rules: [${name}], ${correlation}}`;
      const files = [
        { path: 'b.yml', text: rule },
        { path: 'a.yml', text: detection },
      ];
      expect(compileRules(files, networks).rules.map((one) => one.name)).toEqual(['b']);
    }
  });

  it('refuses a reference that two detections of other files match', () => {
    const detection = (path: string) => ({
      path,
      text: 'title: A\nname: a\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: 1}, condition: s}',
    });
    const rule = { path: 'c.yml', text: `title: C\ncorrelation: {rules: [a], ${correlation}}` };
    expect(() => compileRules([detection('a.yml'), detection('b.yml'), rule], networks)).toThrow(
      'c.yml:2: 2 rules are named "a"',
    );
  });

  it('refuses a file whose name is not a valid rule name', () => {
    expect(() => compileRules([{ path: 'a:b.yml', text: ruleText('{dstport: 1}', correlation) }], networks)).toThrow(
      'a:b.yml:7: the rule name "a:b" is invalid: expected up to 64 letters, digits and _ . -; rename the file',
    );
  });

  it('divides the capacity of an item among its sets of distinct values', () => {
    const distinct = (field: string) =>
      ruleText(
        '{dstport: 22}',
        `type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: ${field}, gte: 10}`,
      );
    const caps = (...fieldNames: string[]) =>
      [...rulesOf(...fieldNames.map(distinct)).series.values()].map(
        ({ measure }) => measure.kind === 'distinct' && measure.cap,
      );
    expect(caps('dstaddr')).toEqual([80]);
    expect(caps('dstaddr', 'instance-id')).toEqual([40, 16]);
  });

  it('shares a series among rules that define the same one', () => {
    const rules = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 10}',
      ),
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [dstaddr, srcaddr], timespan: 1h, condition: {gt: 50}',
      ),
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [srcaddr, dstaddr], timespan: 2h, condition: {gt: 50}',
      ),
    );
    expect(rules.series.size).toBe(2);
  });

  it('gives a shared series the larger cap of its rules', () => {
    const distinct = (gte: number) =>
      ruleText(
        '{dstport: 22}',
        `type: value_count, group-by: [srcaddr], timespan: 1h, condition: {field: dstport, gte: ${gte}}`,
      );
    for (const order of [
      [3, 30],
      [30, 3],
    ]) {
      const rules = rulesOf(...order.map(distinct));
      expect([...rules.series.values()]).toMatchObject([{ measure: { kind: 'distinct', cap: 300 } }]);
    }
  });

  it('reads the block alert', () => {
    const [rule] = [
      ...rulesOf(
        ruleText('{dstport: 1}', correlation, 'alert: {suppress: 30m, escalate: [5, 3], next: [Look there.]}'),
      ).rules.values(),
    ];
    expect(rule).toMatchObject({ suppressSeconds: 1800, escalate: [3, 5], next: ['Look there.'] });
  });

  it('reports every problem with file and line', () => {
    const text = ruleText(
      '{dstprt: 22, srcaddr|cidr: 10.0.0.1/8}',
      'type: event_count, group-by: [source], timespan: soon, condition: {gte: 3}',
    );
    const problems = problemsOf(text).split('\n');
    expect(problems).toEqual([
      'rules/mine.yml:5: dstprt: VPC Flow Logs have no field "dstprt"',
      'rules/mine.yml:5: srcaddr|cidr: "10.0.0.1/8" has bits set after its prefix, expected 10.0.0.0/8',
      'rules/mine.yml:9: the duration "soon" is invalid: expected a form such as 30s, 15m, 1h or 7d, at most 7d',
      'rules/mine.yml:9: VPC Flow Logs have no field "source"',
    ]);
  });

  it('reports one mistake once', () => {
    expect(problemsOf(ruleText('{dstport: 1}', correlation.replace('[srcaddr]', 'srcaddr')))).toBe(
      'rules/mine.yml:9: correlation.group-by: expected a list, got "srcaddr"',
    );
    expect(problemsOf(ruleText("{srcaddr|cidr|expand: '%nowhere%'}", correlation))).toBe(
      'rules/mine.yml:5: srcaddr|cidr|expand: the networks file has no list "nowhere", expected one of internal_networks, suspicious_ranges',
    );
    expect(problemsOf(ruleText("{srcaddr|expand: '%internal_networks%'}", correlation))).toBe(
      'rules/mine.yml:5: srcaddr|expand: %internal_networks% is a list of networks, expected the modifiers cidr and expand',
    );
    expect(problemsOf('title: A\n__proto__: {a: 1}')).toBe('rules/mine.yml:2: a key cannot be named __proto__');
  });

  it.each([
    ['invalid YAML', 'title: [', 'rules/mine.yml:1: '],
    ['an empty file', '', 'rules/mine.yml:1: '],
    ['a repeated key', 'title: A\ntitle: B', 'rules/mine.yml:2: Map keys must be unique'],
    ['a list', '- a', 'rules/mine.yml:1: expected a map, got a list'],
    ['an empty document', `${ruleText('{dstport: 1}', correlation)}---\n`, 'the document is empty; remove the ---'],
    ['a list as a key', '\n? [a, b]\n: c', 'rules/mine.yml:2: a key must be text, got a list or a map'],
    ['a key without a name', '\n~: c', 'rules/mine.yml:2: a key must be text, got nothing'],
    ['an undefined alias', 'title: A\nlevel: *high', 'rules/mine.yml:2: the alias *high is undefined: no anchor &high'],
    ['lists that are nested too deeply', `title: ${'['.repeat(20_000)}`, 'lists and maps are nested too deeply'],
    ['text in place of a list', ruleText('{dstport: 1}', correlation, 'tags: a'), 'tags: expected a list, got "a"'],
    ['an invalid date', ruleText('{dstport: 1}', correlation, 'date: 2027-02-30'), 'date: expected a date such as'],
    [
      'a rule without a title',
      'logsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: 1}, condition: s}',
      'title: is missing',
    ],
    [
      'a key that Sigma does not have',
      ruleText('{dstport: 1}', correlation, 'severity: high'),
      'rules/mine.yml:10: severity is not supported',
    ],
    [
      'another log source',
      'title: A\nlogsource: {product: windows, service: security}\ndetection: {s: {dstport: 1}, condition: s}',
      '{product: aws} with the service vpcflow, cloudtrail or guardduty',
    ],
    ['a keyword search', ruleText('[mimikatz]', correlation), 'rules/mine.yml:5: a keyword search is not supported'],
    ['an empty selection', ruleText('{}', correlation), 'the selection is empty'],
    ['an empty list', ruleText('{dstport: []}', correlation), 'dstport: has no values'],
    [
      'two modifiers that cannot be combined',
      ruleText('{srcaddr|cidr|contains: 10.0.0.0/8}', correlation),
      'cidr and contains cannot be combined',
    ],
    ['a comparison of text', ruleText('{action|gt: 5}', correlation), 'gt needs a numeric field'],
    ['a comparison with text', ruleText('{bytes|gt: many}', correlation), 'gt takes a number, got "many"'],
    [
      'a value that the field cannot have',
      ruleText('{action: ALLOW}', correlation),
      'action: invalid value "allow", expected ACCEPT or REJECT',
    ],
    [
      'a part of an address without a modifier',
      ruleText('{srcaddr: 10.0}', correlation),
      'srcaddr: invalid value "10.0", expected an IPv4 or IPv6 address; for part of an address use cidr or startswith',
    ],
    [
      'an alias to a list that contains it',
      'title: A\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: &a [*a], condition: s}',
      'rules/mine.yml:3: the selection is nested too deeply',
    ],
    [
      'a value that contains itself',
      ruleText('{dstport: &a [*a]}', correlation),
      'rules/mine.yml:5: dstport: expected text or a number, got a list',
    ],
    [
      'an unknown network list',
      ruleText("{srcaddr|cidr|expand: '%nowhere%'}", correlation),
      'the networks file has no list "nowhere"',
    ],
    ['expand without a name', ruleText('{srcaddr|cidr|expand: 10.0.0.0/8}', correlation), 'expand takes a name'],
    ['exists with another value', ruleText('{srcaddr|exists: maybe}', correlation), 'exists takes true or false'],
    ['a nested value', ruleText('{srcaddr: {a: b}}', correlation), 'expected text or a number'],
    [
      'a condition with an unknown selection',
      'title: A\nlogsource: {product: aws, service: vpcflow}\ndetection:\n  s: {dstport: 1}\n  condition: t',
      'rules/mine.yml:5: condition: expected a selection',
    ],
    [
      'a timeframe',
      'title: A\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstport: 1}, condition: s, timeframe: 5m}',
      'detection.timeframe: not supported, use a correlation with timespan',
    ],
    [
      'a correlation of an unknown rule',
      `title: B\ncorrelation: {rules: [nothing], ${correlation}}`,
      'no rule is named "nothing"',
    ],
    [
      'an unknown correlation type',
      ruleText('{dstport: 1}', 'type: value_median, group-by: [srcaddr], timespan: 1h'),
      'rules/mine.yml:9: correlation.type',
    ],
    [
      'a condition that is known only once the window has closed',
      ruleText('{dstport: 1}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {lt: 3}'),
      'rules/mine.yml:9: correlation.condition.lt: lt, lte, eq and neq are not supported: on a stream they are known only once the window has closed; use gt or gte',
    ],
    [
      'a condition with gt and gte',
      ruleText('{dstport: 1}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gt: 3, gte: 3}'),
      'expected either gt or gte',
    ],
    [
      'a condition that is always true',
      ruleText('{dstport: 1}', 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 0}'),
      'is always true',
    ],
    [
      'a correlation without group-by',
      ruleText('{dstport: 1}', 'type: event_count, timespan: 1h, condition: {gte: 1}'),
      'correlation.group-by',
    ],
    [
      'a percent-encoded text of a tag',
      ruleText("{instance-tag: 'web%20server'}", correlation),
      'the text of the tag is percent-encoded: got "web%20server", expected "web server"',
    ],
    [
      'a percent-encoded pattern of a tag',
      ruleText("{asg-tag-2|startswith: 'b%c3%bcro'}", correlation),
      'the text of the tag is percent-encoded: got "b%c3%bcro", expected "büro"',
    ],
    [
      'white space in another field',
      ruleText("{instance-id: 'web server'}", correlation),
      'expected text without white',
    ],
    [
      'a sum without a field',
      ruleText('{dstport: 1}', 'type: value_sum, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}'),
      'value_sum needs condition.field',
    ],
    [
      'a sum of addresses',
      ruleText(
        '{dstport: 1}',
        'type: value_sum, group-by: [srcaddr], timespan: 1h, condition: {gte: 1, field: dstaddr}',
      ),
      'value_sum needs a field of amounts such as bytes, got dstaddr',
    ],
    [
      'a count of events with a field',
      ruleText(
        '{dstport: 1}',
        'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1, field: bytes}',
      ),
      'field is not supported for event_count, which counts flows',
    ],
    [
      'a threshold of distinct values that exceeds an item',
      ruleText(
        '{dstport: 1}',
        'type: value_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 500, field: dstaddr}',
      ),
      'value_count of dstaddr can count at most 80 distinct values here; lower the threshold',
    ],
    [
      'a timespan above 7d',
      ruleText('{dstport: 1}', 'type: event_count, group-by: [srcaddr], timespan: 8d, condition: {gte: 1}'),
      'at most 7d',
    ],
    [
      'aliases that expand exponentially',
      `title: &a [x, x]\ndescription: ${'&b [*a, *a, *a, *a, *a, *a, *a, *a]'}\nauthor: [${'*b, '.repeat(40)}]`,
      'rules/mine.yml:1: ',
    ],
  ])('refuses %s', (_, text, part) => {
    expect(problemsOf(text)).toContain(part);
  });

  it('reports a mistake in a correlation once when its file has several detections', () => {
    const [first, second] = ruleText('{dstport: 1}', correlation.replace('[srcaddr]', 'srcaddr')).split('---');
    const other = first!.replace('some_flow', 'other_flow').replace('Some flow', 'Other flow');
    expect(problemsOf([first, other, second].join('---'))).toMatch(
      /^rules\/mine.yml:\d+: correlation.group-by: [^\n]*$/,
    );
  });

  it('reports an unknown rule of a correlation without the problems that follow from it', () => {
    const text = ruleText('{dstport: 1}', correlation).replace('rules: [some_flow]', 'rules: [nope]');
    expect(problemsOf(text)).toBe('rules/mine.yml:9: no rule is named "nope"');
  });
});

describe('selections and conditions', () => {
  const names =
    'cidr, re, i, m, s, contains, startswith, endswith, gt, gte, lt, lte, neq, all, exists, cased, fieldref';
  const every = `${names}, expand, minute, hour, day, week, month, year`;
  const encoded = (name: string) =>
    `the modifier "${name}" is not supported: it encodes payload text, which flow records do not have`;
  const notTogether = (a: string, b: string) => `the modifiers ${a} and ${b} cannot be combined`;

  it.each([
    ...['base64', 'base64offset', 'utf16', 'utf16le', 'utf16be', 'wide'].map((name): [string, string] => [
      `{interface-id|${name}: x}`,
      `interface-id|${name}: ${encoded(name)}`,
    ]),
    ['{interface-id|wide|base64offset|contains: x}', `interface-id|wide|base64offset|contains: ${encoded('wide')}`],
    [
      '{interface-id|windash: -x}',
      'interface-id|windash: the modifier "windash" is not supported: it is for command-line flags, which flow records do not have',
    ],
    ['{dstport|near: 5}', `dstport|near: the modifier "near" is not supported, expected ${every}`],
    ['{dstport|: 5}', `dstport|: the modifier "" is not supported, expected ${every}`],
    ['{dstport|neq|neq: 5}', 'dstport|neq|neq: the modifier neq is repeated'],
    ...[
      ['srcaddr', 'cidr', 'contains'],
      ['srcaddr', 'cidr', 'cased'],
      ['srcaddr', 'cidr', 're'],
      ['srcaddr', 're', 'contains'],
      ['srcaddr', 're', 'cased'],
      ['srcaddr', 'expand', 're'],
      ['srcaddr', 'expand', 'fieldref'],
      ['bytes', 'gt', 'lt'],
      ['bytes', 'gt', 'contains'],
      ['bytes', 'exists', 'gt'],
      ['bytes', 'fieldref', 'exists'],
      ['end', 'hour', 'fieldref'],
      ['end', 'hour', 'minute'],
      ['end', 'hour', 'contains'],
    ].map(([field, a, b]): [string, string] => [
      `{${field}|${a}|${b}: 1}`,
      `${field}|${a}|${b}: ${notTogether(a!, b!)}`,
    ]),
    ['{interface-id|i: x}', 'interface-id|i: the modifier i needs the modifier re'],
    ['{interface-id|contains|all: x}', 'interface-id|contains|all: all needs two or more values, got one'],
    ['{interface-id|contains|all: [x]}', 'interface-id|contains|all: all needs two or more values, got one'],
    ['{dstport|all: [22, 23]}', 'dstport|all: a field has one value and never equals all of these'],
    [
      '{flow-direction: [null, egress]}',
      'flow-direction: null must be the only value; write a separate selection for it',
    ],
    ['{flow-direction|contains: null}', 'flow-direction|contains: expected text or a number, got null'],
    ['{interface-id: true}', 'interface-id: expected text or a number, got true'],
    ["{interface-id: '-'}", 'interface-id: "-" marks a field that is not available, expected null'],
    [
      '{protocol: tpc}',
      'protocol: invalid value "tpc", expected a whole number from 0 to 255 or the name of a protocol such as tcp',
    ],
    [
      '{flow-direction: out*}',
      'flow-direction: the pattern matches no value of flow-direction, expected ingress or egress',
    ],
    [
      '{flow-direction|re: ^out}',
      'flow-direction|re: the regular expression matches no value of flow-direction, expected ingress or egress',
    ],
    ['{srcaddr: 10.x.*}', 'srcaddr: the pattern matches no value of srcaddr, expected an IPv4 or IPv6 address'],
    [
      "{interface-id|re: '\\d+'}",
      `interface-id|re: the regular expression "\\\\d+" is invalid: \\d is not in Sigma's flavour; list the characters, such as [0-9]`,
    ],
    ['{interface-id|re: null}', 'interface-id|re: re takes a regular expression, got null'],
    ['{srcport|fieldref: 443}', 'srcport|fieldref: fieldref takes the name of a field, got 443'],
    ['{srcport|fieldref: dport}', 'srcport|fieldref: VPC Flow Logs have no field "dport"'],
    [
      '{srcport|fieldref: srcaddr}',
      'srcport|fieldref: srcport never equals srcaddr: one is an address, the other a number',
    ],
    ['{bytes|fieldref|gt: interface-id}', 'bytes|fieldref|gt: gt needs two numeric fields, got bytes and interface-id'],
    ['{bytes|hour: 3}', 'bytes|hour: hour needs a field of times: start or end'],
    ['{end|hour: 24}', 'end|hour: hour takes a whole number from 0 to 23, got 24'],
    ['{end|month|gte: 0}', 'end|month|gte: month takes a whole number from 1 to 12, got 0'],
    ['{end|year: soon}', 'end|year: year takes a whole number from 1970 to 9999, got "soon"'],
    [
      '[mimikatz, 4711]',
      'a keyword search is not supported: a flow record has only fields, expected a map such as dstport: 22',
    ],
    [
      "{'|all': [mimikatz, other]}",
      '|all: a keyword search is not supported: a flow record has only fields, expected a map such as dstport: 22',
    ],
    ['{user: root}', 'user: VPC Flow Logs have no field "user": a flow record does not name users'],
  ])('refuses the selection %s with file, line and reason', (selection, problem) => {
    const expected = problem.startsWith('a keyword')
      ? `rules/mine.yml:5: ${problem}\nrules/mine.yml:5: ${problem}`
      : `rules/mine.yml:5: ${problem}`;
    expect(problemsOf(ruleText(selection, correlation))).toBe(expected);
  });

  const detection = (condition: string, logsource = '{product: aws, service: vpcflow}') =>
    `title: A\nlogsource: ${logsource}\ndetection:\n  s: {dstport: 1}\n  condition: ${condition}`;

  it.each([
    ['1 of s and 2 of them', 'condition: "2 of" is not supported, expected 1 of, any of or all of'],
    ['s | count() by srcaddr > 5', 'an aggregation in the condition is not supported; use a correlation'],
    ['[s, t]', 'condition: expected a selection at "t", one of s'],
    ['[]', 'detection.condition: expected a condition as text, or a list of conditions'],
    ['{a: b}', 'detection.condition: expected a condition as text, or a list of conditions'],
  ])('refuses the condition %s with file, line and reason', (condition, problem) => {
    expect(problemsOf(detection(condition))).toBe(`rules/mine.yml:5: ${problem}`);
  });

  it.each(['vpcflowlogs', 'vpc-flow', 'vpc_flow_logs', 'VpcFlowLogs', 'aws-vpcflow'])(
    'reads the service %s as vpcflow',
    (service) => {
      expect(problemsOf(detection('s', `{product: aws, service: ${service}}`))).toBe('none');
      expect(problemsOf(detection('s', `{service: ${service}}`))).toContain('does not mean flow logs');
    },
  );

  it('reports mistakes in the detection when the document has others too', () => {
    const text = `${detection('t')}\nlevel: lowest`;
    expect(problemsOf(text).split('\n')).toEqual([
      'rules/mine.yml:6: level: expected one of informational, low, medium, high, critical, got "lowest"',
      'rules/mine.yml:5: condition: expected a selection at "t", one of s',
    ]);
  });

  it.each([
    ['{product: windows, service: security}', '{product: "windows", service: "security"}'],
    ['{product: aws, service: route53}', '{product: "aws", service: "route53"}'],
    ['{product: aws}', '{product: "aws"}'],
    ['{category: firewall, product: fortigate}', '{category: "firewall", product: "fortigate"}'],
    ['{category: network, service: dns}', '{category: "network", service: "dns"}'],
    ['{category: proxy}', '{category: "proxy"}'],
    ['{definition: any}', '{}'],
  ])('refuses the log source %s with file, line and reason', (logsource, shown) => {
    expect(problemsOf(detection('s', logsource))).toBe(
      `rules/mine.yml:2: logsource: ${shown} does not mean flow logs or events, expected {category: firewall}, ` +
        '{category: network, service: connection}, or {product: aws} with the service vpcflow, cloudtrail or guardduty',
    );
  });

  it('refuses another taxonomy with file, line and reason', () => {
    expect(problemsOf(detection('s').replace('title: A', 'title: A\ntaxonomy: ecs'))).toBe(
      'rules/mine.yml:2: taxonomy: only the taxonomy sigma is supported; docs/rules/writing-rules.md lists its names',
    );
  });

  it('joins the conditions of a list by or', () => {
    const text = `title: A\nlogsource: {category: firewall}\ndetection: {a: {dst_port: 1}, b: {dst_port: 2}, condition: [a, b]}`;
    const { series } = compileRules([{ path: 'a.yml', text }], networks);
    const port = (value: string) => ({ all: [{ field: 'dstport', tests: [{ in: [value] }] }] });
    expect(series.map(({ where }) => where)).toEqual([{ any: [port('1'), port('2')] }]);
  });
});

describe('the rule files that come with the program', () => {
  const { rules } = compileRuleDirectory();

  it.each(rules.map(({ name }) => name))('gives the rule %s all texts of an alert', (name) => {
    const rule = rules.find((one) => one.name === name)!;
    expect(rule.description).not.toBe('');
    expect(rule.techniques).not.toEqual([]);
    expect(rule.falsepositives).not.toEqual([]);
    expect(rule.next).not.toEqual([]);
  });

  it.each(rules.map(({ name }) => name))(
    'gives the documents of %s the fields that Sigma requires, and unique ids',
    (name) => {
      const text = readFileSync(`${defaultRulesDirectory}/${name}.yml`, 'utf8');
      const documents = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
      const unique = (items: object) => ({ type: 'array', uniqueItems: true, items });
      const date = { type: 'string', pattern: '^\\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\\d|3[01])$' };
      const required = new Ajv2020().compile({
        type: 'object',
        required: ['title', 'id'],
        properties: {
          id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
          references: unique({ type: 'string' }),
          tags: unique({ type: 'string' }),
          falsepositives: unique({ type: 'string', minLength: 2 }),
          date,
          modified: date,
        },
        oneOf: [
          { required: ['logsource', 'detection'] },
          { required: ['logsource', 'filter'] },
          { required: ['correlation', 'level', 'status'] },
        ],
      });
      for (const document of documents) expect(required(document), basename(name)).toBe(true);
      expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
    },
  );
});
