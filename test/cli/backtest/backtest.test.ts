import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../events/scenarios/random.ts';
import { defaultRulesDirectory } from '../../../sigma/default-rules.ts';
import { epoch, lineOf } from '../../support/flows.ts';
import { ruleText } from '../../support/rules.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';
import { randomLines, writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();

interface Sums {
  readonly alerts: number;
  readonly escalations: number;
  readonly keys: number;
  readonly mostADay: number;
}

interface Document {
  readonly rules: (Sums & {
    readonly rule: string;
    readonly perDay: Record<string, number>;
    readonly top: { readonly key: Record<string, string>; readonly alerts: number }[];
  })[];
  readonly sweeps: {
    readonly rule: string;
    readonly threshold: number;
    readonly tried: (Sums & { readonly threshold: number })[];
  }[];
  readonly under: {
    readonly suggestions: {
      readonly rule: string;
      readonly mostADay: number;
      readonly keys: number;
      readonly instead: { readonly threshold: number; readonly mostADay: number; readonly lostKeys: number } | null;
    }[];
  };
  readonly compared: {
    readonly rules: {
      readonly rule: string;
      readonly alerts?: number;
      readonly otherAlerts?: number;
      readonly addedKeys: number;
      readonly removedKeys: number;
    }[];
    readonly added: { readonly rule: string; readonly key: Record<string, string> }[];
    readonly removed: { readonly rule: string; readonly key: Record<string, string> }[];
  };
}

async function backtested(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await run('backtest', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Document;
}

function sumsOf({ rules }: Document, name: string): Sums {
  const { alerts, escalations, keys, mostADay } = rules.find(({ rule }) => rule === name)!;
  return { alerts, escalations, keys, mostADay };
}

/** Copies some of the shipped rules into a separate folder. */
function someRules(name: string): string {
  const directory = join(folder, name);
  const rules = ['data_exfiltration', 'horizontal_sweep', 'lateral_movement', 'probe_that_got_in', 'repeated_rejects'];
  for (const rule of rules) cpSync(join(defaultRulesDirectory, `${rule}.yml`), join(directory, `${rule}.yml`));
  return directory;
}

const some = someRules('some');

/** Copies the same rules and edits one of them. */
function editedRules(name: string, rule: string, from: string, to: string): string {
  const directory = someRules(name);
  const file = join(directory, `${rule}.yml`);
  const text = readFileSync(file, 'utf8');
  const condition = new RegExp(`^    ${from}$`, 'm');
  expect(text).toMatch(condition);
  writeFileSync(file, text.replace(condition, `    ${to}`));
  return directory;
}

/** Writes two days of rejects, scans and transfers of different volumes, in two files. */
function busyLog(seed: number): string[] {
  const random = seededRandom(seed);
  const lines = Array.from({ length: 3000 }, (_, n) => {
    const start = epoch + n * 50;
    const end = start + random.below(50);
    // Hosts with low numbers are the most active.
    const host = Math.floor((random.below(8) * random.below(8)) / 8);
    switch (random.below(3)) {
      case 0:
        return lineOf({ srcaddr: `10.0.1.${host}`, dstaddr: '10.0.2.7', action: 'REJECT', start, end });
      case 1:
        return lineOf({
          ...{ srcaddr: `10.0.3.${host}`, dstaddr: `10.0.4.${random.below(2 ** (8 - host))}`, dstport: 445 },
          ...{ srcport: 50_000, bytes: 60, packets: 1, action: 'REJECT', start, end },
        });
      default:
        return lineOf({
          ...{ srcaddr: `10.0.5.${host}`, dstaddr: '198.51.100.20', bytes: random.below(20_000_000), start, end },
        });
    }
  });
  return [
    writeLog(folder, `busy-${seed}/one.log`, lines.slice(0, 1500)),
    writeLog(folder, `busy-${seed}/two.log`, lines.slice(1500)),
  ];
}

const busy = busyLog(1);

describe('backtest', () => {
  const swept: [rule: string, own: string, comparison: string, thresholds: number[]][] = [
    ['repeated_rejects', 'gt: 10', 'gt: ', [3, 20, 50, 400]],
    ['horizontal_sweep', 'gte: 25', 'gte: ', [2, 5, 60, 80]],
    ['data_exfiltration', 'gt: 100000000', 'gt: ', [1_000_000, 30_000_000, 2_000_000_000]],
  ];
  it.each(byTier(swept.slice(0, 1), swept))(
    'sweeps %s in one pass with the results of edited rule files',
    async (rule, own, comparison, thresholds) => {
      const { sweeps, ...document } = await backtested(
        ...busy,
        '--rules',
        some,
        '--sweep',
        `${rule}=${thresholds.join(',')}`,
      );
      const tried = sweeps[0]!.tried.filter(({ threshold }) => thresholds.includes(threshold));
      expect(tried.map(({ threshold }) => threshold)).toEqual(thresholds);
      for (const { threshold, ...sums } of tried) {
        const rules = editedRules(`${rule}-${threshold}`, rule, own, `${comparison}${threshold}`);
        expect({ threshold, ...sums }).toEqual({
          threshold,
          ...sumsOf(await backtested(...busy, '--rules', rules), rule),
        });
      }
      expect(new Set(tried.map(({ alerts }) => alerts)).size).toBeGreaterThan(2);
      expect(sumsOf({ sweeps, ...document }, rule)).toEqual(sumsOf(await backtested(...busy, '--rules', some), rule));
    },
  );

  it('sweeps several rules, also single detections, without a change to the other rules', async () => {
    const alone = await backtested(...busy, '--rules', some);
    const args = [
      '--sweep',
      'repeated_rejects:gt=5',
      '--sweep',
      'lateral_movement=2,3',
      '--sweep',
      'repeated_rejects=7',
    ];
    const { sweeps, rules } = await backtested(...busy, '--rules', some, ...args, '--under', '1');
    expect(sweeps.map((one) => [one.rule, one.tried.map(({ threshold }) => threshold)])).toEqual([
      ['repeated_rejects', [5, 7, 10]],
      ['lateral_movement', [2, 3, 10]],
    ]);
    expect(rules).toEqual(alone.rules);
  });

  it('suggests thresholds that limit the alerts a day when they are applied', async () => {
    const { under } = await backtested(...busy, '--rules', some, '--under', '2');
    const suggested = under.suggestions.filter(({ instead }) => instead !== null);
    expect(suggested.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['data_exfiltration', 'lateral_movement', 'repeated_rejects']),
    );
    const own = { data_exfiltration: 'gt: 100000000', lateral_movement: 'gte: 10', repeated_rejects: 'gt: 10' };
    for (const [rule, condition] of Object.entries(own)) {
      const { mostADay, keys, instead } = suggested.find((one) => one.rule === rule)!;
      expect(mostADay).toBeGreaterThan(2);
      const { threshold, lostKeys } = instead!;
      const rules = editedRules(`suggested-${rule}`, rule, condition, condition.replace(/\d+/, String(threshold)));
      const applied = sumsOf(await backtested(...busy, '--rules', rules), rule);
      expect(applied.mostADay).toBe(instead!.mostADay);
      expect(applied.mostADay).toBeLessThanOrEqual(2);
      expect(applied.keys).toBe(keys - lostKeys);
    }
  });

  it('counts each key of a digest, log-only alerts and alerts that would be deferred', async () => {
    const rules = join(folder, 'experimental');
    mkdirSync(rules);
    const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 5m, condition: {gte: 1}';
    writeFileSync(join(rules, 'any.yml'), ruleText('{action: REJECT}', correlation, 'alert: {ended: true}\n'));
    writeFileSync(
      join(rules, 'staged.yml'),
      ruleText('{action: REJECT}', correlation)
        .replaceAll('some_flow', 'other_flow')
        .replace('level: high', 'status: experimental'),
    );
    const lines = Array.from({ length: 300 }, (_, n) =>
      lineOf({ srcaddr: `10.0.${Math.floor(n / 100)}.${n % 100}`, action: 'REJECT' }),
    );
    // A day later, so that resolution notices are due.
    lines.push(lineOf({ start: epoch + 86_400, end: epoch + 86_400 }));
    lines.push(lineOf({ start: epoch + 90_000, end: epoch + 90_000 }));
    const document = await backtested(writeLog(folder, 'digest.log', lines), '--rules', rules);
    for (const rule of ['any', 'staged']) {
      expect(sumsOf(document, rule)).toEqual({ alerts: 300, escalations: 0, keys: 300, mostADay: 300 });
    }
  });

  it('counts the escalations that the alerts themselves report as updates', async () => {
    const { stdout } = await run('replay', '--json', ...busy, '--rules', some);
    const { alerts } = JSON.parse(stdout) as { alerts: { rule: string; activity_name: string; digest?: unknown }[] };
    const { rules } = await backtested(...busy, '--rules', some);
    for (const { rule, alerts: all, escalations } of rules) {
      const own = alerts.filter((alert) => alert.rule === rule && !alert.digest);
      const updates = own.filter(({ activity_name }) => activity_name === 'Update');
      expect({ rule, all, escalations }).toEqual({ rule, all: own.length, escalations: updates.length });
    }
    expect(rules.some(({ escalations }) => escalations > 0)).toBe(true);
  });

  it('reports no differences when rules are compared with themselves', async () => {
    const { compared } = await backtested(...busy, '--rules', some, '--compare', some);
    expect(compared).toMatchObject({ added: [], removed: [] });
    expect(compared.rules.filter((one) => one.alerts !== one.otherAlerts)).toEqual([]);
  });

  it('reports the alerts that other rules add and remove', async () => {
    const other = editedRules('compared', 'repeated_rejects', 'gt: 10', 'gt: 60');
    writeFileSync(
      join(other, 'to_seven.yml'),
      ruleText('{dstaddr: 10.0.2.7}', 'type: event_count, group-by: [srcaddr], timespan: 1d, condition: {gte: 1}'),
    );
    const { compared } = await backtested(...busy, '--rules', some, '--compare', other);
    const keysOf = async (...args: string[]) => {
      const { rules } = await backtested(...busy, ...args);
      return rules.find(({ rule }) => rule === 'repeated_rejects')!.top.map(({ key }) => key.srcaddr!);
    };
    const [now, then] = [await keysOf('--rules', some), await keysOf('--rules', other)];
    expect(compared.added.map(({ rule }) => rule)).toEqual(compared.added.map(() => 'to_seven'));
    expect(compared.removed.map(({ key }) => key.srcaddr)).toEqual(now.filter((key) => !then.includes(key)).sort());
    expect(compared.removed.length).toBeGreaterThan(0);
    const changed = compared.rules.filter((one) => one.alerts !== one.otherAlerts).map(({ rule }) => rule);
    expect(changed).toEqual(['repeated_rejects', 'to_seven']);
  });

  it('prints the same bytes for any order of the files', async () => {
    const args = ['--rules', some, '--sweep', 'repeated_rejects=20', '--under', '1'];
    const [once, again] = [
      await run('backtest', '--json', ...busy, ...args),
      await run('backtest', '--json', ...busy.toReversed(), ...args),
    ];
    expect(again).toEqual(once);
  });

  const shown = (text: string) =>
    text
      .replaceAll(relative('.', folder), 'logs')
      .replaceAll(folder, 'logs')
      .replace(/ {2,}/g, '  ')
      .replace(/\.yml:\d+:/, '.yml:LINE:');

  it('prints a text with every section', async () => {
    const other = editedRules('other', 'repeated_rejects', 'gt: 10', 'gt: 60');
    const args = ['--rules', some, '--sweep', 'repeated_rejects=20,50', '--under', '2', '--compare', other];
    const { code, stdout, stderr } = await run('backtest', ...busy, ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "Files
        kind  files  size  records
        flow log lines  2  328 kB  3,000

      Lines, from 2026-11-24 09:00:00 to 2026-11-26 02:39:47 (UTC)
        flows  counted  NODATA  SKIPDATA  unreadable
        3,000  3,000  0  0  0

      Alerts by rule, over 3 days (UTC); 1 rule is blind
        rule  status  alerts  escalations  keys  2026-11-24  2026-11-25  2026-11-26
        data_exfiltration  stable  11  2  2  5  6  0
        lateral_movement  stable  10  1  2  3  7  0
        repeated_rejects  stable  9  0  2  4  5  0

      Rules that cannot see these flows, or a part of them
        rule  level  sight
        probe_that_got_in  high  blind: needs tcp-flags
        horizontal_sweep  medium  partly blind: needs tcp-flags
        Add the fields: docs/deploy/log-sources.md#blind-rules

      Keys with the most alerts (up to 3 of each rule)
        rule  key  alerts
        data_exfiltration  10.0.5.0 -> 198.51.100.20  8
        data_exfiltration  10.0.5.1 -> 198.51.100.20  3
        lateral_movement  10.0.3.0  7
        lateral_movement  10.0.3.1  3
        repeated_rejects  10.0.1.0 -> 10.0.2.7  7
        repeated_rejects  10.0.1.1 -> 10.0.2.7  2

      Thresholds of repeated_rejects
        threshold  meaning  alerts  no escalations  mean a day  max a day  keys
        gt 10 (current)  more than 10 flow records  9  9  3.0  5  2
        gt 20  more than 20 flow records  2  2  0.7  1  1
        gt 50  more than 50 flow records  0  0  0.0  0  0

      At most 2 alerts a day
        data_exfiltration: 6 a day; gt 200000000 would have raised 1 a day (loses 1 of 2 keys)
        lateral_movement: 7 a day; gte 20 would have raised 1 a day (loses 1 of 2 keys)
        repeated_rejects: 5 a day; gt 20 would have raised 1 a day (loses 1 of 2 keys)

      With logs/other
        rule  alerts now  alerts with it  keys added  keys removed
        repeated_rejects  9  0  0  2

      Removed
        rule  key  alerts
        repeated_rejects  10.0.1.0 -> 10.0.2.7  7
        repeated_rejects  10.0.1.1 -> 10.0.2.7  2

      Next: edit a threshold in its rule file, or exclude harmless flows with rules silence; replay shows the alerts.
      "
    `);
  });

  it('names active_slots as the number to edit when a rule measures presence', async () => {
    const directory = join(folder, 'presence');
    const correlation = 'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 2}';
    writeLog(directory, 'busy.yml', [
      ruleText('{protocol: 6}', correlation, 'flow_sentinel: {active_slots: {gte: 3}}'),
    ]);
    const lines = [0, 900, 1800].map((seconds) => lineOf({ start: epoch + seconds, end: epoch + seconds }));
    const log = writeLog(folder, 'presence.log', lines);
    const { stdout } = await run('backtest', log, '--rules', directory, '--sweep', 'busy=4');
    expect(shown(stdout)).toContain('active_slots gte 3 (current)  at least 3 active slots  1');
    expect(shown(stdout)).toContain('active_slots gte 4  at least 4 active slots  0');
  });

  it('shows means instead of single days when there are more than seven days', async () => {
    const days = Array.from({ length: 10 }, (_, n) => epoch + n * 86_400);
    const lines = days.flatMap((start, n) =>
      Array.from({ length: 11 }, (_, srcport) =>
        lineOf({ srcaddr: `10.0.1.${n % 3}`, action: 'REJECT', srcport, start, end: start + 30 }),
      ),
    );
    const log = writeLog(folder, 'ten-days.log', lines);
    const { stdout } = await run('backtest', log, '--rules', some, '--sweep', 'repeated_rejects=5');
    expect(shown(stdout)).toContain('Alerts by rule, over 10 days (UTC)');
    expect(shown(stdout)).toContain('rule  status  alerts  escalations  keys  mean a day  max a day');
    expect(shown(stdout)).toContain('repeated_rejects  stable  10  0  3  1.0  1');
    expect(shown(stdout)).toContain('gt 5  more than 5 flow records  10  10  1.0  1  3');
  });

  it('divides by one day when the last flows end after midnight, and one flow has a wrong clock', async () => {
    const midnight = epoch + 15 * 3600;
    const line = (end: number, srcport: number) =>
      lineOf({ srcaddr: '10.0.1.1', action: 'REJECT', srcport, start: end - 30, end });
    const lines = Array.from({ length: 200 }, (_, n) => line(midnight - 190 + n, n));
    const log = writeLog(folder, 'past-midnight.log', [line(midnight - 400 * 86_400, 1), ...lines]);
    const { days, flowsSetAside, rules } = (await backtested(log, '--rules', some)) as Document & {
      days: unknown;
      flowsSetAside: number;
    };
    expect({ days, flowsSetAside }).toEqual({
      days: { first: '2026-11-24', last: '2026-11-24', count: 1 },
      flowsSetAside: 1,
    });
    expect(rules.find(({ rule }) => rule === 'repeated_rejects')!.perDay).toEqual({ '2026-11-24': 2 });
    const { stdout } = await run('backtest', log, '--rules', some);
    expect(stdout).toContain('over 1 day (UTC)');
    expect(stdout).toContain(
      '  1 flow ends more than 3 days apart from the others; days are those from 2026-11-24 23:56:50 to 2026-11-25 00:00:09 (UTC)\n',
    );
  });

  it('adds the alerts of the first minutes after the last day to that day', async () => {
    const midnight = epoch + 15 * 3600;
    const lines = Array.from({ length: 30 }, (_, n) =>
      lineOf({ srcaddr: '10.0.1.1', action: 'REJECT', srcport: n, start: midnight + n - 5, end: midnight + n - 5 }),
    );
    const { rules } = await backtested(writeLog(folder, 'tail.log', lines), '--rules', some);
    expect(rules.find(({ rule }) => rule === 'repeated_rejects')!.perDay).toEqual({ '2026-11-24': 1 });
  });

  it('exits with 2 and uses the other files when a file is truncated', async () => {
    const truncated = join(folder, 'cut.log.gz');
    const complete = gzipSync(randomLines(3, 1000).join('\n'));
    writeFileSync(truncated, complete.subarray(0, complete.length / 2));
    const { code, stdout, stderr } = await run('backtest', ...busy, truncated, '--rules', some);
    expect(code).toBe(2);
    expect(stdout).toContain('Alerts by rule');
    expect(shown(stderr)).toContain('flow-sentinel: logs/cut.log.gz: ');
  });

  it.each([
    ['an unknown rule', ['--sweep', 'rejects=1,2']],
    ['a rule without a threshold', ['--sweep', 'probe_that_got_in=1,2']],
    ['a sweep without numbers', ['--sweep', 'repeated_rejects']],
    ['a sweep with words', ['--sweep', 'repeated_rejects=few,many']],
    ['the other comparison', ['--sweep', 'repeated_rejects:gte=20']],
    ['an unsupported threshold', ['--sweep', 'horizontal_sweep=1M']],
    ['a fraction for an integer measure', ['--sweep', 'repeated_rejects=1.5']],
    ['a word as the number of alerts', ['--under', 'few']],
    ['a missing folder of rules to compare', ['--compare', join(folder, 'nowhere')]],
    ['an unknown option', ['--jsn']],
  ])('exits with 2 and the reason for %s', async (_, args) => {
    const { code, stdout, stderr } = await run('backtest', ...busy, '--rules', some, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(shown(stderr)).toMatchSnapshot();
  });

  it('accepts a path after a sweep', async () => {
    const log = writeLog(folder, 'after.log', [lineOf({ action: 'REJECT' })]);
    const args = ['--json', '--rules', some, '--sweep', 'repeated_rejects=20,50'];
    const { sweeps } = await backtested(...args, log);
    expect(sweeps[0]!.tried.map(({ threshold }) => threshold)).toEqual([10, 20, 50]);
  });

  it.each([
    [['--rule', 'new_country'], 'the rule new_country is off: needs a geo table; give one by --geo FILE'],
    [['--sweep', 'new_country=2'], '--sweep new_country=2 is invalid: the rule new_country is off: needs a geo table'],
  ])('refuses a rule that is off without a geo table: %s', async (words, problem) => {
    const { code, stderr } = await run('backtest', ...busy, ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
  });

  it('prints its help with examples', async () => {
    expect((await run('backtest', '--help')).stdout).toMatchInlineSnapshot(`
      "Usage: flow-sentinel backtest [options] <path...>

      count the alerts that rules would have raised on these logs, and the effect of
      other thresholds

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
        --rules <dir>                 directory of Sigma rules (default: rules/)
        --networks <file>             file of named networks (default: networks.yml
                                      beside the rules)
        --format <fields>             flow log format of files without a header, as
                                      AWS writes it or as field names; repeatable
                                      (default: the AWS default format)
        --sweep <rule=n,n>            other thresholds to try for a rule; repeatable,
                                      once for each rule
        --under <n>                   maximum alerts a day: suggests a threshold for
                                      each rule that exceeds it
        --geo <file>                  table of "geo build", for rules on countries and
                                      AWS Regions (default: no table)
        --compare <dir>               other directory of rules to compare: shows the
                                      alerts that it adds and removes
        --rule <name>                 rule to evaluate; repeatable (default: all)
        --json                        output as one JSON document
        -h, --help                    display help for command

      Each key counts as one alert, also within a digest. Experimental rules count too.

      Examples:
        $ npx flow-sentinel backtest flow-logs/ --sweep repeated_rejects=20,50,100 --sweep data_exfiltration=50M,1G
        $ npx flow-sentinel backtest flow-logs/ --under 5
        $ npx flow-sentinel backtest flow-logs/ --compare my-rules/
      "
    `);
  });
});
