import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import { thresholdText } from '../../lambda/alert/condition-text.ts';
import { shellQuote } from '../../lambda/alert/shell-quote.ts';
import { duration, formatInteger, utc } from '../../lambda/common/format-units.ts';
import { groupName, printable } from '../../lambda/common/text.ts';
import { isAnyAddress } from '../../lambda/counters/counter-key.ts';
import { slotsPerTimespan } from '../../lambda/counters/window.ts';
import { severityRank } from '../../lambda/rules/level.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { valueText } from '../../lambda/rules/value-text.ts';
import { alertCell } from '../names/who-cell.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { blindSuffix, type UnseenFlows, unseenText } from '../statistics/unseen-flows.ts';
import { standardInput } from '../terminal/standard-input.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { AlertSummary } from './alert-summary.ts';
import { type CountingOptions, countingText } from './counting.ts';
import { implausibleTimesText } from './implausible-times.ts';
import type { ReplayedFiles } from './replay-files.ts';
import { summaryText } from './summary-text.ts';

/** Limits of the shown alerts and paths. */
export const maxShownAlerts = 50;
const maxShownPaths = 5;

/** Result and inputs of a replay. */
export interface ReplayResult {
  readonly replayed: ReplayedFiles;
  /** Busiest first. */
  readonly pairs: readonly PairCounter[];
  readonly alerts: AlertSummary;
  /** Number of flows that ended at an implausible time. */
  readonly implausibleTimes: number;
  readonly counting: CountingOptions;
  /** Evaluated rules by name. */
  readonly rules: ReadonlyMap<string, Rule>;
  readonly paths: readonly string[];
  /** The words of a command that name the same monitored networks. */
  readonly networkWords: readonly string[];
  /** The options that name a table of regions. */
  readonly geoWords: readonly string[];
  /** The words of a command that name the same scope, for commands that evaluate rules. */
  readonly scopeWords: readonly string[];
  /** File of the report, if one was written. */
  readonly report: string | undefined;
  readonly sources: AddressSources;
}

/** Formats a replay as text. */
export function replayText({
  replayed,
  pairs,
  alerts,
  implausibleTimes,
  counting,
  rules,
  sources,
  ...inputs
}: ReplayResult): string {
  return [
    summaryText(replayed) + implausibleTimesText(implausibleTimes) + countingText(counting),
    pairTable(pairs, sources),
    alertTable(alerts, rules, replayed.unseen),
    ruleTable(alerts, rules, replayed.unseen),
    ...(replayed.unseen.length > 0 ? [unseenText(replayed.unseen)] : []),
    nextText(alerts, replayed, inputs),
  ].join('\n');
}

type NextInputs = Pick<ReplayResult, 'paths' | 'networkWords' | 'scopeWords' | 'geoWords' | 'report'>;

/** Formats the next steps: the report, the host of the worst alert that names one, and rules with too many alerts. */
function nextText(
  { worstAlerts }: AlertSummary,
  replayed: Pick<ReplayedFiles, 'unseen' | 'period'>,
  { paths, networkWords, scopeWords, geoWords, report }: NextInputs,
): string {
  // What standard input had is gone.
  const isRepeatable = paths.length <= maxShownPaths && !paths.includes(standardInput);
  const shown = isRepeatable ? paths.map(shellQuote) : ['PATH...'];
  const where = [...shown, ...networkWords.map(shellQuote)].join(' ');
  const host = worstAlerts.flatMap(({ key }) => key.srcaddr ?? []).find((one) => !isAnyAddress(one));
  const steps = [
    report === undefined ? 'to write a report, add --report FILE.html' : `open ${printable(report)}`,
    ...(host === undefined ? [] : [`to see what else the host did, run npx flow-sentinel hunt host ${host} ${where}`]),
    ...(isTooShortForBeaconing(replayed)
      ? [`to find regular calls in such short logs, run npx flow-sentinel hunt beacons ${where}`]
      : []),
    ...(worstAlerts.length === 0
      ? []
      : [
          `to have fewer alerts, run npx flow-sentinel backtest ${[where, ...scopeWords, ...geoWords.map(shellQuote)].join(' ')} --under 5`,
        ]),
  ];
  return `Next: ${steps.join('\n      ')}\n`;
}

/** The hunt needs some calls, and the rule `beaconing` hours of them. */
const minHuntedSeconds = 20 * 60;

/** Returns whether the hunt for beacons may find what the rule `beaconing` cannot, since the logs are too short for it. */
function isTooShortForBeaconing({ unseen, period }: Pick<ReplayedFiles, 'unseen' | 'period'>): boolean {
  const isLongEnough = period !== undefined && period.to - period.from >= minHuntedSeconds;
  return isLongEnough && unseen.some(({ rule, state }) => rule === 'beaconing' && state === 'too short');
}

