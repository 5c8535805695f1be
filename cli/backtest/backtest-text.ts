import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { groupName, plural, printable } from '../../lambda/common/text.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { summaryText } from '../replay/replay-text.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { KeyDifference } from './comparison.ts';
import type { BacktestResult, RuleResult } from './result.ts';
import { dayCount, dayOf } from './rule-statistics.ts';
import type { Suggestion } from './suggestion.ts';
import { hasThreshold } from './variant.ts';

/** With more days than these, how many alerts each had is left out. */
const shownDays = 7;
/** The most keys of a rule that are named, and the most of a comparison. */
const shownKeys = 3;
const shownChanges = 20;

/** What a backtest came to, for people. */
export function backtestText({ replayed, rules, sweeps, under, compared }: BacktestResult): string {
  const { arrivals } = replayed;
  const days = arrivals ? dayCount(arrivals) : 1;
  const first = arrivals ? Math.floor(arrivals.from / 86_400) : 0;
  const named = days > shownDays ? [] : Array.from({ length: days }, (_, n) => dayOf((first + n) * 86_400));
  const sections = [
    summaryText(replayed),
    rulesText(rules, days, named),
    whomText(rules),
    ...sweeps.map(({ rule, tried }) => sweepText(rule, tried, days)),
    ...(under ? [underText(under.suggestions, under.most)] : []),
    ...(compared ? [comparedText(compared)] : []),
    'Next: edit a threshold in its rule file, or leave harmless flows out by rules silence; replay shows the alerts.\n',
  ];
  return sections.join('\n');
}

function rulesText(rules: readonly RuleResult[], days: number, named: readonly string[]): string {
  const found = rules
    .filter(({ statistics }) => statistics.alerts > 0)
    .sort((a, b) => b.statistics.alerts - a.statistics.alerts);
  const silent = rules.filter(({ statistics }) => statistics.alerts === 0).map(({ rule }) => rule.name);
  const others = silent.length > 0 ? `  nothing of: ${silent.join(', ')}\n` : '';
  const title = `Alerts by rule, over ${formatInteger(days)} day${days === 1 ? '' : 's'} (UTC)`;
  if (found.length === 0) return `${heading(`${title}: none`)}\n${others}`;
  const columns = named.length > 0 ? named : ['mean a day', 'most a day'];
  const rows = found.map(({ rule, statistics }) => [
    rule.name,
    rule.status,
    formatInteger(statistics.alerts),
    formatInteger(statistics.escalations),
    formatInteger(statistics.keys),
    ...(named.length > 0
      ? named.map((day) => formatInteger(statistics.days[day] ?? 0))
      : [mean(statistics.alerts, days), formatInteger(statistics.mostADay)]),
  ]);
  const head = ['rule', 'status', 'alerts', 'escalations', 'keys', ...columns];
  return `${heading(title)}\n${table(head, rows, numbersFrom(2, head))}${others}`;
}

function whomText(rules: readonly RuleResult[]): string {
  const rows = rules.flatMap(({ rule, statistics }) =>
    statistics.top(shownKeys).map(({ key, alerts }) => [rule.name, keyText(rule, key), formatInteger(alerts)]),
  );
  if (rows.length === 0) return `${heading('On whom: nobody')}\n`;
  return `${heading(`On whom (of each rule the ${shownKeys} with the most)`)}\n${table(['rule', 'key', 'alerts'], rows, [2])}`;
}

function sweepText(rule: Rule, tried: BacktestResult['sweeps'][number]['tried'], days: number): string {
  const rows = tried.map(({ threshold, statistics }) => [
    `${rule.comparison} ${threshold}${threshold === rule.threshold ? ' (its own)' : ''}`,
    thresholdText({ ...rule, threshold }),
    formatInteger(statistics.alerts),
    formatInteger(statistics.alerts - statistics.escalations),
    mean(statistics.alerts, days),
    formatInteger(statistics.mostADay),
    formatInteger(statistics.keys),
  ]);
  const head = ['threshold', 'which is', 'alerts', 'no escalations', 'mean a day', 'most a day', 'keys'];
  return `${heading(`Thresholds of ${rule.name}`)}\n${table(head, rows, numbersFrom(2, head))}`;
}

function underText(suggestions: readonly Suggestion[], most: number): string {
  const wanted = `At most ${formatInteger(most)} alert${most === 1 ? '' : 's'} a day`;
  if (suggestions.length === 0) return `${heading(`${wanted}: every rule keeps to it`)}\n`;
  return `${heading(wanted)}\n${suggestions.map((one) => `  ${suggestionText(one)}\n`).join('')}`;
}

/** `repeated_rejects: 14 a day; gt 25 would have kept it to 3 a day (loses 6 of 9 keys)`. */
function suggestionText({ rule, mostADay, keys, instead }: Suggestion): string {
  const as = `${rule.name}: ${formatInteger(mostADay)} a day`;
  if (instead) {
    const { threshold, mostADay: then, lostKeys } = instead;
    const lost = lostKeys === 0 ? 'loses no key' : `loses ${formatInteger(lostKeys)} of ${plural(keys, 'key')}`;
    return `${as}; ${rule.comparison} ${threshold} would have kept it to ${formatInteger(then)} a day (${lost})`;
  }
  if (!hasThreshold(rule)) return `${as}; it has no threshold to raise: leave harmless flows out by rules silence`;
  return `${as}; no threshold up to 100 times its own would do: leave harmless flows out by rules silence`;
}

function comparedText({ directory, rules, added, removed }: NonNullable<BacktestResult['compared']>): string {
  const title = `With ${printable(directory)}`;
  const changed = rules.filter((one) => one.alerts !== one.otherAlerts || one.addedKeys + one.removedKeys > 0);
  if (changed.length === 0) return `${heading(`${title}: the same alerts`)}\n`;
  const count = (alerts: number | undefined) => (alerts === undefined ? 'no such rule' : formatInteger(alerts));
  const rows = changed.map((one) => [
    one.rule,
    count(one.alerts),
    count(one.otherAlerts),
    formatInteger(one.addedKeys),
    formatInteger(one.removedKeys),
  ]);
  const head = ['rule', 'alerts now', 'alerts then', 'keys added', 'keys removed'];
  return [
    `${heading(title)}\n${table(head, rows, [1, 2, 3, 4])}`,
    ...[changesText('Added', added), changesText('Removed', removed)].filter((text) => text !== ''),
  ].join('\n');
}

function changesText(title: string, changes: readonly KeyDifference[]): string {
  if (changes.length === 0) return '';
  const rows = changes
    .slice(0, shownChanges)
    .map(({ rule, key, alerts }) => [rule, groupName(key), formatInteger(alerts)]);
  const left = changes.length - rows.length;
  const more = left > 0 ? `  and ${formatInteger(left)} more; --json has them all\n` : '';
  return `${heading(title)}\n${table(['rule', 'key', 'alerts'], rows, [2])}${more}`;
}

/** A key's fields in the rule's own order. */
function keyText({ groupBy }: Rule, key: Readonly<Record<string, string>>): string {
  return groupName(Object.fromEntries(groupBy.map((name) => [name, key[name] ?? ''])));
}

function mean(alerts: number, days: number): string {
  return (alerts / days).toFixed(1);
}

function numbersFrom(first: number, head: readonly string[]): number[] {
  return head.flatMap((_, column) => (column >= first ? column : []));
}
