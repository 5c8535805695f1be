import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { withCounterTable, currentTime, type TableOptions } from '../counter-table/counter-table.ts';
import { parseTime } from '../counter-table/parse-time.ts';
import { type ScanResult, interruptedText, scanSummary } from '../counter-table/scan-table.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';
import { InputError } from '../terminal/input-error.ts';
import { alertTable } from './alert-table.ts';
import { type LiveAlert, latestAlertsFirst, liveAlerts } from './live-alerts.ts';

/** What the commands on alerts have in common. */
export interface AlertOptions extends TableOptions, RuleOptions {
  /** The moment that is taken for now. */
  readonly at?: string;
  readonly json?: boolean;
}

export interface ListOptions extends AlertOptions {
  readonly rule?: string;
  readonly src?: string;
  /** Text that a value of the key holds. */
  readonly key?: string;
}

/**
 * Prints the alerts that are live.
 *
 * @param interrupted fires when the user has waited long enough
 * @returns whether the table was read to its end
 */
export async function listAlerts(options: ListOptions, interrupted: AbortSignal): Promise<boolean> {
  const src = options.src === undefined ? undefined : canonicalAddress(options.src);
  if (options.src !== undefined && src === undefined) {
    throw new InputError(`--src takes an address such as 10.0.1.5, got ${JSON.stringify(options.src)}`);
  }
  const given = options.at === undefined ? undefined : parseTime(options.at);
  const rules = loadRules(compiledRules(options));
  const isAsked = ({ rule, key }: LiveAlert) =>
    (options.rule === undefined || rule === options.rule) &&
    (src === undefined || key.srcaddr === src) &&
    (options.key === undefined || Object.values(key).some((value) => value.includes(options.key!)));
  return withCounterTable(options, async (live) => {
    const at = given ?? (await currentTime(live));
    const alerts: LiveAlert[] = [];
    let all = 0;
    const found = await live.scan({ interrupted }, (item) => {
      const live = liveAlerts(item, readCounter(item), rules, at);
      all += live.length;
      alerts.push(...live.filter(isAsked));
    });
    alerts.sort(latestAlertsFirst);
    const document = { at, alerts, read: found };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(document, writeQuantities, 2)}\n`
        : listText(alerts, headOf(alerts.length, all, options), at, found, rules),
    );
    if (found.isPart) process.stderr.write(interruptedText);
    return !found.isPart;
  });
}

/** @param all how many are live, whoever is asked for: a misspelt name finds none of them */
function headOf(shown: number, all: number, { rule, src, key }: ListOptions): string {
  if (shown > 0) return `${plural(shown, 'alert')} ${shown === 1 ? 'is' : 'are'} live`;
  if (all === 0) return 'No alert is live';
  const asked = [
    ...(rule === undefined ? [] : [`of ${rule}`]),
    ...(src === undefined ? [] : [`from ${src}`]),
    ...(key === undefined ? [] : [`with ${JSON.stringify(key)} in its key`]),
  ];
  return printable(`No alert ${asked.join(' ')} is live, of ${formatInteger(all)},`);
}

function listText(alerts: readonly LiveAlert[], head: string, at: number, found: ScanResult, rules: LoadedRules): string {
  return `${head} at ${utc(at)} UTC\n${alerts.length === 0 ? '' : alertTable(alerts, rules)}${scanSummary(found)}`;
}
