import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import { groupName } from '../../lambda/common/text.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { comparisonText, valueText } from '../../lambda/rules/value-text.ts';
import type { ExampleAlert, Tried } from './try-example.ts';

const shownKeys = 10;

/** What is not as an example says and what happened instead, as lines; none where all is as it says. */
export function failureLines(rule: Rule, { example, alerts, nearest, failure }: Tried): string[] {
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

function nearestText(rule: Rule, nearest: Tried['nearest']): string {
  if (!nearest) return 'counted nothing: none of its flows is one that the rule is about';
  const threshold = `${comparisonText(rule.comparison)} ${valueText(rule.threshold, rule.correlation)}`;
  const within = `in ${duration(rule.timespanSeconds)}`;
  const most = `counted at most ${alertText(rule, nearest)} ${within}`;
  return nearest.isOver
    ? `${most}, which is over the threshold; its block flow_sentinel asks for more`
    : `${most}; it takes ${threshold}`;
}
