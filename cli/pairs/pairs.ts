import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { byteSize, duration, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { groupName, scopeName } from '../../lambda/common/text.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import { type CounterKey, isAnyAddress, pairKey } from '../../lambda/counters/counter-key.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { alertTable } from '../alerts/alert-table.ts';
import { type LiveAlert, latestAlertsFirst, liveAlerts } from '../alerts/live-alerts.ts';
import { measuredText } from '../alerts/measured-text.ts';
import { currentTime, type LiveTable, type TableOptions, withCounterTable } from '../counter-table/counter-table.ts';
import { pairAttributes, pairOf } from '../counter-table/pair-item.ts';
import { parseTime } from '../counter-table/parse-time.ts';
import { interruptedText, type ScanResult, scanSummary } from '../counter-table/scan-table.ts';
import { keyScopeOf, type ScopeOptions } from '../counter-table/scope-options.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';
import { busiestFirst, type PairCounter } from '../statistics/pair-counter.ts';
import { pairRows } from '../statistics/pair-table.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { heading, table } from '../terminal/text-table.ts';
import { type LiveWindow, liveWindows } from './pair-windows.ts';

export interface PairsOptions extends TableOptions, RuleOptions, ScopeOptions {
  readonly to?: string;
  readonly top: number;
  /** The time at which windows end and alerts are live (default: see `currentTime`). */
  readonly at?: string;
  readonly json?: boolean;
}

/**
 * Prints the counters of one pair, or of all pairs from or to an address.
 *
 * @param interrupted fires when the user interrupts the command
 * @returns whether the table was read to its end
 * @throws InputError if an address is invalid or the table cannot be read; Error if no such pair was counted
 */
export async function pairs(
  src: string | undefined,
  dst: string | undefined,
  options: PairsOptions,
  interrupted: AbortSignal,
): Promise<boolean> {
  const [source, target, to] = [src, dst, options.to].map((text) =>
    text === undefined || isAnyAddress(text) ? text : parseAddress(text),
  );
  if (target !== undefined && to !== undefined) {
    throw new InputError('the destination is given twice; give either the second argument or --to');
  }
  const destination = target ?? to;
  if (source === undefined && destination === undefined) {
    throw new InputError(
      'the addresses are missing; give a source, a source and a destination, or --to and a destination',
    );
  }
  const scope = keyScopeOf(options);
  const rules = loadRules(compiledRules(options));
  const at = options.at === undefined ? undefined : parseTime(options.at);
  if (source !== undefined && destination !== undefined) {
    await withCounterTable(options, (live) => printPair(pairKey(source, destination, scope), at, rules, live, options));
    return true;
  }
  return withCounterTable(options, (live) => printPairs(source, destination, scope, options, live, interrupted));
}

async function printPair(
  key: CounterKey,
  timeOption: number | undefined,
  rules: LoadedRules,
  live: LiveTable,
  { json }: PairsOptions,
): Promise<void> {
  const item = await live.read(key.pk);
  const pair = item && pairOf(item);
  if (!item || !pair) {
    const name = groupName({ srcaddr: key.fields.get('srcaddr')!, dstaddr: key.fields.get('dstaddr')! }, key.scope);
    const hint = key.scope ? '' : '; with the setting scope, add --account';
    throw new Error(`no flow of ${name} has been counted, or its counters have expired${hint}`);
  }
  const at = timeOption ?? (await currentTime(live));
  const counter = readCounter(item);
  const windows = liveWindows(counter, key, rules, at);
  const alerts = liveAlerts(item, counter, rules, at).sort(latestAlertsFirst);
  process.stdout.write(json ? pairJson(pair, at, windows, alerts) : pairText(pair, at, windows, alerts, rules));
}

function pairText(
  { src, dst, scope, bytes, rejects, firstSeen, lastSeen }: PairCounter,
  at: number,
  windows: readonly LiveWindow[],
  alerts: readonly LiveAlert[],
  rules: LoadedRules,
): string {
  const exact = bytes < 1000 ? byteSize(bytes) : `${byteSize(bytes)} (${formatInteger(bytes)} bytes)`;
  const rows = windows.map(({ rule, value, isLowerBound, multiple }) => [
    rule.name,
    measuredText(rule, value, isLowerBound, multiple !== undefined),
    thresholdText(rule),
    duration(rule.timespanSeconds),
    multiple === undefined ? '' : multiple === 1 ? 'exceeded' : `exceeded ${formatInteger(multiple)}-fold`,
  ]);
  return [
    heading(groupName({ srcaddr: src, dstaddr: dst }, scope)),
    `  accepted    ${exact}`,
    `  rejects     ${formatInteger(rejects)}`,
    `  first seen  ${utc(firstSeen)} UTC`,
    `  last seen   ${utc(lastSeen)} UTC`,
    '',
    heading(windows.length === 0 ? 'No rule has a window of this pair' : `Windows that end at ${utc(at)} UTC`),
    ...(windows.length === 0 ? [] : [table(['rule', 'value', 'threshold', 'window', ''], rows, [])]),
    ...alertLines(alerts, rules),
  ].join('\n');
}

function alertLines(alerts: readonly LiveAlert[], rules: LoadedRules): string[] {
  return alerts.length === 0
    ? [`${heading('No live alert')}\n`]
    : [heading('Live alerts (times in UTC)'), alertTable(alerts, rules)];
}

function pairJson(pair: PairCounter, at: number, windows: readonly LiveWindow[], alerts: readonly LiveAlert[]): string {
  const windowsJson = windows.map(({ rule, window, value, isLowerBound, multiple }) => ({
    ...{ rule: rule.name, level: rule.level, value, valueIsLowerBound: isLowerBound },
    ...{ comparison: rule.comparison, threshold: rule.threshold, multiple: multiple ?? null },
    ...{ timespan: rule.timespanSeconds, window },
  }));
  return `${JSON.stringify({ pair, at, windows: windowsJson, alerts }, writeQuantities, 2)}\n`;
}

async function printPairs(
  src: string | undefined,
  dst: string | undefined,
  scope: KeyScope | undefined,
  { top, json }: PairsOptions,
  live: LiveTable,
  interrupted: AbortSignal,
): Promise<boolean> {
  const selection = `${src === undefined ? `to ${dst}` : `from ${src}`}${scope ? ` in ${scopeName(scope)}` : ''}`;
  let busiest: PairCounter[] = [];
  let total = 0;
  const where = {
    pkBegins: src === undefined ? 'pair#' : `pair#${src}#`,
    ...(dst !== undefined && { texts: { dst } }),
  };
  const found = await live.scan({ attributes: pairAttributes, where, interrupted }, (item) => {
    const pair = pairOf(item);
    if (!pair || (scope && !isSameScope(pair.scope, scope))) return;
    total += 1;
    busiest.push(pair);
    if (busiest.length >= 2 * top + 1000) busiest = busiest.sort(busiestFirst).slice(0, top);
  });
  const shown = busiest.sort(busiestFirst).slice(0, top);
  if (total === 0 && !found.isPart) {
    throw new Error(`no flow ${selection} has been counted, or its counters have expired`);
  }
  process.stdout.write(
    json
      ? `${JSON.stringify({ pairs: shown, all: total, read: found }, writeQuantities, 2)}\n`
      : pairsText(selection, shown, total, found),
  );
  if (found.isPart) process.stderr.write(interruptedText);
  return !found.isPart;
}

function pairsText(selection: string, shown: readonly PairCounter[], total: number, found: ScanResult): string {
  const more = total > shown.length ? `  and ${formatInteger(total - shown.length)} more\n` : '';
  return [
    `${heading(`Pairs ${selection}, the busiest first (times in UTC)`)}\n`,
    pairRows(shown),
    more,
    scanSummary(found),
  ].join('');
}

function isSameScope(one: KeyScope | undefined, other: KeyScope): boolean {
  return one !== undefined && scopeName(one) === scopeName(other);
}
