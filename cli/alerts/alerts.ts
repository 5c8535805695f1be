import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { compareStandings } from '../../lambda/alert/digest-order.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { currentTime, type TableOptions, withCounterTable } from '../counter-table/counter-table.ts';
import { countedUntilText } from '../counter-table/live-journal.ts';
import { parseTime } from '../counter-table/parse-time.ts';
import { interruptedText, type ScanResult, scanSummary } from '../counter-table/scan-table.ts';
import { isInRange, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { readSources, type SourceOptions } from '../names/read-sources.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import { alertTable, maxShownValues } from './alert-table.ts';
import { type LiveAlert, latestAlertsFirst, liveAlerts, type RankedAlert, rankAlert } from './live-alerts.ts';

/** The common options of the commands on alerts. */
export interface AlertOptions extends TableOptions, RuleOptions {
  /** The time to evaluate at (default: see `currentTime`). */
  readonly at?: string;
  readonly json?: boolean;
}

/** The options of the list; the range limits the times at which alerts were raised. */
export interface ListOptions extends AlertOptions, TimeRangeOptions, SourceOptions {
  readonly rule?: string;
  readonly src?: string;
  /** A part of any value of the key, or of its account or VPC. */
  readonly key?: string;
}

/**
 * Prints the live alerts: the latest first; those of one rule in the order of a digest.
 *
 * @param interrupted fires when the user interrupts the command
 * @returns whether the table was read to its end
 */
export async function listAlerts(options: ListOptions, interrupted: AbortSignal): Promise<boolean> {
  const src = options.src === undefined ? undefined : canonicalAddress(options.src);
  if (options.src !== undefined && src === undefined) {
    throw new InputError(`--src is invalid: got ${JSON.stringify(options.src)}, expected an address such as 10.0.1.5`);
  }
  const given = options.at === undefined ? undefined : parseTime(options.at);
  const range = timeRangeOf(options);
  const sources = await readSources(options, interrupted);
  const rules = loadRules(compiledRules(options));
  const isSelected = ({ rule, key, scope, arrival }: LiveAlert) =>
    (range === undefined || isInRange(arrival, range)) &&
    (options.rule === undefined || rule === options.rule) &&
    (src === undefined || key.srcaddr === src) &&
    (options.key === undefined || Object.values({ ...key, ...scope }).some((value) => value.includes(options.key!)));
  return withCounterTable(options, async (live) => {
    const at = given ?? (await currentTime(live));
    const ranked: RankedAlert[] = [];
    let total = 0;
    const countedUntil = await live.journal?.countedUntil();
    const found = await live.scan({ interrupted }, (item) => {
      const counter = readCounter(item);
      const itemAlerts = liveAlerts(item, counter, rules, at, options.json ? undefined : maxShownValues);
      total += itemAlerts.length;
      const pk = item.pk && 'S' in item.pk ? item.pk.S : '';
      ranked.push(...itemAlerts.filter(isSelected).map((alert) => rankAlert(alert, pk, counter, rules)));
    });
    ranked.sort((a, b) =>
      options.rule === undefined ? latestAlertsFirst(a.alert, b.alert) : compareStandings(a.standing, b.standing),
    );
    const alerts = ranked.map(({ alert }) => alert);
    const document = { at, alerts, ...(countedUntil !== undefined && { countedUntil }), read: found };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(document, writeQuantities, 2)}\n`
        : listText(alerts, headOf(alerts.length, total, options), at, found, countedUntil, rules, sources),
    );
    if (found.isPart) process.stderr.write(interruptedText);
    return !found.isPart;
  });
}

/** Returns the first line. @param total live alerts of all rules and keys, which helps to notice a misspelt option */
function headOf(shown: number, total: number, { rule, src, key, from, to }: ListOptions): string {
  if (shown > 0) return `${plural(shown, 'alert')} ${shown === 1 ? 'is' : 'are'} live`;
  if (total === 0) return 'No alert is live';
  const selection = [
    ...(rule === undefined ? [] : [`--rule ${rule}`]),
    ...(src === undefined ? [] : [`--src ${src}`]),
    ...(key === undefined ? [] : [`--key ${JSON.stringify(key)}`]),
    ...(from === undefined ? [] : [`--from ${utc(from)}`]),
    ...(to === undefined ? [] : [`--to ${utc(to)}`]),
  ];
  return printable(`No live alert matches ${selection.join(' ')} (total: ${formatInteger(total)})`);
}

function listText(
  alerts: readonly LiveAlert[],
  head: string,
  at: number,
  found: ScanResult,
  countedUntil: number | undefined,
  rules: LoadedRules,
  sources: AddressSources,
): string {
  return [
    `${head} at ${utc(at)} UTC\n`,
    alerts.length === 0 ? '' : alertTable(alerts, rules, sources),
    countedUntil === undefined ? '' : countedUntilText(countedUntil),
    scanSummary(found),
  ].join('');
}
