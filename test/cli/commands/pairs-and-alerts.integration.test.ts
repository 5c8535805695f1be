import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveAlert } from '../../../cli/alerts/live-alerts.ts';
import { pairs } from '../../../cli/pairs/pairs.ts';
import { utc } from '../../../lambda/common/format-units.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { described } from '../../support/describe-answers.ts';
import { resolverLine } from '../../support/dns-queries.ts';
import { epoch, eventOf, formatOf, lineOf } from '../../support/flows.ts';
import { laptopOn } from '../../support/handler-on-laptop.ts';
import { type Outcome, run } from '../../support/run-program.ts';
import { type Deployed, startDeployed } from '../counter-table/deployed.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-live-'));
afterAll(() => rmSync(folder, { recursive: true }));

let deployed: Deployed;

beforeAll(async () => {
  deployed = await startDeployed();
});
afterAll(() => deployed.stop());
beforeEach(() => deployed.laptop.clear());

/** A moment so many seconds after `epoch`, as an option takes it. */
const at = (seconds: number) => ['--at', utc(epoch + seconds)];

const live = (...args: string[]) => run(...args, '--outputs', deployed.outputs);

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await live(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function document<T>(...args: string[]): Promise<T> {
  return JSON.parse(await done(...args, '--json')) as T;
}

const listed = async (seconds: number, ...args: string[]) =>
  (await document<{ alerts: LiveAlert[] }>('alerts', 'list', ...at(seconds), ...args)).alerts;

let batches = 0;

/** Sends rejects of a pair through the handler, and answers the subjects of the mails that come of it. */
async function rejects(count: number, seconds: number, pair: { srcaddr?: string; dstaddr?: string } = {}) {
  batches += 1;
  const lines = Array.from({ length: count }, (_, n) =>
    lineOf({
      ...{ action: 'REJECT', srcport: 1000 + n, packets: batches },
      ...{ start: epoch + seconds, end: epoch + seconds },
      ...pair,
    }),
  );
  const before = deployed.laptop.alerts().length;
  await deployed.laptop.send(eventOf(lines, epoch + seconds + 60));
  return deployed.laptop
    .alerts()
    .slice(before)
    .filter(({ attributes }) => attributes.rule === 'repeated_rejects');
}

const hour = 3600;
const key = ['srcaddr=10.0.1.5', 'dstaddr=10.0.2.7'];
const silence = (...args: string[]) =>
  live('alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'a release', ...args);

describe('pairs', () => {
  it('shows the counters, the windows and the live alerts of a pair', async () => {
    await rejects(11, 0);
    await deployed.laptop.send(eventOf([lineOf({ bytes: 123_456_789 })]));
    expect(await done('pairs', '10.0.1.5', '10.0.2.7', ...at(120))).toMatchInlineSnapshot(`
      "10.0.1.5 -> 10.0.2.7
        accepted    123 MB (123,456,789 bytes)
        rejects     11
        first seen  2026-11-24 09:00:00 UTC
        last seen   2026-11-24 09:00:50 UTC

      Windows that end at 2026-11-24 09:02:00 UTC
        rule               value            threshold                                            window
        repeated_rejects   11 flow records  more than 10 flow records                            1 h     exceeded
        probe_that_got_in  0 of 2 steps     all 2 steps in order (closed_doors, then open_door)  1 h
        vertical_scan      1 ports          at least 25 ports                                    1 h

      Live alerts (times in UTC)
        alerted              level   rule              key                   value            times  suppresses until     suppressed  id
        2026-11-24 09:01:00  medium  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records      1  2026-11-24 15:03:00           0  fa803a5e9b04
      "
    `);
  });

  it('says who has the addresses when names are given', async () => {
    const names = join(folder, 'interfaces.json');
    const tag = { Key: 'Name', Value: 'web-1' };
    writeFileSync(names, JSON.stringify({ NetworkInterfaces: [described({ TagSet: [tag] })] }));
    await rejects(11, 0);
    const pair = await done('pairs', '10.0.1.5', '10.0.2.7', ...at(120), '--names', names);
    expect(pair).toContain('  who         web-1 -> -\n');
    expect(pair).toMatch(/ {2}id +who *\n.* web-1 -> - *\n/);
    expect(await done('pairs', '10.0.1.5', '--names', names)).toMatch(/ {2}who\n.* web-1 -> -\n/);
    expect(await done('alerts', 'list', ...at(120), '--names', names)).toMatch(/ {2}who *\n.* web-1 -> - *\n/);
    const read = await document<{ names: object[] }>('pairs', '10.0.1.5', '10.0.2.7', '--names', names);
    expect(read.names).toEqual([expect.objectContaining({ address: '10.0.1.5', name: 'web-1', interface: 'eni-0a' })]);
  });

  it('says the name that a host asked for when DNS logs are given', async () => {
    const log = join(folder, 'dns.log');
    writeFileSync(log, resolverLine({ answers: [{ Rdata: '10.0.2.7', Type: 'A', Class: 'IN' }] }));
    await rejects(11, 0);
    const pair = await done('pairs', '10.0.1.5', '10.0.2.7', ...at(120), '--dns', log);
    expect(pair).toContain('  who         - -> update.example.com\n');
    expect(await done('pairs', '10.0.1.5', '--dns', log)).toMatch(/ {2}who\n.* - -> update\.example\.com\n/);
    expect(await done('alerts', 'list', ...at(120), '--dns', log)).toMatch(
      / {2}who *\n.* - -> update\.example\.com *\n/,
    );
    for (const end of [['10.0.2.7'], []]) {
      const read = await document<{ dns: object[] }>('pairs', '10.0.1.5', ...end, '--dns', log);
      const names = [{ name: 'update.example.com', time: epoch }];
      expect(read.dns).toEqual([{ address: '10.0.2.7', host: '10.0.1.5', askedBy: '10.0.1.5', names, more: 0 }]);
    }
  });

  it('prints one JSON document with every digit when --json is given', async () => {
    await rejects(11, 0);
    await deployed.laptop.send(eventOf([lineOf({ bytes: '9223372036854775807' })]));
    const text = await done('pairs', '10.0.1.5', '10.0.2.7', ...at(120), '--json');
    expect(text).toContain('"bytes": 9223372036854775807');
    const { alerts, windows, ...rest } = JSON.parse(text);
    expect(rest).toMatchObject({
      pair: { src: '10.0.1.5', dst: '10.0.2.7', rejects: 11, firstSeen: epoch, lastSeen: epoch + 50 },
      at: epoch + 120,
    });
    expect(windows[0]).toEqual({
      ...{ rule: 'repeated_rejects', level: 'medium', value: 11, valueIsLowerBound: false },
      ...{ comparison: 'gt', threshold: 10, multiple: 1, timespan: 3600 },
      window: { from: epoch - 3600, to: epoch + 180 },
    });
    expect(alerts).toMatchObject([{ rule: 'repeated_rejects', state: 'sent', silence: null }]);
  });

  it('shows empty windows when the time of --at is past the flows', async () => {
    await rejects(11, 0);
    const text = await done('pairs', '10.0.1.5', '10.0.2.7', ...at(3 * hour));
    expect(text).toMatch(/repeated_rejects +0 flow records +more than 10 flow records/);
    expect(await done('pairs', '10.0.1.5', '10.0.2.7', ...at(7 * hour))).toContain('No live alert');
  });

  it('accepts an address in any spelling', async () => {
    await rejects(1, 0, { srcaddr: '2001:db8::1', dstaddr: '2001:db8::2' });
    expect(await done('pairs', '2001:DB8:0::1', '2001:db8::0002', ...at(0))).toContain('2001:db8::1 -> 2001:db8::2');
    expect(await done('pairs', '2001:DB8:0::1')).toContain('2001:db8::2');
  });

  it('shows the busiest pairs of a source and the number of the others', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => lineOf({ dstaddr: `198.18.0.${n}`, bytes: 1000 + n }));
    await deployed.laptop.send(eventOf([...lines, lineOf({ srcaddr: '10.0.1.55', dstaddr: '198.18.0.3' })]));
    const text = await done('pairs', '10.0.1.5', '--top', '3');
    expect(text.replace(/Read .*/, 'Read')).toMatchInlineSnapshot(`
      "Pairs from 10.0.1.5, the busiest first (times in UTC)
        source    destination  accepted  rejects  first seen           last seen
        10.0.1.5  198.18.0.29   1.03 kB        0  2026-11-24 09:00:00  2026-11-24 09:00:50
        10.0.1.5  198.18.0.28   1.03 kB        0  2026-11-24 09:00:00  2026-11-24 09:00:50
        10.0.1.5  198.18.0.27   1.03 kB        0  2026-11-24 09:00:00  2026-11-24 09:00:50
        and 27 more
      Read
      "
    `);
    const { all, pairs: shown } = await document<{ all: number; pairs: { dst: string }[] }>('pairs', '10.0.1.5');
    expect({ all, shown: shown.length, first: shown[0]!.dst }).toEqual({ all: 30, shown: 20, first: '198.18.0.29' });
  });

  it('shows all pairs of a destination', async () => {
    const lines = ['10.0.1.5', '10.0.1.6'].map((srcaddr) => lineOf({ srcaddr, dstaddr: '198.18.0.9' }));
    await deployed.laptop.send(eventOf([...lines, lineOf()]));
    const { pairs: shown } = await document<{ pairs: { src: string }[] }>('pairs', '--to', '198.18.0.9');
    expect(shown.map(({ src }) => src)).toEqual(['10.0.1.5', '10.0.1.6']);
  });

  it.each([
    [
      ['pairs', '10.0.1.5', '10.9.9.9'],
      'no flow of 10.0.1.5 -> 10.9.9.9 has been counted, or its counters have expired; with the setting scope, add --account',
    ],
    [['pairs', '10.9.9.9'], 'no flow from 10.9.9.9 has been counted, or its counters have expired'],
    [['pairs', '--to', '10.9.9.9'], 'no flow to 10.9.9.9 has been counted, or its counters have expired'],
  ])('says in one line that there is none, and exits with 1: %j', async (args, message) => {
    await rejects(1, 0);
    expect(await live(...args)).toEqual({ code: 1, stdout: '', stderr: `flow-sentinel: ${message}\n` });
  });

  it('shows the number of items read while it scans, and clears the line, on a terminal', async () => {
    await rejects(1, 0);
    const { isTTY } = process.stderr;
    process.stderr.isTTY = true;
    try {
      const { stdout, stderr } = await live('pairs', '10.0.1.5');
      const lines = stderr.split('\r');
      expect(lines.slice(1, -1)).toEqual(Array(4).fill(expect.stringMatching(/^\d items read.\[K$/)));
      expect(lines.at(-1)).toBe('\u001b[K');
      expect(stdout).toMatch(/\nRead \d items of the table: \d read units?\.\n$/);
    } finally {
      process.stderr.isTTY = isTTY;
    }
  });

  it('reports a partial result when it is interrupted', async () => {
    await rejects(1, 0);
    const options = { stack: 'FlowSentinel', outputs: deployed.outputs, top: 20 };
    let isWhole: boolean | undefined;
    const { stdout, stderr } = await written(async () => {
      isWhole = await pairs('10.0.1.5', undefined, options, AbortSignal.abort(new Error('it was interrupted')));
    });
    expect({ isWhole, stderr }).toEqual({
      isWhole: false,
      stderr: 'flow-sentinel: interrupted; the output has only the items that were read by then\n',
    });
    expect(stdout).toContain('Pairs from 10.0.1.5');
  });
});

describe('alerts', () => {
  it('lists live alerts, the latest first, with their delivery', async () => {
    await rejects(11, 0);
    await rejects(12, 600, { srcaddr: '10.0.1.6' });
    const text = await done('alerts', ...at(hour));
    expect(text.replace(/Read .*/, 'Read')).toMatchInlineSnapshot(`
      "2 alerts are live at 2026-11-24 10:00:00 UTC
        alerted              level   rule              key                   value            times  suppresses until     suppressed  id
        2026-11-24 09:11:00  medium  repeated_rejects  10.0.1.6 -> 10.0.2.7  12 flow records      1  2026-11-24 15:12:00           0  9216d1c83043
        2026-11-24 09:01:00  medium  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records      1  2026-11-24 15:03:00           0  fa803a5e9b04
      Read
      "
    `);
  });

  it('prints one JSON document of alerts when --json is given', async () => {
    await rejects(11, 0);
    const alerts = await listed(hour);
    expect(alerts).toEqual([
      {
        ...{ id: expect.stringMatching(/^[0-9a-f]{32}$/), rule: 'repeated_rejects', level: 'medium' },
        ...{ key: { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7' }, value: 11, valueIsLowerBound: false, multiple: 1 },
        ...{ window: { from: epoch - 3600, to: epoch + 180 }, arrival: epoch + 60, until: epoch + 180 + 6 * hour },
        ...{ heldBack: 0, state: 'sent', logOnly: false, silence: null },
      },
    ]);
  });

  it('lists every alert of a digest, the most telling first, with the command of its e-mail', async () => {
    const spoofed = Array.from({ length: 40 }, (_, n) => `198.18.0.${n}`);
    const gotIn = '198.18.0.99';
    const lines = [...spoofed, gotIn].flatMap((srcaddr) =>
      Array.from({ length: 11 }, (_, n) => lineOf({ srcaddr, action: 'REJECT', srcport: 1000 + n })),
    );
    await deployed.laptop.send(eventOf([...lines, lineOf({ srcaddr: gotIn, bytes: 5000 })], epoch + 60));
    // A later and larger storm of the same rule.
    await rejects(150, 600, { srcaddr: '198.18.1.1' });
    const { text, body } = deployed.laptop.alerts().find((alert) => alert.text.includes(' at once'))!;
    const command = /^- To list all 41 while they are live: npx flow-sentinel (.*)$/m.exec(text)![1]!;
    expect(JSON.parse(body).digest.listCommand).toBe(`npx flow-sentinel ${command}`);
    const [head, , ...rows] = (await done(...command.split(' '), ...at(hour))).split('\n');
    expect(head).toBe('42 alerts are live at 2026-11-24 10:00:00 UTC');
    expect(rows.slice(0, 3).map((row) => /198\S+ -> /.exec(row)?.[0])).toEqual([
      '198.18.0.99 -> ',
      '198.18.1.1 -> ',
      '198.18.0.0 -> ',
    ]);
    const alerts = await listed(hour, ...command.split(' ').slice(2));
    expect(alerts.map(({ key }) => key.srcaddr).sort()).toEqual([...spoofed, gotIn, '198.18.1.1'].sort());
  });

  it('omits alerts whose suppression has ended', async () => {
    await rejects(11, 0);
    expect(await listed(180 + 6 * hour - 1)).toHaveLength(1);
    expect(await listed(180 + 6 * hour)).toEqual([]);
    expect((await done('alerts', ...at(7 * hour))).split('\n')[0]).toBe('No alert is live at 2026-11-24 16:00:00 UTC');
  });

  it('reports the number of live alerts when no alert matches the filters', async () => {
    await rejects(11, 0);
    const head = async (...args: string[]) => (await done('alerts', 'list', ...at(hour), ...args)).split('\n')[0];
    expect(await head('--rule', 'nope')).toBe(
      'No live alert matches --rule nope (total: 1) at 2026-11-24 10:00:00 UTC',
    );
    expect(await head('--src', '10.9.9.9', '--key', 'x\u001b')).toBe(
      'No live alert matches --src 10.9.9.9 --key "x\\u001b" (total: 1) at 2026-11-24 10:00:00 UTC',
    );
  });

  it('filters alerts by rule, source and any text of the key', async () => {
    await rejects(11, 0);
    await rejects(11, 0, { srcaddr: '2001:db8::5', dstaddr: '2001:db8::6' });
    const found = async (...args: string[]) => (await listed(60, ...args)).map((alert) => alert.key.srcaddr);
    expect(await found('--src', '2001:DB8::5')).toEqual(['2001:db8::5']);
    expect(await found('--key', '0.2.7')).toEqual(['10.0.1.5']);
    expect(await found('--rule', 'repeated_rejects')).toHaveLength(2);
    expect(await found('--rule', 'lateral_movement')).toEqual([]);
  });

  it('filters alerts by the time at which they were raised when --from or --to is given', async () => {
    await rejects(11, 0);
    const [alert] = await listed(hour);
    const time = (seconds: number) => new Date((alert!.arrival + seconds) * 1000).toISOString().replace('.000Z', 'Z');
    const count = async (...args: string[]) => (await listed(hour, ...args)).length;
    expect(await count('--from', time(0), '--to', time(1))).toBe(1);
    expect(await count('--from', time(1))).toBe(0);
    expect(await count('--to', time(0))).toBe(0);
    const head = (await done('alerts', 'list', ...at(hour), '--from', '2026-11-25')).split('\n')[0];
    expect(head).toBe('No live alert matches --from 2026-11-25 00:00:00 (total: 1) at 2026-11-24 10:00:00 UTC');
    const { code, stderr } = await live('alerts', 'list', ...at(hour), '--from', '2026-11-25', '--to', '2026-11-24');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--from is invalid: got') });
  });
});

describe('alerts silence', () => {
  it('suppresses and counts further alerts of the rule and key until the silence ends', async () => {
    expect(await rejects(11, 0)).toHaveLength(1);
    const said = await silence('--until', '2026-11-24', ...at(300));
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toMatchInlineSnapshot(`
      "Silenced repeated_rejects for 10.0.1.5 -> 10.0.2.7 until 2026-11-25 00:00:00 UTC: a release
      Until then this rule creates no further alert for this key, at any value. Flows are still counted, and other rules alert.
      To end the silence early, run npx flow-sentinel alerts unsilence. For a permanent silence, use npx flow-sentinel rules silence.
      "
    `);
    // Ten times the threshold; the first alert's own time over; the last second of the day.
    for (const [count, seconds] of [
      [150, hour],
      [20, 8 * hour],
      [20, 15 * hour - 1],
    ] as const) {
      expect(await rejects(count, seconds)).toEqual([]);
    }
    expect(await rejects(20, hour, { srcaddr: '10.0.1.6' })).toHaveLength(1);
    const [alert] = await listed(9 * hour, '--src', '10.0.1.5');
    expect(alert).toMatchObject({
      ...{ heldBack: 3, multiple: 1, until: epoch + 15 * hour },
      silence: { since: epoch + 300, until: epoch + 15 * hour, reason: 'a release' },
    });
    expect(await done('alerts', ...at(9 * hour))).toContain('silenced until 2026-11-25 00:00:00: a release');
    const counter = await deployed.laptop.counter('pair#10.0.1.5#10.0.2.7');
    expect(counter?.rejects).toBe(11 + 150 + 20 + 20);
    // The window still holds what came before the end.
    const [again] = await rejects(1, 15 * hour);
    expect(again?.text).toContain('Suppressed: alerts of at least 3 batches since the previous alert');
    expect(await listed(15 * hour)).toMatchObject([{ value: 21, silence: null }]);
  });

  it('finds an alert by the first characters of its id', async () => {
    await rejects(11, 0);
    const [alert] = await listed(60);
    const id = alert!.id.slice(0, 8);
    const said = await document('alerts', 'silence', id, '--reason', 'x', '--until', '90m', ...at(60));
    expect(said).toEqual({
      ...{ rule: 'repeated_rejects', key: alert!.key, before: null },
      silence: { reason: 'x', since: epoch + 60, until: epoch + 60 + 5400 },
    });
    expect(await rejects(150, 600)).toEqual([]);
    const undone = await document<{ before: object }>('alerts', 'unsilence', alert!.id, ...at(700));
    expect(undone).toMatchObject({ rule: 'repeated_rejects', silence: null, before: { reason: 'x' } });
    expect(await rejects(1, 800)).toHaveLength(1);
  });

  it('replaces an earlier silence, and reports it', async () => {
    await rejects(11, 0);
    await silence('--until', '7d', ...at(60));
    const { stdout } = await silence('--until', '1h', ...at(120));
    expect(stdout).toContain('This replaces a silence until 2026-12-01 09:01:00 UTC: a release');
    expect(await rejects(150, 120 + hour + 1)).toHaveLength(1);
  });

  it('silences a counter of a source without its pairs', async () => {
    const lines = Array.from({ length: 40 }, (_, n) =>
      lineOf({ srcaddr: '10.0.1.9', dstaddr: `10.0.3.${n}`, dstport: 22, action: 'REJECT' }),
    );
    await deployed.laptop.send(eventOf(lines));
    const [alert] = await listed(60, '--rule', 'lateral_movement');
    expect(alert?.key).toEqual({ srcaddr: '10.0.1.9' });
    const args = ['lateral_movement', 'srcaddr=10.0.1.9', '--reason', 'a scanner', '--until', '1d', ...at(60)];
    expect(await done('alerts', 'silence', ...args)).toContain('Silenced lateral_movement for 10.0.1.9 until');
    expect((await listed(60, '--rule', 'lateral_movement'))[0]!.silence?.reason).toBe('a scanner');
    expect((await deployed.laptop.items()).filter((item) => 'q:lateral_movement' in item)).toHaveLength(1);
  });

  it('suppresses an alert that a batch is about to claim, without losing alert or counts', async () => {
    await rejects(11, 0);
    const { middlewareStack } = deployed.laptop.clients.dynamoDb;
    let said: Outcome | undefined;
    middlewareStack.add(
      (next) => async (args) => {
        const names = Object.values(
          (args.input as { ExpressionAttributeNames?: object }).ExpressionAttributeNames ?? {},
        );
        if (!said && names.includes('a:repeated_rejects:10')) said = await silence('--until', '1h', ...at(60));
        return next(args);
      },
      { step: 'initialize', name: 'silenceAmidBatch' },
    );
    try {
      expect(await rejects(150, 600)).toEqual([]);
    } finally {
      middlewareStack.remove('silenceAmidBatch');
    }
    expect(said).toMatchObject({ code: 0 });
    const counter = await deployed.laptop.counter('pair#10.0.1.5#10.0.2.7');
    expect(counter).toMatchObject({ rejects: 161 });
    expect(counter?.alertRecords.map(({ multiple, sent }) => ({ multiple, sent }))).toEqual([
      { multiple: 1, sent: true },
    ]);
    expect(counter?.silences.get('repeated_rejects')).toMatchObject({ until: epoch + 60 + hour });
  });

  it('loses no count when it is created while batches arrive', async () => {
    await rejects(11, 0);
    const [mails] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, (_, n) => rejects(15, 60 + n))),
      silence('--until', '1h', ...at(60)),
    ]);
    const counter = await deployed.laptop.counter('pair#10.0.1.5#10.0.2.7');
    expect(counter?.rejects).toBe(11 + 8 * 15);
    expect(counter?.silences.size).toBe(1);
    const isEscalated = counter?.alertRecords.some(({ multiple }) => multiple === 10) ?? false;
    expect(deployed.laptop.alerts().filter(({ subject }) => subject.includes('flow records'))).toHaveLength(
      isEscalated ? 2 : 1,
    );
    expect(mails).toHaveLength(8);
    expect(await rejects(200, 600)).toEqual([]);
  });

  it('prints a hostile reason on one line without control characters', async () => {
    await rejects(11, 0);
    const args = ['alerts', 'silence', 'repeated_rejects', ...key, '--until', '1h', ...at(60)];
    const stdout = await done(...args, '--reason', 'a\u001b[31m red\nline \u202e<b>#{x}%s');
    expect(stdout).toContain('UTC: a?[31m red line ?<b>#{x}%s\n');
    expect(await done('alerts', ...at(60))).toContain(': a?[31m red line ?<b>#{x}%s\n');
  });

  it('accepts the command that the e-mail prints', async () => {
    const [alert] = await rejects(11, 0);
    const [, command] = /^- To silence it for a day: npx flow-sentinel (.*)$/m.exec(alert!.text)!;
    const args = command!.replace('"..."', 'looking').split(' ');
    expect(await done(...args, ...at(60))).toContain('until 2026-11-25 09:01:00 UTC: looking');
    expect(await rejects(150, 600)).toEqual([]);
  });

  it('asks for more characters when an id prefix is ambiguous', async () => {
    await rejects(11, 0);
    const { clients, environment } = deployed.laptop;
    const [item] = (await deployed.laptop.items()).filter((one) => 'a:repeated_rejects:1' in one);
    const id = (await listed(60))[0]!.id;
    const [pk, TableName] = ['pair#10.0.1.7#10.0.2.7', environment[environmentNames.tableName]!];
    const twin = { ...item, pk: { S: pk }, src: { S: '10.0.1.7' } };
    await clients.dynamoDb.send(new PutItemCommand({ TableName, Item: twin as never }));
    const { code, stderr } = await live('alerts', 'silence', id, '--reason', 'x', '--until', '1h', ...at(60));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `flow-sentinel: the id is ambiguous: 2 alerts begin with ${id}; give more characters\n`,
    });
  });

  it('escapes a reason that another program wrote into the table', async () => {
    await rejects(11, 0);
    await silence('--until', '1h', ...at(60));
    const { clients, environment } = deployed.laptop;
    const item = (await deployed.laptop.items()).find(
      ({ pk }) => (pk as { S: string }).S === 'pair#10.0.1.5#10.0.2.7',
    )!;
    const written = { M: { ...(item['q:repeated_rejects'] as { M: object }).M, reason: { S: '\u001b]0;x\u0007\nb' } } };
    await clients.dynamoDb.send(
      new PutItemCommand({
        TableName: environment[environmentNames.tableName]!,
        Item: { ...item, 'q:repeated_rejects': written } as never,
      }),
    );
    for (const text of [
      await done('alerts', ...at(60)),
      await done('alerts', 'unsilence', 'repeated_rejects', ...key),
    ]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    }
  });
});

