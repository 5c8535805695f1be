import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EndpointNames } from '../../../lambda/alert/known-names.ts';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { expectAlertBody } from '../../support/alert-schema.ts';
import { described } from '../../support/describe-answers.ts';
import { resolverLine } from '../../support/dns-queries.ts';
import { directed, epoch, eventOf, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { labelledDay } from '../../support/labelled-days.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { randomLines, writeLog } from './flow-logs.ts';

const folder = temporaryFolder();

interface Document {
  readonly files: { readonly name: string; readonly records: number; readonly problem?: string }[];
  readonly records: { readonly flows: number; readonly unreadable: number };
  readonly unseen: readonly { readonly rule: string }[];
  readonly pairs: unknown[];
  readonly alerts: {
    readonly id: string;
    readonly rule: string;
    readonly time: number;
    readonly names: Required<Pick<EndpointNames, 'interfaces' | 'dns'>>;
  }[];
}

async function replayed(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await run('replay', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Document;
}

/** Replaces the folder and the column widths, which depend on its name. */
function shown(text: string): string {
  return text.replaceAll(folder, 'logs').replace(/ {2,}/g, '  ');
}

const rejects = (count: number, values = {}) =>
  Array.from({ length: count }, (_, n) => lineOf({ action: 'REJECT', srcport: n, ...values }));
const day = writeLog(folder, 'day.log', [
  ...rejects(11),
  lineOf({ bytes: 150_000_000, dstaddr: '198.51.100.20', end: epoch + 120 }),
  lineOf({ srcaddr: '-', dstaddr: '-', bytes: '-', action: '-', 'log-status': 'NODATA' }),
  lineOf({ dstport: 'ssh' }),
  lineOf({ dstport: 'http' }),
  'a line of something else\u001b[31m',
]);

describe('replay', () => {
  it.each([
    ['in memory', []],
    ['in memory with a journal', ['--counting', 'journal', '--count-every', '5']],
    ['on an embedded stack', ['--store', 'local']],
    ['on an embedded stack with a journal', ['--store', 'local', '--counting', 'journal', '--count-every', '5']],
  ])('says who has the addresses of alerts when it counts %s', async (_, options) => {
    const names = join(folder, 'interfaces.json');
    writeFileSync(
      names,
      JSON.stringify({ NetworkInterfaces: [described({ TagSet: [{ Key: 'Name', Value: 'web-1' }] })] }),
    );
    const { alerts } = await replayed(day, '--names', names, ...options);
    const known = alerts.map(({ names }) => names.interfaces.map(({ address, name }) => [address, name]));
    expect(known).toEqual([[['10.0.1.5', 'web-1']], [['10.0.1.5', 'web-1']]]);
  });

  it.each([
    ['in memory', []],
    ['on an embedded stack', ['--store', 'local']],
  ])('says the names that hosts asked for when it counts %s', async (_, options) => {
    const logs = join(folder, 'dns');
    mkdirSync(logs, { recursive: true });
    const answers = [{ Rdata: '198.51.100.20', Type: 'A', Class: 'IN' }];
    writeFileSync(join(logs, 'a.log'), `${resolverLine({ answers })}\n`);
    const { alerts } = await replayed(day, '--dns', logs, ...options);
    const known = alerts.map(({ names }) => names.dns.map(({ address, names }) => [address, names[0]?.name]));
    expect(known).toEqual([[], [['198.51.100.20', 'update.example.com']]]);
    const { stdout } = await run('replay', day, '--dns', logs, ...options);
    expect(stdout).toMatch(/10\.0\.1\.5 +198\.51\.100\.20 .* - -> update\.example\.com\n/);
  });

  it('prints the files, counters and alerts as text', async () => {
    const { code, stdout, stderr } = await run('replay', day);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "Files
        kind  files  size  records
        flow log lines  1  1.58 kB  16

      Lines, from 2026-11-24 09:00:00 to 2026-11-24 09:02:00 (UTC)
        flows  counted  NODATA  SKIPDATA  unreadable
        12  12  1  0  3
        2 unreadable: dstport is …, expected a whole number from 0 to 65535, such as: 2 123456789012 eni-0a1b2c3d4e5f60718 10.0.1.5 10.0.2.7 50000 ssh 6 10 1000 1795510800 1795510850 ...
        1 unreadable: the line has 5 fields, expected 14, such as: a line of something else?[31m

      Busiest pairs (times in UTC)
        source  destination  accepted  rejects  first seen  last seen
        10.0.1.5  198.51.100.20  150 MB  0  2026-11-24 09:00:00  2026-11-24 09:02:00
        10.0.1.5  10.0.2.7  0 bytes  11  2026-11-24 09:00:00  2026-11-24 09:00:50

      2 alerts (times in UTC, the worst first); 5 rules are blind; the logs are too short for 4 rules
        sent  level  rule  key  value  threshold
        2026-11-24 09:03:00  high  data_exfiltration  10.0.1.5 -> 198.51.100.20  150 MB in 1 h  more than 100 MB
        2026-11-24 09:01:50  medium  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records in 1 h  more than 10 flow records

      Rules
        rule  level  alerts  keys  first  last
        data_exfiltration  high  1  1  2026-11-24 09:03:00  2026-11-24 09:03:00
        repeated_rejects  medium  1  1  2026-11-24 09:01:50  2026-11-24 09:01:50
        no alerts: cleartext_services, dns_tunnelling, lateral_movement, rejects_from_suspicious_ranges, skipped_records, slow_exfiltration, vertical_scan

      Rules that cannot see these flows, or a part of them
        rule  level  sight
        admin_brute_force  high  blind: needs tcp-flags
        probe_that_got_in  high  blind: needs tcp-flags
        segmentation_policy  high  blind: needs tcp-flags
        rejected_egress  medium  blind: needs flow-direction
        long_connection  low  blind: needs tcp-flags
        beaconing  medium  too short: needs logs of 5 h, not 2 min
        exfiltration_to_rare_destination  medium  too short: needs logs of 7 d, not 2 min
        low_and_slow  low  too short: needs logs of 20 h, not 2 min
        silent_interface  low  too short: needs logs of 3 h, not 2 min
        threat_list_traffic  high  partly blind: needs tcp-flags
        horizontal_sweep  medium  partly blind: needs tcp-flags
        finding_and_much_data  critical  off: needs context events
        flow_logs_deleted  high  off: needs context events
        opened_to_world_and_used  high  off: needs context events
        data_to_unexpected_aws_region  medium  off: needs a geo table
        data_to_unexpected_country  medium  off: needs a geo table
        new_country  low  off: needs a geo table
        Add the fields: docs/deploy/log-sources.md#blind-rules
        Give a geo table by --geo: docs/analyse/regions.md
        Replay with findings and API calls by --context: docs/analyse/replay-and-backtest.md

      Next: to write a report, add --report FILE.html
        to see what else the host did, run npx flow-sentinel hunt host 10.0.1.5 logs/day.log
        to have fewer alerts, run npx flow-sentinel backtest logs/day.log --under 5
      "
    `);
  });

  it('exits with 2 and says that the only line is unreadable when no line can be read', async () => {
    const log = writeLog(folder, 'one-unreadable.log', [lineOf().replace(' 6 ', ' six ')]);
    const { code, stderr } = await run('replay', log);
    expect(code).toBe(2);
    expect(stderr).toContain(': the only line is unreadable: ');
    expect(stderr).not.toContain('can be read');
  });

  it('exits with 2 and names the file in words when it is missing', async () => {
    const { code, stderr } = await run('replay', join(folder, 'nowhere.log'));
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.log');
    expect(stderr).not.toContain('ENOENT');
  });

  it('prints the number of flows that come over half an hour after later ones in their file', async () => {
    const endsAt = (minutes: number) => lineOf({ start: epoch + minutes * 60 - 10, end: epoch + minutes * 60 });
    const log = writeLog(folder, 'joined.log', [0, 40, 8, 9, 10, 11].map(endsAt));
    const text = '  3 flows come over 30 min after later ones: sort joined files by end, or rules may miss alerts\n';
    expect((await run('replay', log)).stdout).toContain(text);
    expect((await run('backtest', log)).stdout).toContain(text);
    expect(await replayed(log)).toMatchObject({ lateFlows: 3 });
    const sorted = writeLog(folder, 'sorted.log', [0, 8, 9, 10, 11, 40].map(endsAt));
    expect((await run('replay', sorted)).stdout).not.toContain('after later ones');
    expect(await replayed(sorted)).not.toHaveProperty('lateFlows');
  });

  it('prints the flows left out and the sources that may have no flow logs when networks are monitored', async () => {
    const flow = (srcaddr: string, dstaddr: string, direction: string) =>
      lineOf({ srcaddr, dstaddr, 'flow-direction': direction }, directed);
    const log = writeLog(folder, 'directed.log', [
      directed.names.join(' '),
      flow('10.0.1.5', '10.0.2.7', 'egress'),
      flow('10.0.1.5', '10.0.2.7', 'ingress'),
      flow('10.0.9.5', '10.0.2.7', 'ingress'),
      flow('10.9.0.5', '10.0.2.7', 'ingress'),
    ]);
    const networks = ['--monitored-networks', '10.0.0.0/16'];
    const { stdout } = await run('replay', log, ...networks);
    expect(stdout).toContain(
      '  2 flows left out: also logged at another interface (monitored networks: 10.0.0.0/16, from --monitored-networks)\n' +
        '  10.0.9.5 has no egress records here: is it logged? Its flow (1 kB) is not counted\n',
    );
    const left = { address: '10.0.9.5', flows: 1, bytes: 1000 };
    expect(await replayed(log, ...networks)).toMatchObject({
      records: { flows: 4, counted: 2, leftOut: 2 },
      sourcesWithoutEgress: { sources: 1, isComplete: true, examples: [left] },
      pairs: [{ src: '10.0.1.5', bytes: 1000 }, { src: '10.9.0.5' }],
    });
    expect((await run('replay', log)).stdout).toContain(
      'flows logged at both ends count twice: name the networks by --monitored-networks or in flow-sentinel.json\n',
    );
    expect((await run('backtest', log, ...networks)).stdout).toContain(
      '  2 flows left out: also logged at another interface',
    );
    expect((await run('count', log, ...networks)).stdout).toContain(
      '  2 flows left out: also logged at another interface',
    );
    expect((await run('hunt', 'sql', 'SELECT count(*) AS n FROM vpc_flow_logs', log, ...networks)).stderr).toContain(
      'flow-sentinel: 2 flows left out: also logged at another interface',
    );
    const event = join(folder, 'directed.json');
    writeFileSync(event, (await run('make-event', log)).stdout);
    const format = ['--format', directed.names.join(' ')];
    expect((await run('invoke', event, ...format, ...networks)).stdout).toContain('  2 flows left out: also logged');
    expect((await run('invoke', '--json', event, ...format, ...networks)).stdout).toContain('"leftOut": 2');
  });

  it('prints commands with the same monitored networks when they are options', async () => {
    const { stdout } = await run('replay', day, '--monitored-networks', '10.0.0.0/16,fd00::/56', '--stage', 'default');
    const options = `${day} --monitored-networks '10.0.0.0/16,fd00::/56' --stage default`;
    expect(stdout).toContain(`hunt host 10.0.1.5 ${options}\n`);
    expect(stdout).toContain(`backtest ${options} --under 5\n`);
  });

  it('refuses monitored networks that contain the internet', async () => {
    expect(await run('replay', day, '--monitored-networks', '10.0.0.0/16,0.0.0.0/0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('0.0.0.0/0 is too wide') as string,
    });
  });

  it('names the host of the most severe alert as the next step when a less severe alert came first', async () => {
    const log = writeLog(folder, 'worst.log', [
      ...rejects(11, { srcaddr: '10.0.1.4' }),
      lineOf({ bytes: 150_000_000, dstaddr: '198.51.100.20', end: epoch + 120 }),
    ]);
    expect((await run('replay', log)).stdout).toContain(`run npx flow-sentinel hunt host 10.0.1.5 ${log}\n`);
  });

  it('prints the same pairs and alerts as invoke', async () => {
    const lines = [...rejects(11), lineOf({ bytes: '4611686018427387904' })];
    const event = join(folder, 'event.json');
    writeFileSync(event, JSON.stringify(eventOf(lines)));
    const invoked = JSON.parse((await run('invoke', '--json', event)).stdout) as Document;
    const { pairs, alerts } = await replayed(writeLog(folder, 'same.log', lines));
    expect(pairs).toEqual(invoked.pairs);
    expect(alerts.map(({ id }) => id)).toEqual(invoked.alerts.map(({ id }) => id));
    for (const alert of alerts) expectAlertBody(alert);
  });

  it('prints the same bytes for any order of the files', async () => {
    const lines = randomLines(5, 3000);
    const paths = ['b.log.gz', 'a.log', 'c/d.log'].map((name, part) =>
      writeLog(
        folder,
        `same/${name}`,
        lines.filter((_, n) => n % 3 === part),
      ),
    );
    const documents: string[] = [];
    for (const given of [paths, paths, paths.toReversed(), [join(folder, 'same')]]) {
      documents.push((await run('replay', '--json', ...given)).stdout);
    }
    const [first, ...others] = documents;
    expect(first).toContain('"alerts": [\n    {');
    expect(others).toEqual([first, first, first]);
  });

  it('writes all alerts to a file in the order in which they are raised', async () => {
    const alerts = join(folder, 'alerts.jsonl');
    const document = await replayed(day, '--alerts', alerts);
    const written = readFileSync(alerts, 'utf8').trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual(document.alerts);
    expect(document.alerts.map(({ rule }) => rule)).toEqual(['repeated_rejects', 'data_exfiltration']);
  });

  it('reports an alerts file among the logs, and reads no flows from it', async () => {
    const own = join(folder, 'with-alerts');
    const log = writeLog(own, 'day.log', rejects(11));
    const alone = await replayed(log, '--alerts', join(own, 'alerts.jsonl'));
    const { code, stdout, stderr } = await run('replay', '--json', own);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the content is invalid: got unknown JSON'),
    });
    const { records, pairs, alerts } = JSON.parse(stdout) as Document;
    expect({ records, pairs, alerts }).toEqual({ records: alone.records, pairs: alone.pairs, alerts: alone.alerts });
  });

  it('writes a report with its alerts and records', async () => {
    const report = join(folder, 'report.html');
    const { code, stderr } = await run('replay', day, '--report', report);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const page = readFileSync(report, 'utf8');
    expect(page).toContain(`npx flow-sentinel replay ${day}`);
    expect(page).toContain('repeated_rejects');
    expect(page).toContain('"unreadable":3');
  });

  it('names blind rules, and does not list them as rules without alerts', async () => {
    const { stdout } = await run('replay', day);
    expect(shown(stdout)).toMatch(/\n {2}admin_brute_force {2}high {2}blind: needs tcp-flags\n/);
    expect(shown(stdout)).toMatch(/\n {2}horizontal_sweep {2}medium {2}partly blind: needs tcp-flags\n/);
    expect(shown(stdout)).toMatch(/2 alerts .*; 5 rules are blind; the logs are too short for 4 rules\n/);
    expect(/no alerts: (.*)/.exec(stdout)![1]).not.toMatch(/admin_brute_force|horizontal_sweep/);
    const { unseen } = await replayed(day);
    expect(unseen[0]).toEqual({
      ...{ rule: 'admin_brute_force', level: 'high', state: 'blind', needs: [['tcp-flags']], flows: 12 },
      reason: 'blind: needs tcp-flags',
    });
  });

  it.each(['replay', 'count', 'backtest'])(
    '%s says that networks leave out nothing when no file has flow-direction',
    async (command) => {
      const { stdout } = await run(command, day, '--monitored-networks', '10.0.0.0/16');
      expect(stdout).toContain(
        '  no flow left out, since the format has no flow-direction: flows logged at both ends count twice\n',
      );
    },
  );

  it('shows the number of slots in the threshold when calls are regular', async () => {
    const calls = Array.from({ length: 26 }, (_, n) => {
      const at = epoch + n * 1080;
      return lineOf({ srcport: 50_000, dstport: 443, dstaddr: '198.51.100.20', bytes: 300, start: at, end: at });
    });
    const log = writeLog(folder, 'calls.log', calls);
    const { stdout } = await run('replay', log, '--rule', 'beaconing');
    expect(shown(stdout)).toMatch(
      /beaconing {2}10\.0\.1\.5 -> 198\.51\.100\.20 {2}.* {2}at least 1 byte in 19 of 21 slots\n/,
    );
  });

  it('counts the flows of each format when a rule sees only some of them', async () => {
    const both = join(folder, 'both');
    mkdirSync(both);
    writeLog(both, 'a.log', [v2.names.join(' '), lineOf(), lineOf()]);
    const flagged = formatOf(`${v2.names.join(' ')} tcp-flags`);
    writeLog(both, 'b.log', [flagged.names.join(' '), lineOf({ version: 3, 'tcp-flags': 3 }, flagged)]);
    const { unseen } = await replayed(both);
    expect(unseen.find(({ rule }) => rule === 'admin_brute_force')).toMatchObject({
      ...{ state: 'partly blind', flows: 2 },
      reason: 'partly blind: needs tcp-flags, in 2 of 3 flows',
    });
  });

  it('says why flows count 0 when they lack the action, the bytes or an address', async () => {
    const file = writeLog(folder, 'zero.log', [
      lineOf(),
      lineOf({ action: '-' }),
      lineOf({ action: '-', bytes: '-' }),
      lineOf({ bytes: '-' }),
      lineOf({ bytes: '-', action: 'REJECT' }),
      lineOf({ srcaddr: '-' }),
      lineOf({ srcaddr: '-', dstaddr: '-', bytes: '-', action: '-', 'log-status': 'NODATA' }),
    ]);
    for (const command of ['replay', 'count']) {
      const { stdout } = await run(command, file);
      expect(stdout).toMatch(
        /\n {2}2 flows counted 0: no action .*\n {2}1 flow counted 0: no bytes .*\n {2}1 flow counted 0: no source or destination /,
      );
      const { records } = JSON.parse((await run(command, file, '--json')).stdout);
      expect(records).toMatchObject({ flows: 6, counted: 2, uncounted: { noAction: 2, noBytes: 1, noAddress: 1 } });
    }
  });

  it('shows the alerts of experimental rules as such, in memory and on the embedded stack', async () => {
    const rules = join(folder, 'experimental');
    mkdirSync(rules);
    const text = readFileSync('rules/repeated_rejects.yml', 'utf8');
    writeFileSync(join(rules, 'repeated_rejects.yml'), text.replaceAll('status: stable', 'status: experimental'));
    for (const store of ['memory', 'local']) {
      const alerts = join(folder, `${store}.jsonl`);
      const { stdout } = await run('replay', day, '--rules', rules, '--store', store, '--alerts', alerts);
      expect(shown(stdout)).toContain('medium, experimental  repeated_rejects  10.0.1.5 -> 10.0.2.7  11 flow records');
      expect(shown(stdout)).toContain('repeated_rejects  medium, experimental  1  1  ');
      expect(stdout).toContain('  1 alert is experimental: logged and not sent by a deployed function\n');
      expect(readFileSync(alerts, 'utf8')).toContain('"ruleStatus":"experimental"');
    }
  });

  it('shows at most 50 alerts and names the option for the others', async () => {
    const sources = Array.from({ length: 60 }, (_, n) =>
      rejects(11, { srcaddr: `10.0.3.${n}`, start: epoch + n * 120, end: epoch + n * 120 }),
    );
    const { stdout } = await run('replay', writeLog(folder, 'many.log', sources.flat()));
    expect(stdout).toContain('60 alerts (times in UTC, the worst first)');
    expect(stdout.match(/^ .* medium {2}repeated_rejects/gm)).toHaveLength(50);
    expect(stdout).toContain('  and 10 more, none of level high or critical; --alerts FILE writes all of them\n');
  });

  it.each([
    ['direct', []],
    ['journal', ['--counting', 'journal', '--count-every', '1']],
  ])('raises the same alerts in memory and on the embedded stack when it counts by the way %s', async (_, counting) => {
    // Minutes of the office day in which a host contacts an address on the threat list.
    const [from, to] = [Date.UTC(2026, 10, 24, 13, 31, 30) / 1000, Date.UTC(2026, 10, 24, 13, 33) / 1000];
    const lines = labelledDay('office').filter(({ arrival }) => arrival >= from && arrival < to);
    const log = writeLog(folder, 'office.log', [logFields.join(' '), ...lines.map(({ line }) => line)]);
    const direct = await replayed(log);
    const inMemory = await replayed(log, ...counting);
    const onStack = await replayed(log, ...counting, '--store', 'local');
    expect(inMemory.alerts.map(({ rule }) => rule)).toContain('threat_list_traffic');
    expect(inMemory.pairs).toEqual(direct.pairs);
    expect(onStack.pairs).toEqual(inMemory.pairs);
    expect(onStack.records).toEqual(inMemory.records);
    const byId = (a: Document['alerts'][number], b: Document['alerts'][number]) => (a.id < b.id ? -1 : 1);
    expect(onStack.alerts.toSorted(byId)).toEqual(inMemory.alerts.toSorted(byId));
  });

  it('says that alerts come later when it counts by a journal, and only then', async () => {
    const journal = ['--counting', 'journal', '--count-every', '3'];
    const line = '  counted by a journal, countEvery 3: alerts come up to 4 minutes later than with direct counting\n';
    expect((await run('replay', day, ...journal)).stdout).toContain(line);
    expect(await replayed(day, ...journal)).toMatchObject({ counting: 'journal', countEvery: 3 });
    expect((await run('replay', day)).stdout).not.toContain('journal');
    expect(await replayed(day)).not.toHaveProperty('counting');
  });

  it('exits with 2 and uses the other files when a file is truncated', async () => {
    const complete = gzipSync(randomLines(6, 2000).join('\n'));
    const truncated = join(folder, 'cut.log.gz');
    writeFileSync(truncated, complete.subarray(0, complete.length / 2));
    const { code, stdout, stderr } = await run('replay', day, truncated);
    expect(code).toBe(2);
    expect(stdout).toContain('alerts (times in UTC, the worst first)');
    expect(shown(stderr)).toMatchInlineSnapshot(`
      "flow-sentinel: logs/cut.log.gz: its gzip is cut off; the rest is missing, download the file again
      "
    `);
  });

  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const junk = writeLog(folder, 'junk.log', [v2.names.join(' '), 'some text', 'more text', 'and more text']);
  it.each([
    ['a missing file', [join(folder, 'nowhere.log')]],
    ['an empty folder', [empty]],
    ['a file without a readable line', [junk]],
    ['an alerts file in a missing folder', [day, '--alerts', join(folder, 'nowhere/alerts.jsonl')]],
    ['a report in a missing folder', [day, '--report', join(folder, 'nowhere/report.html')]],
    ['an alerts file that is a folder', [day, '--alerts', empty]],
    ['an alerts file that is one of the logs', [folder, '--alerts', day]],
    ['one file for two outputs', [day, '--alerts', join(folder, 'one'), '--report', join(folder, 'one')]],
    ['a missing folder of rules', [day, '--rules', join(folder, 'nowhere')]],
    ['an invalid format', [day, '--format', 'srcadr']],
    ['an unknown option', [day, '--jsn']],
    ['an unknown store', [day, '--store', 'disk']],
    ['no path', []],
  ])('exits with 2 and the reason for %s', async (_, args) => {
    const { code, stdout, stderr } = await run('replay', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(shown(stderr)).toMatchSnapshot();
  });

  it('leaves no partial files when it fails', async () => {
    const outputs = join(folder, 'outputs');
    mkdirSync(outputs);
    await run('replay', junk, '--alerts', join(outputs, 'alerts.jsonl'), '--report', join(outputs, 'report.html'));
    expect(readdirSync(outputs)).toEqual([]);
    expect(existsSync(join(outputs, 'alerts.jsonl'))).toBe(false);
  });

  it('prints its help with examples', async () => {
    expect((await run('replay', '--help')).stdout).toMatchInlineSnapshot(`
      "Usage: flow-sentinel replay [options] <path...>

      show what a deployed stack would have counted and alerted on, given these logs

      Arguments:
        path                          flow log files, folders or s3:// URIs; - for
                                      standard input

      Options:
        --from <time>                 day or time in UTC: leaves out flows that ended
                                      before (default: all flows)
        --to <time>                   day or time in UTC: leaves out flows that ended
                                      after the day, or at the time or after (default:
                                      all flows)
        --monitored-networks <cidrs>  CIDR blocks of the logged networks, separated by
                                      commas: their flows count at the source only
                                      (default: those of --networks, or else of
                                      --stage)
        --stage <name>                stage of flow-sentinel.json whose settings apply
                                      where no option is given (default: the stage
                                      named default, or the only one)
        --scope <scope>               what keeps networks with the same addresses
                                      apart (default: scope of --stage) (choices:
                                      "account", "vpc")
        --counting <way>              way to count: each batch directly, or together
                                      by a journal (default: counting of --stage, or
                                      direct) (choices: "direct", "journal")
        --count-every <minutes>       minutes from one flush of a journal to the next,
                                      1 to 15 (default: countEvery of --stage, or 5)
        --names <path>                folder of "collect", or file of "aws ec2
                                      describe-network-interfaces": names the
                                      addresses (default: no names)
        --geo <file>                  table of "geo build": country and operator of
                                      outside addresses (default: no table)
        --dns <path>                  folder or file of query logs of Route 53
                                      Resolver, or of dns.log of Zeek: names that
                                      hosts asked for; repeatable (default: no
                                      queries)
        --context <path>              folder or file of CloudTrail log files, or of
                                      GuardDuty findings: tells what happened around
                                      hosts; repeatable (default: none)
        --sample-findings             read sample findings of GuardDuty too
        --rules <dir>                 directory of Sigma rules (default: rules/)
        --networks <file>             file of named networks (default: networks.yml
                                      beside the rules)
        --format <fields>             flow log format of files without a header, as
                                      AWS writes it or as field names; repeatable
                                      (default: the AWS default format)
        --store <kind>                store of the counters: memory, or the real
                                      handler on an embedded stack (slow) (choices:
                                      "memory", "local", default: "memory")
        --alerts <file>               file for all alerts, one JSON document a line
        --report <file>               additional self-contained HTML report
        --rule <name>                 rule to evaluate; repeatable (default: all)
        --json                        output as one JSON document: files, records,
                                      pairs and alerts
        -h, --help                    display help for command

      Examples:
        $ npx flow-sentinel replay flow-logs/
        $ npx flow-sentinel replay flow-logs/ --report report.html --alerts alerts.jsonl
      "
    `);
  });
});
