import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { expiredEntries } from '../../../sigma/lint/expired-entries.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { flowOf, formatOf } from '../../support/flows.ts';
import { readLists, ruleSetOf, ruleText } from '../../support/rules.ts';

const midnight = Date.UTC(2026, 11, 1) / 1000;

function problemsOf(text: string, files: Record<string, string> = {}): string[] {
  try {
    readLists(text, files);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** Compiles a rule about flows from the list `threats`. */
function ruleAbout(text: string, files: Record<string, string> = {}, modifiers = 'cidr|expand'): RuleSet {
  const rule = ruleText(
    `{srcaddr|${modifiers}: '%threats%'}`,
    'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}',
  );
  return ruleSetOf([rule], readLists(text, files));
}

const matches = (rules: RuleSet, flow = flowOf()) => [...loadRules(rules).series.values()][0]!.matches(flow);

describe('readNetworkLists', () => {
  it('reports an invalid network with its line', () => {
    expect(problemsOf('mine:\n  - 10.0.0.0/8\n  - 10.0.0.0/99\n')).toEqual([
      'networks.yml:3: "10.0.0.0/99" has an invalid prefix length, expected 0 to 32',
    ]);
  });

  it('refuses an invalid name and a repeated one', () => {
    expect(problemsOf('__proto__: [10.0.0.0/8]\n')).toEqual(['networks.yml:1: a key cannot be named __proto__']);
    expect(problemsOf('1st: [10.0.0.0/8]\n')[0]).toContain('networks.yml:1: ');
    expect(problemsOf('a: [10.0.0.0/8]\n---\na: [10.0.0.0/8]\n')).toEqual([
      'networks.yml:3: the list a is defined twice',
    ]);
  });

  it('reads entries with a label, a reason and a last day', () => {
    const text = `
threats:
  - 10.0.0.0/8
  - {network: 10.0.1.0/24, label: bot, reason: why not, expires: 2026-11-30}
  - {network: '2001:db8::1', label: v6}
`;
    expect(readLists(text).get('threats')).toEqual({
      name: 'threats',
      referenced: true,
      entries: ['10.0.0.0/8', ['10.0.1.0/24', 'bot', 'why not', midnight], ['2001:db8::1', 'v6', '', 0]],
    });
  });

  it('reads a list from a file, from S3, and from S3 with a file until S3 answers', () => {
    const lists = readLists(
      `
a: {file: lists/a.csv}
b: {s3: 's3://some-bucket/path/b.txt'}
c: {file: lists/a.csv, s3: 's3://some-bucket/c'}
`,
      { 'lists/a.csv': '10.0.0.1\n' },
    );
    expect([...lists.values()]).toEqual([
      { name: 'a', referenced: true, entries: ['10.0.0.1'] },
      { name: 'b', referenced: true, entries: [], s3: { bucket: 'some-bucket', key: 'path/b.txt' } },
      { name: 'c', referenced: true, entries: ['10.0.0.1'], s3: { bucket: 'some-bucket', key: 'c' } },
    ]);
  });

  it.each([
    ['mine: 10.0.0.0/8', 'networks.yml:1: mine: expected a list of networks, or a map with file, s3 or values'],
    ['mine: [10]', 'networks.yml:1: expected a network, or a map with the key network'],
    ['mine: [{label: a}]', 'networks.yml:1: network: '],
    ['mine: [{network: 10.0.0.0/8, until: 2026-12-31}]', 'networks.yml:1: until is not supported'],
    [
      'mine: [{network: 10.0.0.0/8, expires: 2026-13-01}]',
      'networks.yml:1: expires is invalid: got "2026-13-01", expected a day like 2026-12-31',
    ],
    ['mine: {}', 'networks.yml:1: expected file or s3'],
    ['mine:\n  file: good.csv\n  url: https://example.com', 'networks.yml:3: url is not supported'],
    ['mine: {s3: some-bucket/key}', 'networks.yml:1: s3: expected an object such as s3://bucket/path/list.csv'],
    ['mine: {s3: "s3://some-bucket/*"}', 'networks.yml:1: s3: expected an object'],
    ['mine: {s3: "s3://some-bucket/"}', 'networks.yml:1: s3: expected an object'],
    ['mine: {s3: "s3://Bucket/key"}', 'networks.yml:1: s3: expected an object'],
    ['mine:\n  file: lists/none.csv', 'networks.yml:2: lists/none.csv cannot be read'],
    ['mine: {file: empty.csv}', 'empty.csv:1: the list has no networks'],
    ['monitored_networks: {file: good.csv}', 'networks.yml:1: monitored_networks must list its networks here'],
    ['monitored_networks:\n  - 10.0.0.0/16\n  - 0.0.0.0/0', 'networks.yml:3: 0.0.0.0/0 is too wide'],
  ])('refuses %s', (text, problem) => {
    const files = { 'empty.csv': '# nothing\n', 'good.csv': '10.0.0.0/8\n' };
    expect(problemsOf(text, files)).toEqual([expect.stringContaining(problem)]);
  });

  it('reports the first unreadable lines of a file and the number of the others', () => {
    const problems = problemsOf('a: {file: a.csv}', { 'a.csv': `10.0.0.1\n${'bad\n'.repeat(30)}` });
    expect(problems).toHaveLength(21);
    expect(problems[0]).toBe('a.csv:2: the network is invalid, expected one like 10.0.0.0/8 or fc00::/7');
    expect(problems[20]).toBe('a.csv: 10 more lines are unreadable');
  });
});

describe('a rule about a named list', () => {
  it('contains the networks of a list without last days', () => {
    const plain = ruleAbout('threats: [10.0.0.0/8]');
    expect(JSON.stringify(plain.series)).toContain('"cidr"');
    expect(ruleAbout('threats: [{network: 10.0.0.0/8, label: a}]').series).toEqual(plain.series);
    expect(ruleAbout('threats: [11.0.0.0/8]').series[0]!.id).not.toBe(plain.series[0]!.id);
  });

  it('refers to any other list by name, so that its content does not change the rule', () => {
    const fromFile = ruleAbout('threats: {file: a.csv}', { 'a.csv': '10.0.0.0/8' });
    expect(fromFile.series[0]!.where).toEqual({ all: [{ field: 'srcaddr', tests: [{ list: 'threats' }] }] });
    expect(ruleAbout('threats: {file: a.csv}', { 'a.csv': '11.0.0.0/8' }).series).toEqual(fromFile.series);
    expect(ruleAbout("threats: {s3: 's3://some-bucket/a'}").series).toEqual(fromFile.series);
    expect(ruleAbout('threats: [{network: 10.0.0.0/8, expires: 2026-11-30}]').series).toEqual(fromFile.series);
  });

  it.each([
    ['10.0.1.5', true],
    ['10.0.1.6', false],
    ['2001:db8::1', true],
  ])('matches %s: %s', (srcaddr, expected) => {
    const rules = ruleAbout('threats: {file: a.csv}', { 'a.csv': '10.0.1.5\n2001:db8::/64' });
    expect(matches(rules, flowOf({ srcaddr }))).toBe(expected);
    expect(matches(JSON.parse(JSON.stringify(rules)), flowOf({ srcaddr }))).toBe(expected);
  });

  it('matches until the end of the last day, by the time of the flow, and always without a time', () => {
    const rules = ruleAbout('threats: [{network: 10.0.0.0/8, expires: 2026-11-30}]');
    expect(matches(rules, flowOf({ end: midnight - 1 }))).toBe(true);
    expect(matches(rules, flowOf({ end: midnight }))).toBe(false);
    expect(matches(rules, flowOf({}, formatOf('srcaddr dstaddr')))).toBe(true);
  });

  it('combines lists and networks', () => {
    const rules = ruleSetOf(
      [
        ruleText(
          "{srcaddr|cidr|expand: ['%threats%', '%internal%']}",
          'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}',
        ),
      ],
      readLists('threats: {file: a.csv}\ninternal: [10.0.0.0/8]', { 'a.csv': '203.0.113.7' }),
    );
    const answers = ['10.0.1.5', '203.0.113.7', '203.0.113.8'].map((srcaddr) => matches(rules, flowOf({ srcaddr })));
    expect(answers).toEqual([true, true, false]);
  });

  it('needs the modifier cidr', () => {
    expect(() => ruleAbout('threats: {file: a.csv}', { 'a.csv': '10.0.0.1' }, 'expand')).toThrow(
      'srcaddr|expand: %threats% is a list of networks, expected the modifiers cidr and expand',
    );
  });

  it('refuses to load without the list', () => {
    const rules = ruleAbout('threats: {file: a.csv}', { 'a.csv': '10.0.0.1' });
    expect(() => loadRules({ ...rules, lists: [] })).toThrow('the compiled rules have no list "threats"');
  });
});

describe('the monitored and internal networks', () => {
  it.each([
    ['monitored_networks: [10.1.0.0/16]\ninternal_networks: [10.0.0.0/8]', 1, 1],
    ['monitored_networks: [10.1.0.0/16]', 1, 5],
    ['internal_networks: {file: a.csv}', 0, 2],
    ["internal_networks: {s3: 's3://some-bucket/a'}", 0, 5],
    ['others: [10.0.0.0/8]', 0, 5],
  ])('are the networks of %j: %i and %i; the former are not among the named lists', (text, monitored, internal) => {
    const ruleSet = ruleSetOf([], readLists(text, { 'a.csv': '10.2.0.0/16\n10.3.0.0/16' }));
    expect(ruleSet.monitoredNetworks).toHaveLength(monitored);
    expect(ruleSet.internalNetworks).toHaveLength(internal);
    expect(loadRules(ruleSet).insideNetworks).toHaveLength(monitored + internal);
    expect(ruleSet.lists.map(({ name }) => name)).not.toContain('monitored_networks');
  });

  it('treats no network as monitored when the rules of this repository are compiled', () => {
    expect(compileRuleDirectory().monitoredNetworks).toEqual([]);
  });
});

describe('expiredEntries', () => {
  it('counts the expired entries of each list', () => {
    const rules = ruleAbout(`
threats: [10.0.0.0/8, {network: 11.0.0.0/8, expires: 2026-11-30}, {network: 12.0.0.0/8, expires: 2026-12-01}]
others: [10.0.0.0/8]
`);
    expect(expiredEntries(rules, midnight - 1)).toEqual([]);
    expect(expiredEntries(rules, midnight)).toEqual([{ list: 'threats', expired: 1, entries: 3 }]);
    expect(expiredEntries(rules, midnight + 86_400)).toEqual([{ list: 'threats', expired: 2, entries: 3 }]);
  });
});

describe('a directory of rules', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
    mkdirSync(join(directory, 'lists'));
    writeFileSync(join(directory, 'lists/a.csv'), '10.0.0.1\n');
    const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gte: 1}';
    writeFileSync(join(directory, 'mine.yml'), ruleText("{srcaddr|cidr|expand: '%threats%'}", correlation));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('resolves the paths of lists from the networks file', () => {
    writeFileSync(join(directory, 'networks.yml'), 'threats: {file: lists/a.csv}');
    writeFileSync(join(directory, 'lists/networks.yml'), 'threats: {file: a.csv}');
    for (const file of [undefined, join(directory, 'lists/networks.yml')]) {
      const { rules, lists } = compileRuleDirectory(directory, file);
      expect(rules.map(({ name }) => name)).toEqual(['mine']);
      expect(lists).toEqual([{ name: 'threats', referenced: true, entries: ['10.0.0.1'] }]);
    }
  });

  it('reports the line that names a missing list', () => {
    writeFileSync(join(directory, 'networks.yml'), '# lists\nthreats:\n  file: lists/b.csv\n');
    expect(() => compileRuleDirectory(directory)).toThrow(/networks\.yml:3: .*lists\/b\.csv cannot be read: ENOENT/);
  });
});
