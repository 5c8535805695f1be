import { formatInteger } from '../../lambda/common/format-units.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { type BlindRule, blindRules, blindText } from '../../sigma/lint/blind-rules.ts';
import { neededText } from '../../sigma/lint/needed-fields.ts';
import { heading, table } from '../terminal/text-table.ts';
import type { CoveredFlows } from './field-coverage.ts';

/** A rule that could not alert on some flows of a run; `--json` prints it. */
export interface UnseenFlows extends Pick<BlindRule, 'rule' | 'level' | 'needs'> {
  /** `no values` if the flows have the fields, but each flow has `-` in them. */
  readonly state: BlindRule['state'] | 'no values';
  /** Number of flows on which the rule could not alert. */
  readonly flows: number;
  /** The reason in words, such as `blind: needs tcp-flags`. */
  readonly reason: string;
}

/**
 * Finds the rules that could not alert on some flows of a run.
 *
 * @returns blind rules first, then those whose fields have no values, then those that see a part; of each the most
 * severe first
 */
export function unseenFlows(
  ruleSet: Pick<RuleSet, 'rules' | 'series'>,
  covered: readonly CoveredFlows[],
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
  const hasNoValues = new Set(withoutValues.map(({ rule }) => rule));
  const unseen = blind.filter(({ rule }) => !hasNoValues.has(rule)).map((one) => unseenBy(one, total));
  return [
    ...unseen.filter(({ state }) => state === 'blind'),
    ...withoutValues,
    ...unseen.filter(({ state }) => state !== 'blind'),
  ];
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
  return [
    heading('Rules that cannot see these flows, or a part of them'),
    `${table(['rule', 'level', 'sight'], rows, [])}  Add the fields: docs/deploy/log-sources.md#blind-rules\n`,
  ].join('\n');
}

/** Formats the number of rules that could alert on no flow: `; 5 rules are blind`. Empty without such rules. */
export function blindSuffix(unseen: readonly UnseenFlows[]): string {
  const blind = unseen.filter(({ state }) => state !== 'partly blind').length;
  return blind === 0 ? '' : `; ${formatInteger(blind)} ${blind === 1 ? 'rule is' : 'rules are'} blind`;
}
