import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { groupName, plural, printable } from '../../lambda/common/text.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { summaryText } from '../replay/summary-text.ts';
import { setAsideText } from '../statistics/set-aside-text.ts';
import { blindSuffix, type UnseenFlows, unseenText } from '../statistics/unseen-flows.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { KeyDifference } from './comparison.ts';
import type { BacktestResult, RuleResult } from './result.ts';
import type { KeyAlerts } from './rule-statistics.ts';
import type { Suggestion } from './suggestion.ts';
import { hasThreshold } from './variant.ts';

/** Maximum number of days with a column of their alerts. */
const maxShownDays = 7;
/** Limits of the listed keys of a rule, and of the listed changes of a comparison. */
const maxShownKeys = 3;
const maxShownChanges = 20;

/** Formats a backtest as text. */
export function backtestText({ replayed, days: allDays, rules, sweeps, under, compared }: BacktestResult): string {
  const days = allDays.length;
  const dayColumns = days > maxShownDays ? [] : allDays;
  const setAside = replayed.flowRange && setAsideText(replayed.flowRange);
  const sections = [
    summaryText(replayed) + (setAside === undefined ? '' : `  ${setAside}\n`),
    rulesText(rules, days, dayColumns, replayed.unseen),
    ...(replayed.unseen.length > 0 ? [unseenText(replayed.unseen)] : []),
    keysText(rules),
    ...sweeps.map(({ rule, tried }) => sweepText(rule, tried, days)),
    ...(under ? [underText(under.suggestions, under.most)] : []),
    ...(compared ? [comparedText(compared)] : []),
    'Next: edit a threshold in its rule file, or exclude harmless flows with rules silence; replay shows the alerts.\n',
  ];
  return sections.join('\n');
}

function rulesText(
  rules: readonly RuleResult[],
  days: number,
  dayColumns: readonly string[],
  unseen: readonly UnseenFlows[],
): string {
  const found = rules
    .filter(({ statistics }) => statistics.alerts > 0)
    .sort((a, b) => b.statistics.alerts - a.statistics.alerts);
  const unseeing = new Set(unseen.map(({ rule }) => rule));
  const rulesWithoutAlerts = rules.flatMap(({ rule: { name }, statistics }) =>
    statistics.alerts === 0 && !unseeing.has(name) ? name : [],
  );
  const others = rulesWithoutAlerts.length > 0 ? `  no alerts: ${rulesWithoutAlerts.join(', ')}\n` : '';
  const title = `Alerts by rule, over ${formatInteger(days)} day${days === 1 ? '' : 's'} (UTC)${blindSuffix(unseen)}`;
  if (found.length === 0) return `${heading(`${title}: no alerts`)}\n${others}`;
  const columns = dayColumns.length > 0 ? dayColumns : ['mean a day', 'max a day'];
  const rows = found.map(({ rule, statistics }) => [
    rule.name,
    rule.status,
    formatInteger(statistics.alerts),
    formatInteger(statistics.escalations),
    formatInteger(statistics.keys),
    ...(dayColumns.length > 0
      ? dayColumns.map((day) => formatInteger(statistics.days[day] ?? 0))
      : [mean(statistics.alerts, days), formatInteger(statistics.mostADay)]),
  ]);
  const head = ['rule', 'status', 'alerts', 'escalations', 'keys', ...columns];
  return `${heading(title)}\n${table(head, rows, columnsFrom(2, head))}${others}`;
}

function keysText(rules: readonly RuleResult[]): string {
  const rows = rules.flatMap(({ rule, statistics }) =>
    statistics.top(maxShownKeys).map((one) => [rule.name, keyText(rule, one), formatInteger(one.alerts)]),
  );
  if (rows.length === 0) return `${heading('Keys: none')}\n`;
  return `${heading(`Keys with the most alerts (up to ${maxShownKeys} of each rule)`)}\n${table(['rule', 'key', 'alerts'], rows, [2])}`;
}

