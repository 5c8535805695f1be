import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backtestFiles } from '../../../cli/backtest/backtest.ts';
import { seededRandom } from '../../../events/scenarios/random.ts';
import { epoch, lineOf } from '../../support/flows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();

const detection = (name: string, selection: string) => `title: Some flow ${name}
name: ${name}
logsource: {product: aws, service: vpcflow}
detection: {selection: ${selection}, condition: selection}
`;

/** Rule files by kind of correlation, with the given threshold. */
const kinds: Readonly<Record<string, (threshold: number) => string>> = {
  event_count: (n) =>
    `${detection('a', '{action: REJECT}')}---
title: Count
correlation: {type: event_count, rules: [a], group-by: [srcaddr], timespan: 30m, condition: {gt: ${n}}}
`,
  value_sum: (n) =>
    `${detection('b', '{action: ACCEPT}')}---
title: Sum
correlation: {type: value_sum, rules: [b], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {field: bytes, gte: ${n}}}
`,
  value_avg: (n) =>
    `${detection('c', '{action: ACCEPT}')}---
title: Average
correlation: {type: value_avg, rules: [c], group-by: [dstaddr], timespan: 20m, condition: {field: bytes, gte: ${n}}}
`,
  value_percentile: (n) =>
    `${detection('d', '{action: ACCEPT}')}---
title: Percentile
correlation: {type: value_percentile, rules: [d], group-by: [dstaddr], timespan: 20m, condition: {field: bytes, gte: ${n}, percentile: 50}}
`,
  value_count: (n) =>
    `${detection('e', '{dstport|exists: true}')}---
title: Distinct
correlation: {type: value_count, rules: [e], group-by: [srcaddr], timespan: 1h, condition: {field: dstport, gte: ${n}}}
alert: {suppress: 10m}
`,
  aliased: (n) =>
    `${detection('f', '{action: REJECT}')}---
${detection('g', '{action: ACCEPT}')}---
title: At either end
correlation:
  type: event_count
  rules: [f, g]
  aliases: {host: {f: srcaddr, g: dstaddr}}
  group-by: [host]
  timespan: 30m
  condition: {gte: ${n}}
`,
  silent: (n) =>
    `${detection('h', '{dstport: 22}')}---
${detection('i', '{srcaddr|exists: true}')}---
title: Silent
correlation: {type: event_count, rules: [h], group-by: [srcaddr], timespan: 1h, condition: {gte: ${n}}}
flow_sentinel: {silent: {for: 6m, while: i}}
`,
};

function rulesWith(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  for (const [rule, text] of Object.entries(files)) writeFileSync(join(directory, `${rule}.yml`), text);
  return directory;
}

function someLog(): string {
  const random = seededRandom(11);
  const lines = Array.from({ length: 2500 }, (_, n) => {
    const start = epoch + n * 6;
    const host = Math.floor((random.below(6) * random.below(6)) / 6);
    return lineOf({
      ...{
        srcaddr: `10.0.1.${host}`,
        dstaddr: `10.0.2.${random.below(3)}`,
        dstport: random.pick([22, 80, 443, 5432, 8080]),
      },
      ...{ bytes: random.below(2000) * random.below(2000), action: random.pick(['ACCEPT', 'REJECT']) },
      ...{ start, end: start + random.below(30) },
    });
  });
  return writeLog(folder, 'some.log', lines);
}

const log = someLog();
const kindNames = byTier(['event_count', 'value_count', 'silent'], Object.keys(kinds));
const never = new AbortController().signal;
const own = 3;
const tried: Readonly<Record<string, readonly number[]>> = {
  event_count: [10, 60],
  value_sum: [20_000_000, 60_000_000],
  value_avg: [1_400_000, 2_500_000],
  value_percentile: [900_000, 2_500_000],
  value_count: [2, 5],
  aliased: [60, 150],
  silent: [1, 5],
};

describe('a variant', () => {
  it('has the alerts of the rule with that threshold, for every kind, among other rules', async () => {
    const files = Object.fromEntries(kindNames.map((name) => [name, kinds[name]!(own)]));
    const sweep = kindNames.map((name) => `${name}=${tried[name]!.join(',')}`);
    const options = { rules: rulesWith('all', files), sweep, under: 1 };
    const { sweeps, rules } = await backtestFiles([log], options, never);
    for (const { rule, tried: rows } of sweeps) {
      for (const { threshold, statistics } of rows) {
        const text = kinds[rule.name]!(threshold);
        const alone = rulesWith(`${rule.name}-${threshold}`, { [rule.name]: text });
        const [expected] = (await backtestFiles([log], { rules: alone }, never)).rules;
        const sums = ({ alerts, escalations, keys, days }: typeof statistics) => ({ alerts, escalations, keys, days });
        expect({ rule: rule.name, threshold, ...sums(statistics) }).toEqual({
          ...{ rule: rule.name, threshold },
          ...sums(expected!.statistics),
        });
      }
    }
    expect(rules.map(({ rule }) => rule.name)).toEqual(kindNames.toSorted());
    // The thresholds of a rule give different numbers of alerts; otherwise the comparison would prove little.
    const counts = sweeps.map(({ rule, tried: rows }) => [
      rule.name,
      new Set(rows.map(({ statistics }) => statistics.alerts)).size,
    ]);
    expect(counts.filter(([, different]) => different === 1)).toEqual([]);
    expect(counts).toHaveLength(kindNames.length);
  });

  it('of a single detection requires the swept number of flows', async () => {
    const alone = rulesWith('alone', { alone: detection('alone', '{action: REJECT, dstport: 22}') });
    const { sweeps } = await backtestFiles([log], { rules: alone, sweep: ['alone=4'] }, never);
    const text = `${detection('one', '{action: REJECT, dstport: 22}')}---
title: Four
correlation: {type: event_count, rules: [one], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 4}}
`;
    const { rules } = await backtestFiles([log], { rules: rulesWith('four', { four: text }) }, never);
    const [first, four] = sweeps[0]!.tried;
    expect([first!.threshold, four!.threshold]).toEqual([1, 4]);
    expect(four!.statistics.alerts).toBe(rules[0]!.statistics.alerts);
    expect(first!.statistics.keys).toBeGreaterThan(four!.statistics.keys);
    expect(four!.statistics.alerts).toBeGreaterThan(0);
  });
});
