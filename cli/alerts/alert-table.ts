import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { groupName, printable, truncate } from '../../lambda/common/text.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { table } from '../terminal/text-table.ts';
import type { LiveAlert } from './live-alerts.ts';
import { measuredText } from './measured-text.ts';

/** So many characters of an id name an alert. */
const shownId = 12;

const columns = ['alerted', 'level', 'rule', 'key', 'value', 'times', 'holds back until', 'held back', 'id', ''];

/** A table of live alerts for people; what the log and a reason say is on one line, whatever stands in it. */
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
      alert.id.slice(0, shownId),
      noteOf(alert),
    ];
  });
  return table(columns, rows, [5, 7]);
}

function noteOf({ state, logOnly, silence }: LiveAlert): string {
  return [
    ...(state === 'deferred' ? ['waits to be sent'] : state === 'pending' ? ['not known to be sent'] : []),
    ...(logOnly ? ['in the log only'] : []),
    ...(silence ? [`silenced to ${utc(silence.until)}: ${printable(silence.reason)}`] : []),
  ].join('; ');
}