describe('errors of alerts', () => {
  const reason = ['--reason', 'x', '--until', '1h'];
  it.each([
    [2, ['pairs'], 'the addresses are missing; give a source, a source and a destination, or --to and a destination'],
    [2, ['pairs', '10.0.1'], 'the address is invalid: got "10.0.1", expected one such as 10.0.1.5 or 2001:db8::1'],
    [
      2,
      ['pairs', '10.0.1.5', '10.0.2.7', '--to', '10.0.2.7'],
      'the destination is given twice; give either the second argument or --to',
    ],
    [
      2,
      ['pairs', '10.0.1.5', '10.0.2.7', '--at', 'noon'],
      '--at is invalid: got "noon", expected a time in UTC such as 2026-11-24T09:00:00Z',
    ],
    [
      2,
      ['pairs', '10.0.1.5', '10.0.2.7', '--at', '2026-02-30 09:00'],
      '--at is invalid: got "2026-02-30 09:00", expected a time in UTC',
    ],
    [2, ['pairs', '10.0.1.5', '--at', 'noon'], '--at is invalid: got "noon", expected a time in UTC'],
    [
      2,
      ['pairs', '--to', '10.0.1.5', '--rules', '/nowhere'],
      'the rules folder /nowhere cannot be read: no such file or folder',
    ],
    [
      2,
      ['pairs', '10.0.1.5', '10.0.2.7', '--rules', '/nowhere'],
      'the rules folder /nowhere cannot be read: no such file or folder',
    ],
    [2, ['alerts', 'list', '--src', 'me'], '--src is invalid: got "me", expected an address such as 10.0.1.5'],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...reason],
      'the alert is invalid: got "repeated_rejects", expected its id or at least the first eight characters, or a rule and its key as field=value',
    ],
    [2, ['alerts', 'silence', 'abc', ...reason], 'the alert is invalid: got "abc", expected its id'],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', 'srcaddr', ...reason],
      'the key is invalid: got "srcaddr", expected field=value',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', 'srcaddr=10.0.1.5', 'srcaddr=10.0.1.6', ...reason],
      'the key is invalid: got srcaddr twice, expected it once',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', 'srcaddr=10.0.1.5', ...reason],
      'the key of repeated_rejects is invalid: got srcaddr, expected srcaddr and dstaddr',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', 'srcaddr=x', 'dstaddr=y', ...reason],
      'srcaddr is invalid: got "x", expected an address such as 10.0.1.5',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--until', '1h', '--reason', ' \n '],
      '--reason is invalid: got 0 bytes, expected a sentence of 1 to 200',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--until', '1h', '--reason', 'é'.repeat(101)],
      '--reason is invalid: got 202 bytes, expected a sentence of 1 to 200',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'x', '--until', 'soon'],
      '--until is invalid: got "soon", expected a day such as 2026-12-31, or a duration such as 90m, 6h, 7d',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'x', '--until', '2026-11-23'],
      '--until is invalid: got 2026-11-23, which is in the past, expected a later day',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'x', '--until', '0h'],
      '--until is invalid: got "0h", expected a day such as 2026-12-31, or a duration such as 90m, 6h, 7d',
    ],
    [
      2,
      ['alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'x', '--until', '31d'],
      '--until is invalid: got 31d, expected at most 30 days; use npx flow-sentinel rules silence for longer',
    ],
    [
      1,
      ['alerts', 'silence', 'ffffffffffff', ...reason],
      'no alert ffffffffffff is live, and only a live alert can be silenced; use npx flow-sentinel rules silence for traffic that has not alerted, or for a permanent silence (docs/operate/live-counters.md)',
    ],
    [
      1,
      ['alerts', 'silence', 'repeated_rejects', 'srcaddr=10.0.1.5', 'dstaddr=10.0.2.8', ...reason],
      'no alert repeated_rejects srcaddr=10.0.1.5 dstaddr=10.0.2.8 is live',
    ],
    [
      1,
      ['alerts', 'silence', 'gone_rule', ...key, ...reason],
      'no alert gone_rule srcaddr=10.0.1.5 dstaddr=10.0.2.7 is live, and no rule has the name gone_rule',
    ],
    [
      1,
      ['alerts', 'unsilence', 'repeated_rejects', ...key],
      'repeated_rejects is not silenced for 10.0.1.5 -> 10.0.2.7',
    ],
  ])('exits with %d after %j', async (code, args, message) => {
    await rejects(11, 0);
    const before = await deployed.laptop.items();
    const time = args.includes('--at') || (args[0] === 'pairs' && args.length < 3) ? [] : at(60);
    const outcome = await live(...args, ...time);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(`flow-sentinel: ${message}`);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await deployed.laptop.items()).toEqual(before);
  });

  it('rejects a silence for an alert that is over', async () => {
    await rejects(11, 0);
    const { code, stderr } = await silence('--until', '1h', ...at(7 * hour));
    expect(code).toBe(1);
    expect(stderr).toContain('is live, and only a live alert can be silenced');
  });

  it('reports a missing table in one line', async () => {
    const outputs = join(folder, 'elsewhere.json');
    writeFileSync(outputs, JSON.stringify({ FlowSentinel: { PairTableName: 'elsewhere' } }));
    for (const command of [['alerts'], ['pairs', '10.0.1.5'], ['pairs', '10.0.1.5', '10.0.2.7']]) {
      expect(await run(...command, '--outputs', outputs)).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'flow-sentinel: the table elsewhere does not exist in this account and region; check --stack, --outputs and the region\n',
      });
    }
  });

  it('reports a missing permission in one line', async () => {
    const server = createServer((_, answer) => {
      const problem = { __type: 'AccessDeniedException', Message: 'not authorized to perform: dynamodb:Scan' };
      answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(problem));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const before = process.env.AWS_ENDPOINT_URL_DYNAMODB;
    process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { code, stderr } = await live('alerts');
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^flow-sentinel: access to the table counters is denied: not authorized to perform: dynamodb:Scan \(docs\/operate\/live-counters\.md .*\)\n$/,
      );
    } finally {
      process.env.AWS_ENDPOINT_URL_DYNAMODB = before;
      server.closeAllConnections();
      server.close();
    }
  });

  it('reports a missing region or missing credentials', async () => {
    const names = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    const elsewhere = {
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    Object.assign(process.env, elsewhere);
    try {
      delete process.env.AWS_ACCESS_KEY_ID;
      expect(await live('alerts')).toMatchObject({ code: 2, stderr: expect.stringContaining('no AWS credentials') });
      delete process.env.AWS_REGION;
      expect(await live('alerts')).toMatchObject({ code: 2, stderr: expect.stringContaining('no region is set') });
    } finally {
      Object.assign(process.env, before);
      for (const name of Object.keys(elsewhere)) delete process.env[name];
    }
  });

  it.each([
    [
      'a missing file of outputs',
      ['--outputs', '/nowhere.json'],
      '/nowhere.json cannot be read: no such file or folder',
    ],
    ['another stack', ['--stack', 'Other'], 'has no stack Other; there is FlowSentinel'],
    ['both a stack and a folder', ['--local', 'x'], "option '--local <folder>' cannot be used with option"],
  ])('exits with 2 for %s', async (_, args, message) => {
    for (const command of [['alerts'], ['pairs', '10.0.1.5'], ['alerts', 'unsilence', 'ffffffff']]) {
      const { code, stderr } = await run(...command, '--outputs', deployed.outputs, ...args);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
    }
  });
});

