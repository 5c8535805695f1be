import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { groupName, printable, truncate } from '../../lambda/common/text.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { table } from '../terminal/text-table.ts';
import type { LiveAlert } from './live-alerts.ts';
import { measuredText } from './measured-text.ts';

/** Characters of an id that are shown. */
const shownIdLength = 12;

const columns = ['alerted', 'level', 'rule', 'key', 'value', 'times', 'suppresses until', 'suppressed', 'id', ''];

/** Returns a table of live alerts. Keys and reasons are escaped, so that each alert stays on one line. */
export function alertTable(alerts: readonly LiveAlert[], { rules }: LoadedRules): string {
  const rows = alerts.map((alert) => {
    const rule = rules.get(alert.rule);
    return [
      utc(alert.arrival),
      alert.level ?? '-',
      printable(alert.rule),
      truncate(groupName(alert.key), 80),
      rule ? measuredText(rule, alert.value, alert.valueIsLowerBound, true) : formatInteger(alert.value),
      formatInteger(alert.multiple),
      utc(alert.until),
      formatInteger(alert.heldBack),
      alert.id.slice(0, shownIdLength),
      stateText(alert),
    ];
  });
  return table(columns, rows, [5, 7]);
}

/** Returns the unusual states of an alert; empty for one that was sent. */
function stateText({ state, logOnly, silence }: LiveAlert): string {
  return [
    ...(state === 'sent' ? [] : [state]),
    ...(logOnly ? ['logged only'] : []),
    ...(silence ? [`silenced until ${utc(silence.until)}: ${printable(silence.reason)}`] : []),
  ].join('; ');
}
