import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { byteSize, duration, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { groupName, printable, truncate } from '../../lambda/common/text.ts';
import { anyAddress } from '../../lambda/counters/counter-key.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { valueText } from '../../lambda/rules/value-text.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { AlertSummary } from './alert-summary.ts';
import type { ReplayedFiles } from './replay-files.ts';

/** The most alerts and reasons that are shown. */
export const maxShownAlerts = 50;
const maxShownReasons = 3;

/** What a replay came to, and what it was of. */
export interface ReplayResult {
  readonly replayed: ReplayedFiles;
  /** The busiest first. */
  readonly pairs: readonly PairCounter[];
  readonly alerts: AlertSummary;
  /** Those that judged, by name. */
  readonly rules: ReadonlyMap<string, Rule>;
  readonly paths: readonly string[];
  /** The file that a report was written to. */
  readonly report: string | undefined;
}

/** What a replay came to, for people. */
export function replayText({ replayed, pairs, alerts, rules, ...asked }: ReplayResult): string {
  return [
    summaryText(replayed),
    pairTable(pairs),
    alertTable(alerts, rules),
    ruleTable(alerts, rules),
    nextText(alerts, asked),
  ].join('\n');
}

/** What to do next: look at the report, at a host that is alerted on, and at rules that alert too often. */
function nextText({ firstAlerts }: AlertSummary, { paths, report }: Pick<ReplayResult, 'paths' | 'report'>): string {
  const where = paths.length === 1 ? shellQuote(paths[0]!) : 'PATH...';
  const host = firstAlerts.flatMap(({ key }) => key['srcaddr'] ?? []).find((one) => one !== anyAddress);
  const steps = [
    report === undefined ? '--report FILE.html makes a page of it' : `open ${printable(report)}`,
    ...(host === undefined ? [] : [`flow-sentinel hunt host ${host} ${where} shows what else the host did`]),
    ...(firstAlerts.length === 0 ? [] : [`flow-sentinel backtest ${where} --under 5 shows how to have fewer alerts`]),
  ];
  return `Next: ${steps.join('\n      ')}\n`;
}

/** What was read, and what its lines were. */
export function summaryText({ files, records, period }: ReplayedFiles): string {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const rows = [...Map.groupBy(files, ({ kind }) => kind ?? 'not read')].map(([kind, all]) => [
    kind,
    formatInteger(all.length),
    byteSize(sum(all.map(({ bytes }) => bytes))),
    formatInteger(sum(all.map((file) => file.records))),
  ]);
  const { flows, counted, noData, skipData, unreadable, reasons } = records;
  const lines = [flows, counted, noData, skipData, unreadable].map(formatInteger);
  const why = reasons
    .slice(0, maxShownReasons)
    .map(
      (one) =>
        `  ${formatInteger(one.lines)} unreadable: ${printable(one.reason)}, such as: ${truncate(printable(one.example), 100)}\n`,
    );
  const times = period ? `, from ${utc(period.from)} to ${utc(period.to)} (UTC)` : '';
  return [
    heading('Files'),
    table(['what', 'files', 'size', 'records'], rows, [1, 2, 3]),
    heading(`Lines${times}`),
    table(['flows', 'counted', 'NODATA', 'SKIPDATA', 'unreadable'], [lines], [0, 1, 2, 3, 4]) + why.join(''),
  ].join('\n');
}

function alertTable({ firstAlerts, messages }: AlertSummary, rules: ReadonlyMap<string, Rule>): string {
  if (messages === 0) return `${heading('No alert')}\n`;
  const rows = firstAlerts.map((alert) => alertRow(alert, rules.get(alert.rule)));
  const left = messages - firstAlerts.length;
  const more = left > 0 ? `  and ${formatInteger(left)} more; --alerts FILE keeps them all\n` : '';
  const title = `${formatInteger(messages)} alert${messages === 1 ? '' : 's'} (times in UTC)`;
  return `${heading(title)}\n${table(['time', 'level', 'rule', 'key', 'value', 'threshold'], rows, [])}${more}`;
}

function alertRow(
  { time, level, rule, key, value, timespan, ended, digest }: AlertBody,
  by: Rule | undefined,
): string[] {
  const others = digest ? ` and ${formatInteger(digest.alerts - 1)} more` : '';
  const measured = by ? `${valueText(value, by.correlation)} in ${duration(timespan)}` : formatInteger(value);
  const isOfSteps = by?.correlation.type.startsWith('temporal') ?? true;
  return [
    utc(Math.floor(time / 1000)),
    level,
    rule,
    `${groupName(key)}${others}`,
    ended ? 'has ended' : measured,
    by && !isOfSteps ? thresholdText(by) : '',
  ];
}

function ruleTable({ byRule }: AlertSummary, rules: ReadonlyMap<string, Rule>): string {
  const found = [...byRule].sort(([a, one], [b, other]) => other.alerts - one.alerts || (a < b ? -1 : 1));
  const rows = found.map(([name, { alerts, keys, hasMoreKeys, first, last }]) => [
    name,
    rules.get(name)?.level ?? '-',
    formatInteger(alerts),
    `${formatInteger(keys.size)}${hasMoreKeys ? '+' : ''}`,
    utc(first),
    utc(last),
  ]);
  const silent = [...rules.keys()].filter((name) => !byRule.has(name));
  const others = silent.length > 0 ? `  nothing of: ${silent.join(', ')}\n` : '';
  if (rows.length === 0) return `${heading('Rules')}\n${others}`;
  return `${heading('Rules')}\n${table(['rule', 'level', 'alerts', 'keys', 'first', 'last'], rows, [2, 3])}${others}`;
}