describe('what the commands ask of AWS', () => {
  it('needs only the permissions in docs/operate/live-counters.md', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/operate/live-counters.md'), 'utf8');
    const policy = JSON.parse(/```json\n(\{\n[\s\S]*?)```/.exec(page)![1]!) as {
      Statement: { Action: string | string[] }[];
    };
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    await rejects(11, 0);
    deployed.actions.clear();
    const told = async (...args: string[]) => {
      expect(await run(...args)).toMatchObject({ code: 0, stderr: '' });
    };
    await told('pairs', '10.0.1.5', '10.0.2.7');
    await told('pairs', '10.0.1.5');
    await told('alerts');
    expect([...deployed.actions].sort()).toEqual([
      'cloudformation:DescribeStacks',
      'dynamodb:GetItem',
      'dynamodb:Scan',
    ]);
    await told('alerts', 'silence', 'repeated_rejects', ...key, '--reason', 'x', '--until', '20d', ...at(60));
    await told('alerts', 'unsilence', 'repeated_rejects', ...key, ...at(60));
    // Only the journal is queried: see counters-in-journal.integration.test.ts.
    expect([...deployed.actions, 'dynamodb:Query'].sort()).toEqual([...new Set(allowed)].sort());
  });
});

async function written(work: () => Promise<void>): Promise<{ stdout: string; stderr: string }> {
  const { vi } = await import('vitest');
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      texts[stream] += String(chunk);
      return true;
    }),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return texts;
}

