import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import type { UnseenFlows } from '../statistics/unseen-flows.ts';
import { alertsIn } from './page/alert-counts.ts';
import type { ReportRule } from './page/report-data.ts';

/** Summarizes the alerts of each rule, the most alerts first, then by name. */
export function reportRules(
  rules: Iterable<Rule>,
  alerts: readonly AlertBody[],
  unseen: readonly UnseenFlows[],
): ReportRule[] {
  const reasons = new Map(unseen.map(({ rule, reason }) => [rule, reason]));
  const byRule = Map.groupBy(
    alerts.filter(({ ended }) => !ended),
    ({ rule }) => rule,
  );
  return [...rules]
    .map(({ name, title, level, status }) => {
      const all = byRule.get(name) ?? [];
      const keys = all.flatMap(({ key, scope, digest }) => [{ key, scope }, ...(digest?.keys ?? [])]);
      return {
        name,
        title,
        level,
        status,
        alerts: all.reduce((sum, body) => sum + alertsIn(body), 0),
        keys: new Set(keys.map(({ key, scope }) => JSON.stringify([key, scope]))).size,
        hasMoreKeys: all.some(({ digest }) => (digest?.unlisted ?? 0) > 0),
        ...(reasons.has(name) && { unseen: reasons.get(name)! }),
      };
    })
    .sort((a, b) => b.alerts - a.alerts || (a.name < b.name ? -1 : 1));
}