function sweepText(rule: Rule, tried: BacktestResult['sweeps'][number]['tried'], days: number): string {
  const rows = tried.map(({ threshold, statistics }) => [
    `${thresholdName(rule)} ${threshold}${threshold === rule.threshold ? ' (current)' : ''}`,
    thresholdText({ ...rule, threshold }),
    formatInteger(statistics.alerts),
    formatInteger(statistics.alerts - statistics.escalations),
    mean(statistics.alerts, days),
    formatInteger(statistics.mostADay),
    formatInteger(statistics.keys),
  ]);
  const head = ['threshold', 'meaning', 'alerts', 'no escalations', 'mean a day', 'max a day', 'keys'];
  return `${heading(`Thresholds of ${rule.name}`)}\n${table(head, rows, columnsFrom(2, head))}`;
}

/** Returns the name of the number to edit in the rule file. */
function thresholdName({ correlation, comparison }: Rule): string {
  return correlation.type === 'active_slots' ? 'active_slots gte' : comparison;
}

function underText(suggestions: readonly Suggestion[], max: number): string {
  const title = `At most ${formatInteger(max)} alert${max === 1 ? '' : 's'} a day`;
  if (suggestions.length === 0) return `${heading(`${title}: no rule has more`)}\n`;
  return `${heading(title)}\n${suggestions.map((one) => `  ${suggestionText(one)}\n`).join('')}`;
}

/** Formats a suggestion: `repeated_rejects: 14 a day; gt 25 would have raised 3 a day (loses 6 of 9 keys)`. */
function suggestionText({ rule, mostADay, keys, instead }: Suggestion): string {
  const current = `${rule.name}: ${formatInteger(mostADay)} a day`;
  if (instead) {
    const { threshold, mostADay: newMax, lostKeys } = instead;
    const loss = lostKeys === 0 ? 'loses no key' : `loses ${formatInteger(lostKeys)} of ${plural(keys, 'key')}`;
    return `${current}; ${thresholdName(rule)} ${threshold} would have raised ${formatInteger(newMax)} a day (${loss})`;
  }
  if (!hasThreshold(rule)) return `${current}; the rule has no threshold: exclude harmless flows with rules silence`;
  return `${current}; no higher threshold is enough: exclude harmless flows with rules silence`;
}

function comparedText({ directory, rules, added, removed }: NonNullable<BacktestResult['compared']>): string {
  const title = `With ${printable(directory)}`;
  const changed = rules.filter((one) => one.alerts !== one.otherAlerts || one.addedKeys + one.removedKeys > 0);
  if (changed.length === 0) return `${heading(`${title}: the same alerts`)}\n`;
  const count = (alerts: number | undefined) => (alerts === undefined ? 'not in the set' : formatInteger(alerts));
  const rows = changed.map((one) => [
    one.rule,
    count(one.alerts),
    count(one.otherAlerts),
    formatInteger(one.addedKeys),
    formatInteger(one.removedKeys),
  ]);
  const head = ['rule', 'alerts now', 'alerts with it', 'keys added', 'keys removed'];
  return [
    `${heading(title)}\n${table(head, rows, [1, 2, 3, 4])}`,
    ...[changesText('Added', added), changesText('Removed', removed)].filter((text) => text !== ''),
  ].join('\n');
}

function changesText(title: string, changes: readonly KeyDifference[]): string {
  if (changes.length === 0) return '';
  const rows = changes
    .slice(0, maxShownChanges)
    .map(({ rule, key, scope, alerts }) => [rule, groupName(key, scope), formatInteger(alerts)]);
  const left = changes.length - rows.length;
  const more = left > 0 ? `  and ${formatInteger(left)} more; --json lists all of them\n` : '';
  return `${heading(title)}\n${table(['rule', 'key', 'alerts'], rows, [2])}${more}`;
}

/** Formats a key with its fields in the order of the rule. */
function keyText({ groupBy }: Rule, { key, scope }: KeyAlerts): string {
  return groupName(Object.fromEntries(groupBy.map((name) => [name, key[name] ?? ''])), scope);
}

function mean(alerts: number, days: number): string {
  return (alerts / days).toFixed(1);
}

function columnsFrom(first: number, head: readonly string[]): number[] {
  return head.flatMap((_, column) => (column >= first ? column : []));
}
