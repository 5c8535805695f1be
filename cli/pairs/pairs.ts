import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { byteSize, duration, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { groupName, plural, printable, scopeName } from '../../lambda/common/text.ts';
import { type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { type CounterKey, isAnyAddress, pairKey } from '../../lambda/counters/counter-key.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import type { KnownAddress } from '../../lambda/names/known-interface.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { alertTable } from '../alerts/alert-table.ts';
import { type LiveAlert, latestAlertsFirst, liveAlerts } from '../alerts/live-alerts.ts';
import { measuredText } from '../alerts/measured-text.ts';
import { currentTime, type LiveTable, type TableOptions, withCounterTable } from '../counter-table/counter-table.ts';
import { countedUntilText } from '../counter-table/live-journal.ts';
import { pairAttributes, pairOf } from '../counter-table/pair-item.ts';
import { parseTime } from '../counter-table/parse-time.ts';
import type { PresentCounter } from '../counter-table/present-counter.ts';
import { interruptedText, type ScanResult, scanSummary } from '../counter-table/scan-table.ts';
import { keyScopeOf, type ScopeOptions, scopeHint } from '../counter-table/scope-options.ts';
import { readSources, type SourceOptions } from '../names/read-sources.ts';
import { scopeHints } from '../names/who-cell.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';
import { busiestFirst, type PairCounter } from '../statistics/pair-counter.ts';
import { pairCell, pairRows } from '../statistics/pair-table.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { heading, table } from '../terminal/text-table.ts';
import { pairQueries } from './pair-queries.ts';
import { type LiveWindow, liveWindows } from './pair-windows.ts';

export interface PairsOptions extends TableOptions, RuleOptions, ScopeOptions, SourceOptions {
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
  const sources = await readSources(options, interrupted);
  const rules = loadRules(compiledRules(options));
  const at = options.at === undefined ? undefined : parseTime(options.at);
  if (source !== undefined && destination !== undefined) {
    await withCounterTable(options, (live) =>
      printPair(pairKey(source, destination, scope), at, rules, live, options, sources),
    );
    return true;
  }
  return withCounterTable(options, (live) =>
    printPairs(source, destination, scope, options, live, interrupted, sources),
  );
}

async function printPair(
  key: CounterKey,
  timeOption: number | undefined,
  rules: LoadedRules,
  live: LiveTable,
  { json }: PairsOptions,
  sources: AddressSources,
): Promise<void> {
  let item: Item | undefined;
  const readStored = async () => {
    item = await live.read(key.pk);
    return item && readCounter(item);
  };
  const present = await live.journal?.present(key.pk, readStored);
  const counter = present ? present.counter : await readStored();
  const { fields, scope } = key;
  const [src, dst] = [fields.get('srcaddr')!, fields.get('dstaddr')!];
  if (!counter) {
    const name = groupName({ srcaddr: src, dstaddr: dst }, scope);
    throw new Error(`no flow of ${name} has been counted, or its counters have expired; ${scopeHint(scope)}`);
  }
  const at = timeOption ?? (await currentTime(live));
  const { bytes, rejects, firstSeen, lastSeen } = counter;
  const pair = { src, dst, ...(scope && { scope }), bytes, rejects, firstSeen, lastSeen };
  const windows = liveWindows(counter, key, rules, at);
  const alerts = liveAlerts(item ?? {}, counter, rules, at).sort(latestAlertsFirst);
  process.stdout.write(
    json
      ? pairJson(pair, at, windows, alerts, present, sources)
      : pairText(pair, at, windows, alerts, rules, present && waitingLine(present), sources),
  );
}

/** Returns the line about what waits in the journal; undefined if nothing does. */
function waitingLine({ waiting, inexact }: PresentCounter): string | undefined {
  if (inexact) {
    const until = inexact.countedUntil > 0 ? `until ${utc(inexact.countedUntil)} UTC` : 'not yet';
    return `  counted     ${until}: ${printable(inexact.reason)}`;
  }
  if (waiting === 0) return undefined;
  return `  in journal  ${plural(waiting, 'update')} of these numbers, which the next flush counts and evaluates`;
}

function pairText(
  pair: PairCounter,
  at: number,
  windows: readonly LiveWindow[],
  alerts: readonly LiveAlert[],
  rules: LoadedRules,
  journalLine: string | undefined,
  sources: AddressSources,
): string {
  const { src, dst, scope, bytes, rejects, firstSeen, lastSeen } = pair;
  const who = pairCell(pair, sources);
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
    ...(who === '' ? [] : [`  who         ${who}`]),
    ...(journalLine === undefined ? [] : [journalLine]),
    '',
    heading(windows.length === 0 ? 'No rule has a window of this pair' : `Windows that end at ${utc(at)} UTC`),
    ...(windows.length === 0 ? [] : [table(['rule', 'value', 'threshold', 'window', ''], rows, [])]),
    ...alertLines(alerts, rules, sources),
  ].join('\n');
}

function alertLines(alerts: readonly LiveAlert[], rules: LoadedRules, sources: AddressSources): string[] {
  return alerts.length === 0
    ? [`${heading('No live alert')}\n`]
    : [heading('Live alerts (times in UTC)'), alertTable(alerts, rules, sources)];
}

function pairJson(
  pair: PairCounter,
  at: number,
  windows: readonly LiveWindow[],
  alerts: readonly LiveAlert[],
  present: PresentCounter | undefined,
  sources: AddressSources,
): string {
  const windowsJson = windows.map(({ rule, window, value, isLowerBound, multiple }) => ({
    ...{ rule: rule.name, level: rule.level, value, valueIsLowerBound: isLowerBound },
    ...{ comparison: rule.comparison, threshold: rule.threshold, multiple: multiple ?? null },
    ...{ timespan: rule.timespanSeconds, window },
  }));
  const journal = present && { waiting: present.waiting, countedUntil: present.inexact?.countedUntil ?? null };
  const document = { pair, at, windows: windowsJson, alerts, ...(journal && { journal }), ...knownOf([pair], sources) };
  return `${JSON.stringify(document, writeQuantities, 2)}\n`;
}

async function printPairs(
  src: string | undefined,
  dst: string | undefined,
  scope: KeyScope | undefined,
  { top, json }: PairsOptions,
  live: LiveTable,
  interrupted: AbortSignal,
  sources: AddressSources,
): Promise<boolean> {
  const selection = `${src === undefined ? `to ${dst}` : `from ${src}`}${scope ? ` in ${scopeName(scope)}` : ''}`;
  let busiest: PairCounter[] = [];
  let total = 0;
  const where = {
    pkBegins: src === undefined ? 'pair#' : `pair#${src}#`,
    ...(dst !== undefined && { texts: { dst } }),
  };
  const countedUntil = await live.journal?.countedUntil();
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
  const until = countedUntil !== undefined && { countedUntil };
  process.stdout.write(
    json
      ? `${JSON.stringify({ pairs: shown, all: total, ...until, read: found, ...knownOf(shown, sources) }, writeQuantities, 2)}\n`
      : pairsText(selection, shown, total, found, countedUntil, sources),
  );
  if (found.isPart) process.stderr.write(interruptedText);
  return !found.isPart;
}

function pairsText(
  selection: string,
  shown: readonly PairCounter[],
  total: number,
  found: ScanResult,
  countedUntil: number | undefined,
  sources: AddressSources,
): string {
  const more = total > shown.length ? `  and ${formatInteger(total - shown.length)} more\n` : '';
  return [
    `${heading(`Pairs ${selection}, the busiest first (times in UTC)`)}\n`,
    pairRows(shown, sources),
    more,
    countedUntil === undefined ? '' : countedUntilText(countedUntil),
    scanSummary(found),
  ].join('');
}

/** Returns who has the addresses of pairs, and the names that led to them, as far as there are sources. */
function knownOf(pairs: readonly PairCounter[], sources: AddressSources) {
  const [names, dns] = [namesOf(pairs, sources), pairQueries(pairs, sources)];
  return { ...(names && { names }), ...(dns && { dns }) };
}

function namesOf(pairs: readonly PairCounter[], { names }: AddressSources): readonly KnownAddress[] | undefined {
  if (!names) return undefined;
  const known = pairs.flatMap(({ src, dst, scope }) =>
    [src, dst].flatMap((address) => names.addressOf(address, scopeHints(scope)) ?? []),
  );
  return [...new Set(known)];
}

function isSameScope(one: KeyScope | undefined, other: KeyScope): boolean {
  return one !== undefined && scopeName(one) === scopeName(other);
}
