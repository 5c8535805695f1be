import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import { groupName } from '../../lambda/common/text.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { comparisonText, valueText } from '../../lambda/rules/value-text.ts';
import type { ExampleAlert, ExampleResult } from './try-example.ts';

/** The maximum number of alerts to show. */
const shownKeys = 10;

/** Describes a failed example: the failure, and the alerts or the nearest value. Returns no lines for a passed one. */
export function failureLines(rule: Rule, { example, alerts, nearest, failure }: ExampleResult): string[] {
  if (failure === undefined) return [];
  const keys = example.keys?.map((key) => groupName(key)).join('; ');
  const wanted = keys === undefined ? [] : [`expected ${keys}`];
  const got = alerts.slice(0, shownKeys).map((alert) => `alerted ${alertText(rule, alert)}`);
  const more = alerts.length > shownKeys ? [`and ${formatInteger(alerts.length - shownKeys)} more`] : [];
  return [
    `${example.place}: ${example.name}: ${failure}`,
    ...[...wanted, ...got, ...more, ...(alerts.length > 0 ? [] : [nearestText(rule, nearest)])].map(
      (line) => `  ${line}`,
    ),
  ];
}

function alertText(rule: Rule, { key, value }: ExampleAlert): string {
  return `${groupName(key)} with ${valueText(value, rule.correlation)}`;
}

function nearestText(rule: Rule, nearest: ExampleResult['nearest']): string {
  if (!nearest) return 'counted nothing: no flow or event matches the rule';
  const threshold = `${comparisonText(rule.comparison)} ${valueText(rule.threshold, rule.correlation)}`;
  const within = `in ${duration(rule.timespanSeconds)}`;
  const counted = `counted at most ${alertText(rule, nearest)} ${within}`;
  return nearest.isOver
    ? `${counted}, which exceeds the threshold; the conditions of its block flow_sentinel did not hold`
    : `${counted}; the rule needs ${threshold}`;
}