function alertTable(
  { worstAlerts, messages, updates, experimental }: AlertSummary,
  rules: ReadonlyMap<string, Rule>,
  unseen: readonly UnseenFlows[],
): string {
  if (messages === 0) return `${heading(`No alerts${blindSuffix(unseen)}`)}\n`;
  const who = worstAlerts.map(({ key, names }) => alertCell(key, names));
  const hasNames = who.some((cell) => cell !== '');
  const rows = worstAlerts.map((alert, index) => [
    ...alertRow(alert, rules.get(alert.rule)),
    ...(hasNames ? [who[index]!] : []),
  ]);
  const columns = ['sent', 'level', 'rule', 'key', 'value', 'threshold', ...(hasNames ? ['who'] : [])];
  const left = messages - worstAlerts.length;
  const more =
    left > 0
      ? `  and ${formatInteger(left)} more, none of level high or critical; --alerts FILE writes all of them\n`
      : '';
  const alerts = messages - updates;
  const andUpdates = updates === 0 ? '' : ` and ${formatInteger(updates)} update${updates === 1 ? '' : 's'}`;
  const title = `${formatInteger(alerts)} alert${alerts === 1 ? '' : 's'}${andUpdates} (times in UTC${messages === 1 ? '' : ', the worst first'})${blindSuffix(unseen)}`;
  return `${heading(title)}\n${table(columns, rows, [])}${more}${experimentalText(experimental)}`;
}

/** Formats the number of alerts that a deployed function only logs; empty without such alerts. */
function experimentalText(alerts: number): string {
  if (alerts === 0) return '';
  const subject = alerts === 1 ? '1 alert is' : `${formatInteger(alerts)} alerts are`;
  return `  ${subject} experimental: logged and not sent by a deployed function\n`;
}

function alertRow(
  { time, level, ruleStatus, rule, key, scope, value, timespan, ended, digest, update }: AlertBody,
  evaluatedRule: Rule | undefined,
): string[] {
  const others = digest ? ` and ${formatInteger(digest.alerts - 1)} more` : '';
  const measured = evaluatedRule
    ? `${valueText(value, evaluatedRule.correlation)} in ${duration(timespan)}`
    : formatInteger(value);
  const isTemporal = evaluatedRule?.correlation.type.startsWith('temporal') ?? true;
  return [
    utc(Math.floor(time / 1000)),
    `${levelText(level, ruleStatus)}${update ? ', update' : ''}`,
    rule,
    `${groupName(key, scope)}${others}`,
    ended ? 'resolved' : measured,
    evaluatedRule && !isTemporal ? thresholdCell(evaluatedRule) : '',
  ];
}

/** Formats a threshold. That of a regular call is 1 byte, so the slots with calls say more. */
function thresholdCell(rule: Rule): string {
  const { activeSlots } = rule.extension;
  const slots = activeSlots === undefined ? '' : ` in ${activeSlots} of ${slotsPerTimespan + 1} slots`;
  return `${thresholdText(rule)}${slots}`;
}

/** Formats the level of a rule, and that a deployed function only logs the alerts of an experimental one. */
function levelText(level: string, status: string): string {
  return status === 'experimental' ? `${level}, experimental` : level;
}

function ruleTable({ byRule }: AlertSummary, rules: ReadonlyMap<string, Rule>, unseen: readonly UnseenFlows[]): string {
  const rank = (name: string) => severityRank(rules.get(name)?.level);
  const found = [...byRule].sort(
    ([a, one], [b, other]) => rank(a) - rank(b) || other.alerts - one.alerts || (a < b ? -1 : 1),
  );
  const rows = found.map(([name, { alerts, keys, hasMoreKeys, first, last }]) => [
    name,
    rules.has(name) ? levelText(rules.get(name)!.level, rules.get(name)!.status) : '-',
    formatInteger(alerts),
    `${formatInteger(keys.size)}${hasMoreKeys ? '+' : ''}`,
    utc(first),
    utc(last),
  ]);
  const unseeing = new Set(unseen.map(({ rule }) => rule));
  const rulesWithoutAlerts = [...rules.keys()].filter((name) => !byRule.has(name) && !unseeing.has(name));
  const others = rulesWithoutAlerts.length > 0 ? `  no alerts: ${rulesWithoutAlerts.join(', ')}\n` : '';
  if (rows.length === 0) return `${heading('Rules')}\n${others}`;
  return `${heading('Rules')}\n${table(['rule', 'level', 'alerts', 'keys', 'first', 'last'], rows, [2, 3])}${others}`;
}
