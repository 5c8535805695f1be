import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { distinctText } from '../../lambda/alert/distinct-text.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { groupName, printable, scopeName, truncate } from '../../lambda/common/text.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { distinctNoun } from '../../lambda/rules/value-text.ts';
import { keyCell } from '../names/who-cell.ts';
import { table } from '../terminal/text-table.ts';
import type { LiveAlert } from './live-alerts.ts';
import { measuredText } from './measured-text.ts';

/** Characters of an id that are shown. */
const shownIdLength = 12;

const columns = ['alerted', 'level', 'rule', 'key', 'value', 'times', 'suppresses until', 'suppressed', 'id'];

/** Distinct values of an alert that are shown. */
export const maxShownValues = 10;

/**
 * Returns a table of live alerts. Keys and reasons are escaped, so that each alert stays on one line; a second line has
 * the distinct values of an alert that counts these.
 *
 * @param sources what says who has the addresses, and where they lead (default: nothing)
 */
export function alertTable(alerts: readonly LiveAlert[], loaded: LoadedRules, sources: AddressSources = {}): string {
  const { rules } = loaded;
  const who = alerts.map(({ key, scope, window }) => keyCell(key, scope, sources, window));
  const hasNames = who.some((cell) => cell !== '');
  const rows = alerts.map((alert, index) => {
    const rule = rules.get(alert.rule);
    return [
      utc(alert.arrival),
      alert.level ?? '-',
      printable(alert.rule),
      `${truncate(groupName(alert.key), 80)}${alert.scope ? ` in ${scopeName(alert.scope)}` : ''}`,
      rule ? measuredText(rule, alert.value, alert.valueIsLowerBound, true) : formatInteger(alert.value),
      formatInteger(alert.multiple),
      utc(alert.until),
      formatInteger(alert.heldBack),
      alert.id.slice(0, shownIdLength),
      ...(hasNames ? [who[index]!] : []),
      stateText(alert),
    ];
  });
  const [head, ...lines] = table([...columns, ...(hasNames ? ['who'] : []), ''], rows, [5, 7]).split('\n');
  const withValues = alerts.flatMap((alert, index) => [lines[index]!, ...valueLines(alert, loaded)]);
  return [head, ...withValues, ''].join('\n');
}

/** Returns a line with the distinct values; none if the counter holds none of the rule as the rule is now. */
function valueLines({ rule, distinct, valueIsLowerBound }: LiveAlert, { rules }: LoadedRules): string[] {
  const correlation = rules.get(rule)?.correlation;
  if (!distinct || correlation?.type !== 'value_count') return [];
  if (distinct.values.length === 0 && !distinct.hashes) return [];
  return [`    all ${distinctNoun(correlation)}: ${distinctText(distinct, valueIsLowerBound, maxShownValues)}`];
}

/** Returns the unusual states of an alert; empty for one that was sent. */
function stateText({ state, logOnly, silence }: LiveAlert): string {
  return [
    ...(state === 'sent' ? [] : [state]),
    ...(logOnly ? ['logged only'] : []),
    ...(silence ? [`silenced until ${utc(silence.until)}: ${printable(silence.reason)}`] : []),
  ].join('; ');
}
