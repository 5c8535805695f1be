import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type CountingOptions, flushSecondsOf } from '../../cli/replay/counting.ts';
import { InputError } from '../../cli/terminal/input-error.ts';
import { heading, table } from '../../cli/terminal/text-table.ts';
import { scenarioOf } from '../../events/corpus.ts';
import { groupBy } from '../../events/scenarios/labels.ts';
import { styleNames } from '../../events/style-names.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { replayScenario } from './replay-scenario.ts';
import { rulesOfStyle } from './rules-of-style.ts';
import { type Difference, failsOf, type Outcome, type RuleScore, scoreOf } from './score.ts';

export interface DetectionsOptions extends CountingOptions {
  /** Measures one style only; default: all. */
  readonly style?: string;
  readonly json?: boolean;
  /** Writes the table into docs/rules/detection-quality.md. */
  readonly write?: boolean;
}

/** The measured scores: traffic per style, and a score per rule. */
export interface Detections {
  readonly styles: readonly { readonly style: string; readonly records: number; readonly alerts: number }[];
  readonly rules: readonly RuleScore[];
}

/** The page with the table. */
export const detectionsPage = join(import.meta.dirname, '../../docs/rules/detection-quality.md');

/**
 * Measures every rule on the labelled corpus and prints the scores.
 *
 * @returns whether no stable rule missed an attack or raised a false alert
 * @throws InputError if `write` and `style` are both given, or the page lacks the markers of the table
 */
export async function detections({ style, json, write, ...counting }: DetectionsOptions): Promise<boolean> {
  if (write && style !== undefined) throw new InputError('--write needs all styles: remove --style');
  const measured = await measure(style === undefined ? styleNames : [style], flushSecondsOf(counting));
  if (write) writePage(measured);
  process.stdout.write(json ? `${JSON.stringify(measured, null, 2)}\n` : textOf(measured));
  return failsOf(measured.rules).length === 0;
}

/**
 * Replays the styles and compares the alerts of the default rules with the planted attacks.
 *
 * @param flushSeconds seconds from one flush of a journal to the next (default: counts directly)
 */
export async function measure(styles: readonly string[], flushSeconds?: number): Promise<Detections> {
  const rules = loadRules(compileRuleDirectory(undefined, undefined, { hasContext: true }));
  const outcomes: Outcome[] = [];
  const sums: Detections['styles'][number][] = [];
  for (const style of styles) {
    const scenario = scenarioOf(style);
    const planted = [...scenario.attacks, { name: 'events', labels: scenario.context?.labels ?? [] }];
    const labels = planted.flatMap(({ name, labels: all }) => all.map((label) => ({ label, attack: name })));
    const hasContext = scenario.context !== undefined;
    const ofStyle = loadRules(rulesOfStyle(style, { hasContext }));
    const { records, alerts } = await replayScenario(scenario, ofStyle, flushSeconds, (part) => progress(style, part));
    outcomes.push({ style, labels, alerts });
    sums.push({ style, records, alerts: alerts.length });
  }
  progress();
  const names = [...new Set([...Object.keys(groupBy), ...rules.rules.keys()])];
  return { styles: sums, rules: names.map((name) => scoreOf(name, statusOf(name, rules), outcomes)) };
}

function statusOf(name: string, { rules }: LoadedRules): RuleScore['status'] {
  return rules.get(name)?.status ?? 'missing';
}

function progress(style = '', part = 1): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(style === '' ? '\r\u001b[K' : `\r${style}: ${Math.round(part * 100)} %\u001b[K`);
}

const head = ['rule', 'status', 'attacks', 'found', 'false alerts', 'precision', 'recall'];
const numbers = [2, 3, 4, 5, 6];

function rowOf({ rule, status, attacks, found, falseAlerts, precision, recall }: RuleScore): string[] {
  if (status === 'missing') return [rule, status, formatInteger(attacks), '-', '-', '-', '-'];
  const part = (value: number | null) => (value === null ? '-' : (Math.floor(value * 1000) / 1000).toString());
  return [
    rule,
    status,
    formatInteger(attacks),
    formatInteger(found),
    formatInteger(falseAlerts.length),
    part(precision),
    part(recall),
  ];
}

function textOf({ styles, rules }: Detections): string {
  const differences = rules.flatMap(({ rule, status, missed, falseAlerts }) => [
    ...(status === 'missing' ? [] : missed.map((one) => [`missed  ${rule}`, ...differenceText(one)])),
    ...falseAlerts.map((one) => [`false   ${rule}`, ...differenceText(one)]),
  ]);
  return [
    heading('Traffic'),
    table(
      ['style', 'records', 'alerts'],
      styles.map((one) => [one.style, formatInteger(one.records), formatInteger(one.alerts)]),
      [1, 2],
    ),
    heading('Rules'),
    table(head, rules.map(rowOf), numbers),
    ...(differences.length === 0
      ? ['No false alerts, and no missed attacks.\n']
      : [
          heading('Missed attacks and false alerts (times in UTC)'),
          table(['what', 'key', 'from', 'to', 'where'], differences, []),
        ]),
  ].join('\n');
}

function differenceText({ style, key, from, to, attack }: Difference): string[] {
  return [Object.values(key).join(' '), utc(from), utc(to), attack === undefined ? style : `${style}: ${attack}`];
}

const [tableBegin, tableEnd] = ['<!-- table:begin -->', '<!-- table:end -->'];

/** Formats the scores as the Markdown table of the page. */
export function pageTable({ styles, rules }: Detections): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const records = styles.map((one) => `${one.style} ${formatInteger(one.records)}`).join(', ');
  const rule = line(head.map((_, column) => (numbers.includes(column) ? '--:' : '---')));
  return `${line(head)}${rule}${rules.map(rowOf).map(line).join('')}\nRecords: ${records}.\n`;
}

/** Returns the text between the markers of a page; undefined if a marker is missing. */
export function shownTable(page: string): string | undefined {
  const [begin, end] = [page.indexOf(tableBegin), page.indexOf(tableEnd)];
  return begin < 0 || end < begin ? undefined : page.slice(begin + tableBegin.length, end).trim();
}

function writePage(measured: Detections): void {
  const page = existsSync(detectionsPage) ? readFileSync(detectionsPage, 'utf8') : '';
  if (shownTable(page) === undefined) {
    const name = relative(process.cwd(), detectionsPage);
    throw new InputError(`${name} lacks the markers of the table: add the lines ${tableBegin} and ${tableEnd}`);
  }
  const [before, after] = [page.slice(0, page.indexOf(tableBegin)), page.slice(page.indexOf(tableEnd))];
  writeFileSync(detectionsPage, `${before}${tableBegin}\n${pageTable(measured)}${after}`);
}
