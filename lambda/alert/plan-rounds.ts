import { type Finding, levelOf } from '../evaluate/finding.ts';
import { isExperimental } from '../rules/correlation.ts';
import { severeFirst } from '../rules/level.ts';

/** Returns whether the finding's alert goes to the log only. */
export function isLogOnly({ rule }: Finding): boolean {
  return isExperimental(rule);
}

/** Returns whether the finding's alert is published. */
export function isNotifying(finding: Finding): boolean {
  return !isLogOnly(finding);
}

/** Names the place of a finding's alert record: a counter holds one record of a rule and multiple. */
export function recordSlotOf(finding: Finding): string {
  return `${ruleAndKeyOf(finding)} ${finding.record.multiple}`;
}

/** Names the rule and the key of a finding. */
export function ruleAndKeyOf({ delta, record }: Finding): string {
  return `${delta.key.pk} ${record.rule}`;
}

/**
 * Returns findings in rounds, the most severe level first. A round has findings of one level, and at most one of a rule
 * and key, in their order: an alert may suppress or replace an earlier alert of its rule and key only after that was sent.
 */
export function planRounds(findings: readonly Finding[]): Finding[][] {
  const byLevel = Map.groupBy(findings, levelOf);
  return severeFirst.flatMap((level) => roundsOf(byLevel.get(level) ?? []));
}

function roundsOf(findings: readonly Finding[]): Finding[][] {
  const rounds: Finding[][] = [];
  for (const sequence of Map.groupBy(findings, ruleAndKeyOf).values()) {
    for (const [round, finding] of sequence.entries()) {
      rounds[round] ??= [];
      rounds[round].push(finding);
    }
  }
  return rounds;
}
