import { approximateDuration, formatInteger } from '../../lambda/common/format-units.ts';
import { plural } from '../../lambda/common/text.ts';
import { severityRank } from '../../lambda/rules/level.ts';
import type { OffRule, RuleSet } from '../../lambda/rules/model.ts';
import { offText } from '../../sigma/compile/off-rules.ts';
import { type BlindRule, blindRules, blindText } from '../../sigma/lint/blind-rules.ts';
import { neededText } from '../../sigma/lint/needed-fields.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { CoveredFlows } from './field-coverage.ts';
import type { Period } from './flow-counts.ts';
import { shortestLogs } from './shortest-logs.ts';

/** A rule that could not alert on some flows of a run; `--json` prints it. */
export interface UnseenFlows extends Pick<BlindRule, 'rule' | 'level' | 'needs'> {
  /**
   * `no values` if the flows have the fields, but each flow has `-` in them; `too short` if the logs cover less time than
   * any alert of the rule needs; `off` if it is left out.
   */
  readonly state: BlindRule['state'] | 'no values' | 'too short' | 'off';
  /** Number of flows on which the rule could not alert. */
  readonly flows: number;
  /** The reason in words, such as `blind: needs tcp-flags` or `too short: needs logs of 7 d`. */
  readonly reason: string;
}

/**
 * Finds the rules that could not alert on some flows of a run.
 *
 * @param period time of the logs, which may be too short for a rule (default: long enough for all rules)
 * @returns blind rules, then those whose fields have no values, those with too short logs, those that see a part, and
 * those that are off; of each the most severe first
 */
export function unseenFlows(
  ruleSet: Pick<RuleSet, 'rules' | 'series' | 'off'>,
  covered: readonly CoveredFlows[],
  period?: Period,
): UnseenFlows[] {
  const total = flowsOf(covered);
  const blind = blindRules(ruleSet, covered);
  const isBlind = new Set(blind.filter(({ state }) => state === 'blind').map(({ rule }) => rule));
  const valued = total === 0 ? [] : covered.map((one) => ({ ...one, fields: one.valued }));
  const withoutValues = blindRules(ruleSet, valued).flatMap(({ rule, level, state, needs }): UnseenFlows[] => {
    if (state !== 'blind' || isBlind.has(rule)) return [];
    const reason = `no values of ${neededText(needs)} in ${formatInteger(total)} flow${total === 1 ? '' : 's'}`;
    return [{ rule, level, state: 'no values', needs, flows: total, reason }];
  });
  const neverAlerts = new Set([...isBlind, ...withoutValues.map(({ rule }) => rule)]);
  const short = period ? tooShort(ruleSet, period, total).filter(({ rule }) => !neverAlerts.has(rule)) : [];
  const isNamed = new Set([...withoutValues, ...short].map(({ rule }) => rule));
  const unseen = blind.filter(({ rule }) => !isNamed.has(rule)).map((one) => unseenBy(one, total));
  return [
    ...unseen.filter(({ state }) => state === 'blind'),
    ...withoutValues,
    ...short,
    ...unseen.filter(({ state }) => state !== 'blind'),
    ...(total === 0 ? [] : (ruleSet.off ?? []).map((rule) => unseenOff(rule, total)).sort(worstFirst)),
  ];
}

function unseenOff({ name, level, needs }: OffRule, flows: number): UnseenFlows {
  return { rule: name, level, state: 'off', needs: [], flows, reason: offText({ needs }) };
}

function worstFirst(a: UnseenFlows, b: UnseenFlows): number {
  return severityRank(a.level) - severityRank(b.level) || (a.rule < b.rule ? -1 : 1);
}

function tooShort(ruleSet: Pick<RuleSet, 'rules' | 'series'>, period: Period, flows: number): UnseenFlows[] {
  return ruleSet.rules
    .flatMap((rule): UnseenFlows[] => {
      const needed = shortestLogs(rule, ruleSet.series);
      const seconds = period.to - period.from;
      if (flows === 0 || seconds >= needed) return [];
      const reason = `too short: needs logs of ${approximateDuration(needed)}, not ${approximateDuration(seconds)}`;
      return [{ rule: rule.name, level: rule.level, state: 'too short', needs: [], flows, reason }];
    })
    .sort(worstFirst);
}

function unseenBy({ rule, level, state, needs, blindFor }: BlindRule<CoveredFlows>, total: number): UnseenFlows {
  const flows = flowsOf(blindFor);
  const text = blindText({ state, needs });
  const isOfFormats = state === 'partly blind' && flows > 0;
  const reason = isOfFormats ? `${text}, in ${formatInteger(flows)} of ${formatInteger(total)} flows` : text;
  return { rule, level, state, needs, flows, reason };
}

function flowsOf(covered: readonly CoveredFlows[]): number {
  return covered.reduce((sum, { flows }) => sum + flows, 0);
}

/** Formats the rules that could not alert; empty without such rules. */
export function unseenText(unseen: readonly UnseenFlows[]): string {
  if (unseen.length === 0) return '';
  const rows = unseen.map(({ rule, level, reason }) => [rule, level, reason]);
  const lacksFields = unseen.some(({ state }) => state !== 'too short' && state !== 'off');
  const lacksTable = unseen.some(({ reason }) => reason === offText({ needs: 'regions' }));
  const lacksEvents = unseen.some(({ reason }) => reason === offText({ needs: 'context' }));
  return [
    heading('Rules that cannot see these flows, or a part of them'),
    table(['rule', 'level', 'sight'], rows, []) +
      (lacksFields ? '  Add the fields: docs/deploy/log-sources.md#blind-rules\n' : '') +
      (lacksTable ? '  Give a geo table by --geo: docs/analyse/regions.md\n' : '') +
      (lacksEvents ? '  Replay with findings and API calls by --context: docs/analyse/replay-and-backtest.md\n' : ''),
  ].join('\n');
}

/**
 * Formats the number of rules that could alert on no flow: `; 5 rules are blind; the logs are too short for 4 rules`.
 * Empty without such rules.
 */
export function blindSuffix(unseen: readonly UnseenFlows[]): string {
  const rulesOf = (...states: UnseenFlows['state'][]) => unseen.filter(({ state }) => states.includes(state)).length;
  const blind = rulesOf('blind', 'no values');
  const short = rulesOf('too short');
  return [
    blind > 0 && `; ${plural(blind, 'rule')} ${blind === 1 ? 'is' : 'are'} blind`,
    short > 0 && `; the logs are too short for ${plural(short, 'rule')}`,
  ]
    .filter(Boolean)
    .join('');
}
