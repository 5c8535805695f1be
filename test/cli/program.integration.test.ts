import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { commandGroups } from '../../cli/program.ts';
import { expectAlertBody } from '../support/alert-schema.ts';
import { directed, epoch, eventOf, lineOf } from '../support/flows.ts';
import { ruleText } from '../support/rules.ts';
import { type Outcome, run } from '../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Document {
  readonly responses: { records: { recordId: string; result: string; data: string }[] }[];
  readonly pairs: { src: string; dst: string; bytes: number; rejects: number; firstSeen: number; lastSeen: number }[];
  readonly alerts: { id: string; rule: string; key: Record<string, string>; value: number }[];
}

async function invoked(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await run('invoke', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Document;
}

const rejected = (count: number) => Array.from({ length: count }, (_, n) => lineOf({ action: 'REJECT', srcport: n }));

describe('invoke', () => {
  it('prints one JSON document with responses, pairs and alerts', async () => {
    const event = file('event.json', eventOf([...rejected(11), lineOf({ bytes: '4611686018427387904' })]));
    const { responses, pairs, alerts } = await invoked(event);
    expect(responses).toHaveLength(1);
    expect(responses[0]!.records.map(({ recordId }) => recordId)).toEqual(
      Array.from({ length: 12 }, (_, n) => `record-${n}`),
    );
    expect(pairs).toEqual([
      {
        src: '10.0.1.5',
        dst: '10.0.2.7',
        bytes: 2 ** 62,
        rejects: 11,
        firstSeen: epoch,
        lastSeen: epoch + 50,
      },
    ]);
    expect(alerts).toMatchObject([
      { rule: 'repeated_rejects', key: { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' }, value: 11 },
    ]);
    for (const alert of alerts) expectAlertBody(alert);
  });

  it('writes numbers beyond 2^53 with all digits', async () => {
    const event = file('large.json', eventOf([lineOf({ bytes: '9223372036854775807', dstaddr: '198.18.0.9' })]));
    const { stdout } = await run('invoke', '--json', event);
    expect(new Set(stdout.match(/92233720368\d+/g))).toEqual(new Set(['9223372036854775807']));
  });

  it('sends files in order to one stack, which ignores the same file again', async () => {
    const event = file('event.json', eventOf(rejected(11)));
    const once = await invoked(event);
    const thrice = await invoked(event, event, event);
    expect(thrice.responses).toEqual([once.responses[0], once.responses[0], once.responses[0]]);
    expect({ pairs: thrice.pairs, alerts: thrice.alerts }).toEqual({ pairs: once.pairs, alerts: once.alerts });
  });

  it('evaluates the rules and networks that the options name', async () => {
    const rules = mkdtempSync(join(folder, 'rules-'));
    writeFileSync(
      join(rules, 'telnet.yml'),
      ruleText(
        "{srcaddr|cidr|expand: '%office%'}",
        'type: event_count, group-by: [dstaddr, dstport], timespan: 5m, condition: {gte: 2}',
      ),
    );
    const networks = file('networks.yml', 'office: [10.0.1.0/24]\n');
    const event = file('event.json', eventOf(rejected(2)));
    const { alerts } = await invoked(event, '--rules', rules, '--networks', networks);
    expect(alerts).toMatchObject([{ rule: 'telnet', key: { dstaddr: '10.0.2.7', dstport: '443' }, value: 2 }]);
  });

  it('reads one or several formats that the options name', async () => {
    const event = file('event.json', eventOf([lineOf({ version: 5, 'flow-direction': 'egress' }, directed), lineOf()]));
    const format = directed.names.map((name) => `\${${name}}`).join(' ');
    const { responses } = await invoked(event, '--format', format);
    expect(responses[0]!.records.map(({ result }) => result)).toEqual(['Ok', 'ProcessingFailed']);
    expect((await run('invoke', event)).stderr).toBe('');
    const { stderr } = await run('invoke', event, '--format', 'srcaddr dstaddr');
    expect(stderr).toBe(
      `flow-sentinel: ${event}: all 2 records are unreadable; if the flow log has another format, give it by --format\n`,
    );
    const both = await invoked(event, '--format', format, '--format', lineNames());
    expect(both.responses[0]!.records.map(({ result }) => result)).toEqual(['Ok', 'Ok']);
  });

  it('prints records, pairs and alerts as text, without colour when the output is not a terminal', async () => {
    const { stdout, code } = await run('invoke', file('event.json', eventOf([...rejected(11), 'garbage'])));
    expect(code).toBe(0);
    expect(stdout).toMatch(/event\.json +11 +0 +1\n/);
    expect(stdout).toContain('10.0.1.5  10.0.2.7      0 bytes       11');
    expect(stdout).toContain(
      'Subject: MEDIUM: 10.0.1.5 -> 10.0.2.7: 11 flow records in 1 h, Repeated failed connections',
    );
    expect(stdout).not.toContain('\u001b');
  });

  const broken = file('broken.json', '{');
  const other = file('other.json', { some: 'thing' });
  const event = file('good.json', eventOf([lineOf()]));
  const badRules = mkdtempSync(join(folder, 'bad-'));
  writeFileSync(
    join(badRules, 'bad.yml'),
    'title: A\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {dstprt: 1}, condition: s}\n',
  );

  it.each([
    ['a missing file', ['invoke', '/nowhere.json'], '/nowhere.json cannot be read: no such file or folder'],
    ['a folder', ['invoke', folder], 'cannot be read: it is a folder'],
    ['a file that is not JSON', ['invoke', broken], 'broken.json is invalid: expected JSON: '],
    [
      'JSON that is not an event',
      ['invoke', other],
      'other.json: the event is not a Firehose transformation event: records must be a list',
    ],
    [
      'an invalid format',
      ['invoke', event, '--format', 'srcadr'],
      'FLOW_LOG_FORMATS line 1: the format has unknown fields: got "srcadr"',
    ],
    [
      'ambiguous formats',
      ['invoke', event, '--format', 'srcaddr dstaddr', '--format', 'dstaddr srcaddr'],
      'are ambiguous',
    ],
    [
      'a file of control characters',
      ['invoke', file('control.json', 'abc\ndef\u001b[31m')],
      'control.json is invalid: expected JSON: ',
    ],
    [
      'a missing rules folder',
      ['invoke', event, '--rules', '/nowhere'],
      'the rules folder /nowhere cannot be read: no such file or folder',
    ],
    ['a folder without rules', ['invoke', event, '--rules', mkdtempSync(join(folder, 'none-'))], 'has no rules'],
    [
      'an invalid rule',
      ['invoke', event, '--rules', badRules],
      'bad.yml:3: dstprt: VPC Flow Logs have no field "dstprt"',
    ],
    ['a missing networks file', ['invoke', event, '--networks', '/nowhere.yml'], '/nowhere.yml cannot be read'],
    ['an empty log file', ['make-event', file('empty.log', '')], 'empty.log has no flow log lines'],
    ['a missing log file', ['make-event', '/nowhere.log'], '/nowhere.log cannot be read'],
    [
      'a log file that is JSON',
      ['make-event', file('arr.json', '[1,2,3]')],
      'arr.json is invalid: got "[1,2,3]", expected a flow log line: the line has 1 fields, expected 14; give the format',
    ],
    ['an unknown field', ['make-event', file('one.log', lineOf()), '--format', 'srcadr'], '--format: the format has'],
    [
      'a log file that is too large',
      ['make-event', file('large.log', `${lineOf()}\n`.repeat(30_000))],
      'split the file',
    ],
  ])('exits with 2 and one line with the reason for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['invok']],
    ['an unknown option', ['invoke', event, '--jsn']],
    ['a missing file', ['invoke']],
    ['an unknown envelope', ['make-event', event, '--envelope', 'paper']],
  ])('exits with 2 on %s', async (_, args) => {
    const { code, stdout } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('exits with 0 on --help, and prints an example', async () => {
    const { code, stdout } = await run('invoke', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('$ npx flow-sentinel invoke event.json');
  });
});

describe('commandGroups', () => {
  it.each(commandGroups)('lists the commands that a group defines: $commands', async ({ commands, add }) => {
    const program = new Command();
    (await add())(program);
    expect(program.commands.map((command) => command.name())).toEqual(commands);
  });

  it('appear in the help, and in the suggestion for a misspelt name', async () => {
    const { stdout } = await run('--help');
    for (const name of commandGroups.flatMap(({ commands }) => commands)) expect(stdout).toContain(`  ${name} `);
    expect(await run('cuont')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean count?') });
  });
});

describe('the program', () => {
  it.each(['ts', 'js'])('runs from the shell with the exit code of the command: .%s', async (kind) => {
    const command = join(import.meta.dirname, `../../bin/flow-sentinel.${kind}`);
    const outcome = await new Promise<Outcome>((resolve) => {
      execFile(process.execPath, [command, 'invoke', '/nowhere.json'], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('/nowhere.json cannot be read') });
  });
});

describe('make-event', () => {
  it.each(['json', 'text', 'cloudwatch'])('makes an event with the envelope %s that invoke reads', async (envelope) => {
    const log = file('flows.log', `${lineNames()}\n${lineOf({ bytes: 5 })}\n${lineOf({ bytes: 6 })}\n`);
    const { stdout, stderr } = await run('make-event', log, '--envelope', envelope);
    expect(stderr).toBe('');
    const { pairs, responses } = await invoked(file(`made-${envelope}.json`, stdout));
    expect(pairs).toMatchObject([{ bytes: 11 }]);
    expect(responses[0]!.records.every(({ result }) => result === 'Ok')).toBe(true);
  });

  it('dates lines of another format by their own times when --format names the format', async () => {
    const log = file('bare.log', `${lineOf({ version: 5 }, directed)}\n`);
    const { stdout, stderr } = await run('make-event', log, '--format', directed.names.join(' '));
    expect(stderr).toBe('');
    const { records } = JSON.parse(stdout) as { records: { approximateArrivalTimestamp: number }[] };
    expect(records[0]!.approximateArrivalTimestamp).toBe((epoch + 50 + 60) * 1000);
    expect(await run('make-event', log)).toMatchObject({ code: 2, stderr: expect.stringContaining('by --format') });
  });

  it('dates lines without times by the current time', async () => {
    const log = file('timeless.log', '10.0.1.5 10.0.2.7 7 REJECT\n');
    vi.useFakeTimers({ toFake: ['Date'], now: epoch * 1000 + 999 });
    const { stdout } = await run('make-event', log, '--format', 'srcaddr dstaddr bytes action').finally(() =>
      vi.useRealTimers(),
    );
    const { records } = JSON.parse(stdout) as { records: { approximateArrivalTimestamp: number }[] };
    expect(records[0]!.approximateArrivalTimestamp).toBe((epoch + 60) * 1000);
  });

  it('passes over the values of unknown fields in the header', async () => {
    const log = file('later.log', `${directed.names.join(' ')} colour\n${lineOf({ version: 5 }, directed)} red\n`);
    const { stdout, code } = await run('make-event', log, '--envelope', 'text');
    const [record] = (JSON.parse(stdout) as { records: { data: string }[] }).records;
    expect(code).toBe(0);
    expect(Buffer.from(record!.data, 'base64').toString().trim()).toBe(lineOf({ version: 5 }, directed));
  });

  it('reads a compressed log file', async () => {
    const log = join(folder, 'flows.log.gz');
    writeFileSync(log, gzipSync(`${lineOf()}\n`));
    const { stdout } = await run('make-event', log);
    expect((JSON.parse(stdout) as { records: unknown[] }).records).toHaveLength(1);
  });

  it('names the format to pass when the header is not the default format', async () => {
    const log = file('directed.log', `${directed.names.join(' ')}\n${lineOf({}, directed)}\n`);
    const { stdout, stderr } = await run('make-event', log);
    expect(stderr).toBe(
      `flow-sentinel: the header of the file names another format; give it to invoke by --format "${directed.names.join(' ')}"\n`,
    );
    expect((JSON.parse(stdout) as { records: unknown[] }).records).toHaveLength(1);
  });
});

function lineNames(): string {
  return 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
}
