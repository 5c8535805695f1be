import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { templateTypes } from '../../../cli/rules/rule-template.ts';
import { ruleText } from '../../support/rules.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

let rules = '';
beforeEach(() => {
  rules = mkdtempSync(join(folder, 'rules-'));
  mkdirSync(join(rules, 'examples'));
});

function write(name: string, text: string): void {
  writeFileSync(join(rules, name), text);
}

const rejects = ruleText(
  '{action: REJECT}',
  'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 3}',
);
const examples = `alerts: [{name: three, flows: [{action: REJECT, repeat: 3}]}]
silent: [{name: two, flows: [{action: REJECT, repeat: 2}]}]
`;

describe('rules test', () => {
  it('runs the examples of the rules that come with the program', async () => {
    const { code, stdout } = await run('rules', 'test');
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout)).toMatch(/data_exfiltration +2 +6 +ok\n/);
    expect(stripVTControlCharacters(stdout)).toMatch(/\d+ examples of \d+ rules: all passed\n$/);
  });

  it('prints the expectation and the result of each failure, and exits with 1', async () => {
    write('knocks.yml', rejects);
    write('examples/knocks.yml', examples.replace('repeat: 2', 'repeat: 4'));
    const { code, stdout } = await run('rules', 'test', 'knocks', '--rules', rules);
    expect(code).toBe(1);
    expect(stripVTControlCharacters(stdout)).toMatch(/knocks +1 +0 of 1 +1 failed\n/);
    expect(stripVTControlCharacters(stdout)).toMatch(
      /examples\/knocks\.yml:2: two: expected no alert\n {2}alerted 10\.0\.1\.5 -> 10\.0\.2\.7 with 4 flow records\n/,
    );
    expect(stripVTControlCharacters(stdout)).toMatch(/\n1 rule with failed examples\n$/);
  });

  it('prints the file to write for a rule without examples, and exits with 1', async () => {
    write('knocks.yml', rejects);
    const { code, stdout } = await run('rules', 'test', '--rules', rules);
    expect(code).toBe(1);
    expect(stripVTControlCharacters(stdout)).toMatch(
      /examples\/knocks\.yml: write examples of knocks; see docs\/rules\/writing-rules\.md/,
    );
    expect(stripVTControlCharacters(stdout)).toMatch(/\n1 rule without examples\n$/);
  });

  it('prints one JSON document', async () => {
    write('knocks.yml', rejects);
    write('examples/knocks.yml', examples);
    const { code, stdout } = await run('rules', 'test', '--rules', rules, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rules: [
        {
          rule: 'knocks',
          ok: true,
          examples: [
            { name: 'three', ok: true, alerts: [{ key: { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' }, value: 3 }] },
            { name: 'two', ok: true, alerts: [], nearest: { value: 2, isOver: false } },
          ],
        },
      ],
    });
  });

  it.each([
    ['an unknown rule', ['nope'], 'unknown rule: nope, expected one of knocks'],
    ['a misspelt rule', ['nocks'], 'unknown rule: nocks, expected one of knocks; did you mean knocks?'],
    [
      'examples of a missing rule',
      [],
      'examples/gone.yml:1: the rule of these examples does not exist; rename or remove the file',
    ],
  ])('exits with 2 on %s', async (_, args, message) => {
    write('knocks.yml', rejects);
    write('examples/gone.yml', examples);
    const { code, stdout, stderr } = await run('rules', 'test', ...args, '--rules', rules);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('prints names without control characters', async () => {
    write('knocks.yml', rejects);
    write(
      'examples/knocks.yml',
      examples.replace(
        'name: two, flows: [{action: REJECT, repeat: 2}]',
        'name: "a\\e[2Jb", flows: [{action: REJECT, repeat: 4}]',
      ),
    );
    const { stdout } = await run('rules', 'test', '--rules', rules);
    expect(stripVTControlCharacters(stdout)).toContain('a?[2Jb: expected no alert');
  });
});

describe('rules check', () => {
  it('lists the rules that come with the program, without problems', async () => {
    const { code, stdout } = await run('rules', 'check');
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout)).toMatch(/lateral_movement +\w+ +high +srcaddr +\w{4}\n/);
    expect(stripVTControlCharacters(stdout)).toMatch(/\nAll rules are valid\.\n$/);
  });

  it('lists the problems of examples when rules have problems too', async () => {
    write('knocks.yml', rejects.replace('gte: 3', 'gte: -1'));
    write('examples/knocks.yml', examples.replace('action: REJECT, repeat: 2', 'protocol: tpc'));
    const { code, stdout } = await run('rules', 'check', '--rules', rules);
    expect(code).toBe(1);
    expect(stdout).toMatch(/examples.knocks\.yml:2: protocol: "tpc" is not/);
    expect(stdout).toMatch(/knocks\.yml:9: /);
  });

  it('lists all problems at once, by file and line, and exits with 1', async () => {
    write('knocks.yml', rejects.replace('gte: 3', 'gte: 0'));
    write('other.yml', rejects.replace('1h', 'soon').replace('action', 'acton'));
    const { code, stdout } = await run('rules', 'check', '--rules', rules);
    expect(code).toBe(1);
    expect(stripVTControlCharacters(stdout)).toMatch(
      /^Problems\n.*knocks\.yml:9: .*\n(?:.*\n)*.*other\.yml:5: .*\n.*other\.yml:9: /,
    );
  });

  it('lists problems in examples', async () => {
    write('knocks.yml', rejects);
    write('examples/knocks.yml', examples.replaceAll('action', 'acton'));
    const { code, stdout } = await run('rules', 'check', '--rules', rules, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).problems).toMatchObject([
      expect.stringMatching(/examples\/knocks\.yml:1: /),
      expect.stringMatching(/examples\/knocks\.yml:2: /),
    ]);
  });

  it('notes rules without examples, and rules that share a series', async () => {
    write('knocks.yml', rejects);
    write('more_knocks.yml', rejects.replace('gte: 3', 'gte: 9'));
    write('examples/knocks.yml', examples);
    const { code, stdout } = await run('rules', 'check', '--rules', rules);
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout)).toMatch(/Notes\n {2}more_knocks has no examples; write them to /);
    expect(stripVTControlCharacters(stdout)).toMatch(
      / {2}knocks and more_knocks share the series \w{4}, which is stored once\n/,
    );
  });

  it('lists the filters that have expired, and exits with 1', async () => {
    write('knocks.yml', rejects);
    await run(
      'rules',
      'silence',
      'knocks',
      'srcaddr=10.0.0.4',
      '--reason',
      'ours',
      '--until',
      '9999-12-30',
      '--rules',
      rules,
    );
    const path = join(rules, 'filter_knocks_1.yml');
    const filter = readFileSync(path, 'utf8');
    const expired = async () => JSON.parse((await run('rules', 'check', '--rules', rules, '--json')).stdout).expired;
    expect(await expired()).toEqual([]);
    writeFileSync(path, filter.replace('9999-12-30', '2001-12-30'));
    expect(await expired()).toMatchObject([
      expect.stringMatching(/filter_knocks_1\.yml:1: .* has expired: its last day was 2001-12-30;/),
    ]);
    expect((await run('rules', 'check', '--rules', rules)).code).toBe(1);
  });

  it('counts the expired entries of a list in a separate file', async () => {
    write('knocks.yml', rejects);
    write('networks.yml', 'bad: {file: bad.csv}\nsome: [{network: 10.0.0.0/8, expires: 2001-12-30}]\n');
    write('bad.csv', '198.18.0.1,old,seen once,2001-12-30\n198.18.0.2\n');
    const { expired } = JSON.parse((await run('rules', 'check', '--rules', rules, '--json')).stdout);
    expect(expired).toEqual([
      expect.stringMatching(
        /networks\.yml:2: 10\.0\.0\.0\/8 in the list some has expired: its last day was 2001-12-30;/,
      ),
      expect.stringMatching(/networks\.yml: 1 of the 2 networks in the list bad have expired; remove them/),
    ]);
  });

  it('names each file that is not text, and exits with 2', async () => {
    write('knocks.yml', rejects);
    writeFileSync(join(rules, 'a.yml'), gzipSync(rejects));
    writeFileSync(join(rules, 'b.yml'), Buffer.from(`\uFEFF${rejects}`, 'utf16le'));
    const { code, stdout, stderr } = await run('rules', 'check', '--rules', rules);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/a\.yml cannot be read: it is not UTF-8 text.*\n.*b\.yml cannot be read: it is not UTF-8/);
  });

  const ofFlags = rejects.replace('action: REJECT', 'tcp-flags: 2');

  it('names the rules that are blind for a format when the format lacks their fields', async () => {
    write('flags.yml', ofFlags);
    write('knocks.yml', rejects);
    const formats = ['--format', 'version srcaddr dstaddr action', '--format', 'version srcaddr dstaddr tcp-flags'];
    const { code, stdout } = await run('rules', 'check', '--rules', rules, ...formats);
    expect(code).toBe(0);
    const text = stripVTControlCharacters(stdout);
    expect(text).toMatch(
      /cannot see flow logs in format 1 of --format\n.*\n {2}flags +\w+ +blind: needs tcp-flags\n\n/,
    );
    expect(text).toMatch(/cannot see flow logs in format 2 of --format\n.*\n {2}knocks +\w+ +blind: needs action\n\n/);
    const { blind } = JSON.parse((await run('rules', 'check', '--rules', rules, '--json', ...formats)).stdout);
    const remedy = 'Add the fields to the format of these flow logs: docs/deploy/log-sources.md#blind-rules';
    expect(blind).toEqual([
      {
        ...{ rule: 'flags', level: expect.any(String), state: 'blind', needs: [['tcp-flags']] },
        ...{ flowLogs: 'flow logs in format 1 of --format', remedy },
      },
      {
        ...{ rule: 'knocks', level: expect.any(String), state: 'blind', needs: [['action']] },
        ...{ flowLogs: 'flow logs in format 2 of --format', remedy },
      },
    ]);
  });

  it('points to the VPCs behind a transit gateway, whose flow logs have no action', async () => {
    write('knocks.yml', rejects);
    const format = ['--format', 'version resource-type tgw-id srcaddr dstaddr bytes start end log-status'];
    const { stdout } = await run('rules', 'check', '--rules', rules, ...format);
    expect(stdout).toContain('Transit gateways log no action. For counts and alerts, log the VPCs behind them');
    expect(stdout).not.toContain('Add the fields');
  });

  it('checks the formats of flow-sentinel.json when no format is given', async () => {
    write('flags.yml', ofFlags);
    const { stdout } = await run('rules', 'check', '--rules', rules);
    expect(stripVTControlCharacters(stdout)).toMatch(
      /cannot see flow logs in AWS's default format, if you add any\n.*\n {2}flags +\w+ +blind: needs tcp-flags\n/,
    );
  });

  it('exits with 2 on an invalid format', async () => {
    const { code, stderr } = await run('rules', 'check', '--format', 'version flags');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('got "flags"') });
  });

  it('ignores files whose names begin with a dot', async () => {
    write('knocks.yml', rejects);
    write('._knocks.yml', '\0');
    symlinkSync('nowhere', join(rules, '.#knocks.yml'));
    expect(await run('rules', 'check', '--rules', rules)).toMatchObject({ code: 0 });
  });

  it('refuses networks.yaml as a rule', async () => {
    write('knocks.yml', rejects);
    write('networks.yaml', 'internal_networks: [10.0.0.0/8]');
    const { code, stderr } = await run('rules', 'check', '--rules', rules);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('rename it to networks.yml') });
  });

  it('exits with 2 on a missing directory', async () => {
    const { code, stderr } = await run('rules', 'check', '--rules', '/nowhere');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the rules folder /nowhere cannot be read'),
    });
  });
});