describe('the commands of an alert with a scope', () => {
  const vpc = 'vpc-0123456789abcdef0';
  const scope = { 'account-id': '123456789012', 'vpc-id': vpc };
  const inVpc = ['--account', '123456789012', '--vpc', vpc];
  const pair = ['10.0.1.5', '10.0.2.7'];

  /** Counts the same addresses in two VPCs. Returns the e-mail of the alert in the first. */
  async function rejectsInTwoVpcs(): Promise<string> {
    const scoped = laptopOn(deployed.laptop, logFormat, { ...compileRuleDirectory(), scope: 'vpc' });
    const lines = [vpc, 'vpc-0b'].flatMap((id) =>
      Array.from({ length: 11 }, (_, n) =>
        lineOf({ action: 'REJECT', srcport: 1000 + n, 'vpc-id': id }, formatOf(logFormat)),
      ),
    );
    await scoped.send(eventOf(lines));
    return scoped.alerts().find(({ subject }) => subject.includes(vpc))!.text;
  }

  it('find the counters of the pair, which its addresses alone do not find', async () => {
    await rejectsInTwoVpcs();
    const text = await done('pairs', ...pair, ...inVpc, ...at(120));
    expect(text).toMatch(
      /^10\.0\.1\.5 -> 10\.0\.2\.7 in 123456789012\/vpc-0123456789abcdef0\n {2}accepted .*\n {2}rejects +11\n/,
    );
    expect(await live('pairs', ...pair)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('; with the setting scope, add --account'),
    });
    expect(await live('pairs', ...pair, '--account', '123456789012')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('; give --account only with the setting scope, and --vpc with scope vpc'),
    });
    const silence = ['alerts', 'silence', 'repeated_rejects', 'srcaddr=10.0.1.5', 'dstaddr=10.0.2.7'];
    expect(await live(...silence, '--reason', 'a release', '--until', '1d')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(docs/operate/live-counters.md); with the setting scope, add --account'),
    });
    const { pairs: all } = await document<{ pairs: object[] }>('pairs', '10.0.1.5');
    expect(all).toHaveLength(2);
    const { pairs: ofVpc } = await document<{ pairs: object[] }>('pairs', '10.0.1.5', ...inVpc);
    expect(ofVpc).toMatchObject([{ src: '10.0.1.5', scope, rejects: 11 }]);
    expect(await done('pairs', '--to', '10.0.2.7')).toMatch(/ 123456789012\/vpc-0b\n/);
  });

  it('silence the alert of one VPC by the printed command, and end the silence', async () => {
    const mail = await rejectsInTwoVpcs();
    const [, printed] = /^- To silence it for a day: npx flow-sentinel (.*)$/m.exec(mail)!;
    const words = printed!.replace('"..."', 'reason').split(' ');
    expect(await done(...words, ...at(120))).toContain(
      `Silenced repeated_rejects for 10.0.1.5 -> 10.0.2.7 in 123456789012/${vpc} until`,
    );
    const alerts = await listed(180, '--rule', 'repeated_rejects');
    const silenced = alerts.filter((alert) => alert.silence);
    expect(alerts).toHaveLength(2);
    expect(silenced).toMatchObject([{ key: { srcaddr: '10.0.1.5' }, scope }]);
    expect(await listed(180, '--key', 'vpc-0b')).toMatchObject([{ scope: { 'vpc-id': 'vpc-0b' }, silence: null }]);
    expect(await done('alerts', 'list', ...at(180))).toContain(`10.0.1.5 -> 10.0.2.7 in 123456789012/${vpc} `);
    await done('alerts', 'unsilence', 'repeated_rejects', ...key, ...inVpc, ...at(180));
    expect((await listed(180)).filter((alert) => alert.silence)).toEqual([]);
  });

  it.each([
    [['pairs', ...pair, '--vpc', vpc], '--account is missing: with --vpc, expected also --account'],
    [['pairs', ...pair, '--account', ''], '--account is invalid: got "", expected an id, or - if it is unknown'],
    [['alerts', 'unsilence', '0123456789abcdef', ...inVpc], '--account belongs to a rule and its key'],
  ])('are refused when the scope is invalid: %j', async (args, problem) => {
    expect(await live(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(problem) });
  });
});

describe('the help', () => {
  it.each([['pairs'], ['alerts'], ['alerts list'], ['alerts silence'], ['alerts unsilence']])(
    'of %s',
    async (command) => {
      const { code, stdout, stderr } = await run(...command.split(' '), '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      await expect(stdout).toMatchFileSnapshot(`help/${command.replace(' ', '-')}.txt`);
    },
  );
});
