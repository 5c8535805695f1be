import { duration, formatInteger } from '../common/format-units.ts';
import { groupName, printable } from '../common/text.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import { valueText } from '../rules/value-text.ts';
import { thresholdText } from './condition-text.ts';

/** All in one line: how bad, who, how much, in which time, and then what, so that a phone shows what matters. */
export function headline(finding: Finding): string {
  const { rule, delta, record } = finding;
  const level = rule.level.toUpperCase();
  const who = groupName(keyOf(rule, delta));
  const title = printable(rule.title);
  if (record.multiple === resolutionMultiple) return `${level} ended: ${who}: ${title}`;
  return `${level}: ${who}: ${measuredText(finding)}, ${title}`;
}

/** The same for many findings of a rule at once, the fullest first. */
export function digestHeadline(findings: readonly Finding[]): string {
  const top = findings[0]!;
  const { rule, delta } = top;
  const level = rule.level.toUpperCase();
  const count = `${formatInteger(findings.length)} at once`;
  if (top.record.multiple === resolutionMultiple) return `${level} ended: ${count}: ${printable(rule.title)}`;
  const most = `${groupName(keyOf(rule, delta))} with ${findingValueText(top)}`;
  return `${level}: ${count}, most ${most}, ${printable(rule.title)}`;
}

/** `150 MB in 1 h`; of what went silent: `silent for 1 h after 80 flow records in 6 h`. */
function measuredText(finding: Finding): string {
  const { timespanSeconds, extension } = finding.rule;
  const measured = `${findingValueText(finding)} in ${duration(timespanSeconds)}`;
  return extension.silent ? `silent for ${duration(extension.silent.forSeconds)} after ${measured}` : measured;
}

/** What a rule measured: `150 MB`, `at least 80 destinations`, `95th percentile of bytes over 1 MB`. */
export function findingValueText({ rule, record }: Finding): string {
  const { correlation } = rule;
  if (correlation.type === 'value_percentile') return thresholdText(rule);
  const isAtLeast = record.isLowerBound && correlation.type === 'value_count';
  return `${isAtLeast ? 'at least ' : ''}${valueText(record.value, correlation)}`;
}