describe('rules explain', () => {
  it('prints what a rule counts, when it alerts, and what it costs', async () => {
    const { code, stdout } = await run('rules', 'explain', 'data_exfiltration');
    const printed = stripVTControlCharacters(stdout).replaceAll(/\s+/g, ' ');
    expect(code).toBe(0);
    for (const text of [
      'data_exfiltration: Large transfer out of the internal networks',
      'Counts the sum of bytes per srcaddr and dstaddr, of - Accepted flow out of the internal networks: An accepted',
      '(rules/data_exfiltration.yml:1)',
      'Window the last 1 h, by the end times of flows, in slots of 3 min; it covers at least 1 h and at most 63 min',
      'Alerts when the value is more than 100 MB within the window level high;',
      'alerts of the same key are suppressed, unless the value reaches 2, 10 or 100 times the threshold',
      'Costs 1 attribute per srcaddr and dstaddr and slot, of at most 22 bytes; 31 slots of 3 min are retained',
      'no additional write: the rule extends the update of the pair',
      'at most 30,000 pairs and 10,000 other groups per batch',
    ]) {
      expect(printed).toContain(text);
    }
  });

  it('prints one write per key for a rule that does not group by pairs', async () => {
    const { stdout } = await run('rules', 'explain', 'lateral_movement');
    expect(stripVTControlCharacters(stdout)).toContain('one write per srcaddr that matches in a batch');
  });

  it('prints one write per key and slot for a rule that asks only for active slots', async () => {
    const { stdout } = await run('rules', 'explain', 'silent_interface');
    expect(stripVTControlCharacters(stdout)).toContain('one write per interface-id and slot, however many batches');
  });

  it('says the dollars of a rule as cost does, with the region of the prices, when --records-per-day is given', async () => {
    const bill = await run('cost', '--records-per-day', '7M');
    const [, usd] = /(\$[\d.]+): srcaddr, for lateral_movement/.exec(stripVTControlCharacters(bill.stdout))!;
    const { stdout } = await run('rules', 'explain', 'lateral_movement', '--records-per-day', '7M');
    const printed = stripVTControlCharacters(stdout).replaceAll(/\s+/g, ' ');
    expect(printed).toContain(`${usd} a month on demand in us-east-1 at 7 M records a day`);
  });

  it.each([
    ['value_avg', 'condition: {field: bytes, gt: 100}', 'the value is more than 100 bytes a flow record on average'],
    ['value_percentile', 'condition: {field: bytes, percentile: 95, gt: 9}', 'percentile 95 of bytes'],
  ])('explains %s', async (type, condition, text) => {
    write('some.yml', ruleText('{action: ACCEPT}', `type: ${type}, group-by: [srcaddr], timespan: 1h, ${condition}`));
    const { code, stdout } = await run('rules', 'explain', 'some', '--rules', rules);
    expect(code).toBe(0);
    expect(stripVTControlCharacters(stdout).replaceAll(/\s+/g, ' ')).toContain(text);
  });

  it('explains temporal_ordered and the block flow_sentinel', async () => {
    const second =
      'title: Other\nname: other\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {action: ACCEPT}, condition: s}\n---';
    const both = ruleText('{action: REJECT}', 'type: temporal_ordered, group-by: [srcaddr, dstaddr], timespan: 1h');
    write(
      'then.yml',
      `${second}${both.replace('[some_flow]', '[some_flow, other]')}
alert: {backoff: 2, ended: true}
flow_sentinel: {first_seen: {within: 1d, learning: 7d}}`,
    );
    write(
      'quiet.yml',
      `${second.replaceAll('ther', 'thers')}${ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 6h, condition: {gte: 3}')}
flow_sentinel: {active_slots: {gte: 9}, slot: {lte: 50, spread: 3}, silent: {for: 1h, while: others}}`
        .replace('name: some_flow', 'name: quiet_flow')
        .replace('[some_flow]', '[quiet_flow]'),
    );
    const explained = async (name: string) =>
      stripVTControlCharacters((await run('rules', 'explain', name, '--rules', rules)).stdout).replaceAll(/\s+/g, ' ');
    const ordered = await explained('then');
    expect(ordered).toContain('when all of them match in this order within the window');
    expect(ordered).toContain('first seen within 1 d before, and at least 7 d after the first flow of all');
    expect(ordered).toContain(
      'each following alert multiplies this time by 2 a resolution notice is sent when no window exceeds the threshold',
    );
    const quiet = await explained('quiet');
    expect(quiet).toContain(
      "at least 9 of the window's 21 slots have flows; and no slot has more than 50 flow records",
    );
    expect(quiet).toContain('its flows have stopped for 1 h, while the flows of others continue');
  });

  it('prints one JSON document', async () => {
    const { stdout } = await run('rules', 'explain', 'lateral_movement', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      rule: { name: 'lateral_movement' },
      detections: [{ title: 'Internal flow to an administration port' }],
      cost: { writesPerKey: 1, attributesPerSlot: 1 },
      all: { groups: 10_000 },
      bill: { recordsPerDay: 100_000_000, groupBy: 'srcaddr', rules: ['lateral_movement'], isMeasured: true },
    });
  });
});

