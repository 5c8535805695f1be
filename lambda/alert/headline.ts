import { duration, formatInteger } from '../common/format-units.ts';
import { groupName, printable } from '../common/text.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import { type Finding, levelOf } from '../evaluate/finding.ts';
import { valueText } from '../rules/value-text.ts';
import { thresholdText } from './condition-text.ts';

/** Returns the first line of an alert: level, key, value, timespan, title. A phone shows the beginning of the line. */
export function headline(finding: Finding): string {
  const { rule, delta, record } = finding;
  const level = levelOf(finding).toUpperCase();
  const key = groupName(keyOf(rule, delta), delta.key.scope);
  const title = printable(rule.title);
  if (record.multiple === resolutionMultiple) return `${level} ended: ${key}: ${title}`;
  return `${level}: ${key}: ${measurementText(finding)}, ${title}`;
}

/** Returns the first line of a digest. @param findings of one rule, the most telling first: see digest-order.ts */
export function digestHeadline(findings: readonly Finding[]): string {
  const [top] = findings as [Finding];
  const { rule, delta } = top;
  const level = levelOf(top).toUpperCase();
  const count = `${formatInteger(findings.length)} at once`;
  const title = printable(rule.title);
  if (top.record.multiple === resolutionMultiple) return `${level} ended: ${count}: ${title}`;
  return `${level}: ${count}, first ${groupName(keyOf(rule, delta), delta.key.scope)} with ${findingValueText(top)}, ${title}`;
}

/** Returns `150 MB in 1 h`; for a rule with `silent`, `silent for 1 h after 80 flow records in 6 h`. */
function measurementText(finding: Finding): string {
  const { timespanSeconds, extension } = finding.rule;
  const measurement = `${findingValueText(finding)} in ${duration(timespanSeconds)}`;
  return extension.silent ? `silent for ${duration(extension.silent.forSeconds)} after ${measurement}` : measurement;
}

/** Returns the value of a finding: `150 MB`, `at least 80 destinations`, `95th percentile of bytes over 1 MB`. */
export function findingValueText({ rule, record }: Finding): string {
  const { correlation } = rule;
  if (correlation.type === 'value_percentile') return thresholdText(rule);
  const isAtLeast = record.isLowerBound && correlation.type === 'value_count';
  return `${isAtLeast ? 'at least ' : ''}${valueText(record.value, correlation)}`;
}
