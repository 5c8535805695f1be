import { digits, duration } from '../common/format-units.ts';
import { groupName, printable } from '../common/text.ts';
import { endMultiple } from '../counters/claim.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import { amount } from '../rules/value-text.ts';
import { thresholdText } from './condition-text.ts';

/** All in one line: how bad, who, how much, in which time, and then what, so that a phone shows what matters. */
export function headline(finding: Finding): string {
  const { rule, delta, claim } = finding;
  const level = rule.level.toUpperCase();
  const who = groupName(keyOf(rule, delta));
  const title = printable(rule.title);
  if (claim.multiple === endMultiple) return `${level} ended: ${who}: ${title}`;
  return `${level}: ${who}: ${measuredText(finding)}, ${title}`;
}

/** The same for many findings of a rule at once, the fullest first. */
export function digestHeadline(findings: readonly Finding[]): string {
  const top = findings[0]!;
  const { rule, delta } = top;
  const level = rule.level.toUpperCase();
  const count = `${digits(findings.length)} at once`;
  if (top.claim.multiple === endMultiple) return `${level} ended: ${count}: ${printable(rule.title)}`;
  const most = `${groupName(keyOf(rule, delta))} with ${valueText(top)}`;
  return `${level}: ${count}, most ${most}, ${printable(rule.title)}`;
}

/** `150 MB in 1 h`; of what went silent: `silent for 1 h after 80 flow records in 6 h`. */
function measuredText(finding: Finding): string {
  const { timespanSeconds, extension } = finding.rule;
  const measured = `${valueText(finding)} in ${duration(timespanSeconds)}`;
  return extension.silent ? `silent for ${duration(extension.silent.forSeconds)} after ${measured}` : measured;
}

/** What a rule measured: `150 MB`, `at least 80 destinations`, `95th percentile of bytes over 1 MB`. */
export function valueText({ rule, claim }: Finding): string {
  const { correlation } = rule;
  if (correlation.type === 'value_percentile') return thresholdText(rule);
  const isAtLeast = claim.isBound && correlation.type === 'value_count';
  return `${isAtLeast ? 'at least ' : ''}${amount(claim.value, correlation)}`;
}