describe('rules new', () => {
  it('writes a valid rule, and examples that fail until their TODOs are done', async () => {
    const { code, stdout } = await run('rules', 'new', 'knocks', '--rules', join(rules, 'own'));
    expect(code).toBe(0);
    expect(stdout).toContain(`npx flow-sentinel rules test knocks --rules ${join(rules, 'own')}`);
    const tested = await run('rules', 'test', '--rules', join(rules, 'own'));
    expect(tested.code).toBe(1);
    expect(stripVTControlCharacters(tested.stdout)).toMatch(
      /knocks\.yml:3: TODO: flows that reach the threshold: not written yet/,
    );
    const checked = await run('rules', 'check', '--rules', join(rules, 'own'));
    expect(checked.code).toBe(0);
    expect(stripVTControlCharacters(checked.stdout)).toMatch(/knocks +experimental/);
    expect(stripVTControlCharacters(checked.stdout)).toContain('knocks is not finished');
  });

  it.each(templateTypes)('writes a rule of type %s with examples that pass once they have names', async (type) => {
    expect(await run('rules', 'new', 'knocks', '--rules', rules, '--type', type)).toMatchObject({ code: 0 });
    expect(readFileSync(join(rules, 'knocks.yml'), 'utf8')).toContain(`  type: ${type}\n`);
    const path = join(rules, 'examples/knocks.yml');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"TODO: ', '"'));
    expect(await run('rules', 'test', '--rules', rules)).toMatchObject({ code: 0 });
  });

  it.each(['knocks.yml', 'knocks.yaml', 'examples/knocks.yml'])('does not change an existing %s', async (name) => {
    write(name, 'mine');
    const { code, stderr } = await run('rules', 'new', 'knocks', '--rules', rules);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(join(rules, name), 'utf8')).toBe('mine');
    expect(['knocks.yml', 'knocks.yaml', 'examples/knocks.yml'].filter((one) => existsSync(join(rules, one)))).toEqual([
      name,
    ]);
  });

  it('writes both files or none', async () => {
    rmSync(join(rules, 'examples'), { recursive: true });
    write('examples', 'mine');
    expect(await run('rules', 'new', 'knocks', '--rules', rules)).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(join(rules, 'knocks.yml'))).toBe(false);
  });

  it('quotes paths for the shell', async () => {
    const { stdout } = await run('rules', 'new', 'knocks', '--rules', join(rules, "mine; it's"));
    expect(stdout).toContain(`test knocks --rules '${join(rules, "mine; it'\\''s")}'\n`);
  });

  it.each(['../knocks', 'a b', '-', '', 'networks'])('refuses the name %j', async (name) => {
    expect(await run('rules', 'new', '--rules', rules, '--', name)).toMatchObject({ code: 2, stdout: '' });
  });

  it('creates only the last directory of a path, and reports a failure', async () => {
    const { code, stderr } = await run('rules', 'new', 'knocks', '--rules', join(rules, 'not', 'there'));
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('knocks.yml cannot be written'),
    });
    expect(await run('rules', 'new', 'networks', '--rules', rules)).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('rules silence', () => {
  const silence = (...args: string[]) => run('rules', 'silence', 'knocks', ...args, '--rules', rules);

  it('takes the names that rules may use, and writes those of flow logs', async () => {
    write('knocks.yml', rejects);
    expect((await silence('srcAddr=10.0.0.4', 'proto=udp', '--reason', 'ours')).code).toBe(0);
    const filter = parse(readFileSync(join(rules, 'filter_knocks_1.yml'), 'utf8')) as { filter: unknown };
    expect(filter.filter).toMatchObject({ selection: { srcaddr: '10.0.0.4', protocol: 17 } });
  });

  it('writes a Sigma filter, and prints its effect', async () => {
    write('knocks.yml', rejects);
    const { code, stdout } = await silence(
      'srcaddr=10.0.0.0/8',
      'dstport=22',
      'dstport=3389',
      'interface-tag=a*',
      '--reason',
      'the "bastion": ours',
      '--until',
      '9999-12-30',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /filter_knocks_1\.yml: knocks no longer counts flows with srcaddr 10\.0\.0\.0\/8, dstport 22 or 3389, interface-tag a\*, until/,
    );
    expect(stdout).toMatch(
      /no longer counts flows .*, until the end of 9999-12-30 in UTC\.\n.*\nThe filter takes effect with the next deployment/,
    );
    expect(parse(readFileSync(join(rules, 'filter_knocks_1.yml'), 'utf8'))).toEqual({
      title: 'Flows with srcaddr 10.0.0.0/8, dstport 22 or 3389, interface-tag a* excluded from knocks',
      logsource: { product: 'aws', service: 'vpcflow' },
      filter: {
        rules: ['knocks'],
        selection: { 'srcaddr|cidr': '10.0.0.0/8', dstport: [22, 3389], 'interface-tag': 'a\\*' },
        condition: 'not selection',
      },
      allow: { reason: 'the "bastion": ours', expires: '9999-12-30' },
    });
  });

  it('writes the plain text of a tag, also when it is given as logged', async () => {
    write('knocks.yml', rejects);
    for (const value of ['web server*', 'web%20server*']) {
      expect((await silence(`instance-tag=${value}`, '--reason', 'ours')).code).toBe(0);
    }
    for (const n of [1, 2]) {
      const filter = parse(readFileSync(join(rules, `filter_knocks_${n}.yml`), 'utf8')) as { filter: unknown };
      expect(filter.filter).toMatchObject({ selection: { 'instance-tag': 'web server\\*' } });
    }
    expect(await silence('instance-tag= ', '--reason', 'ours')).toMatchObject({ code: 2 });
    expect(await silence('instance-id=a b', '--reason', 'ours')).toMatchObject({ code: 2 });
  });

  it('writes a separate file each time', async () => {
    write('knocks.yml', rejects);
    for (let n = 0; n < 3; n += 1) await silence('srcaddr=10.0.0.4', '--reason', 'ours');
    expect(['1', '2', '3', '4'].map((n) => existsSync(join(rules, `filter_knocks_${n}.yml`)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it.each([
    ['an invalid network', ['srcaddr=10.0.0.1/8'], 'expected 10.0.0.0/8'],
    ['an invalid address', ['srcaddr=10.0.0'], 'expected an address or a network'],
    ['an unknown field', ['dstprt=22'], 'VPC Flow Logs have no field "dstprt"'],
    ['a value that the field cannot have', ['dstport=70000'], 'expected a whole number from 0 to 65535'],
    ['an empty value', ['instance-id='], 'instance-id='],
    ['a value without a field', ['22'], '"22" is invalid: expected field=value'],
    ['an invalid day', ['dstport=22', '--until', '2999-02-30'], '--until is invalid: got "2999-02-30", expected a day'],
    [
      'a day in the past',
      ['dstport=22', '--until', '2001-01-01'],
      '--until is invalid: got 2001-01-01, expected today',
    ],
    ['an empty reason', ['dstport=22', '--reason', ' '], '--reason is invalid: expected a sentence'],
  ])('writes nothing for %s, and exits with 2', async (_, args, message) => {
    write('knocks.yml', rejects);
    const { code, stderr } = await silence('--reason', 'ours', ...args);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(existsSync(join(rules, 'filter_knocks_1.yml'))).toBe(false);
  });

  it('refuses an unknown rule and a missing reason', async () => {
    write('others.yml', rejects);
    const { code, stderr } = await silence('dstport=22', '--reason', 'ours');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('expected one of others') });
    expect((await silence('dstport=22')).code).toBe(2);
  });
});
