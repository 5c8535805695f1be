import type { LoadedRules } from '../sigma/load.ts';
import { type Alert, writeAlert, writeDigest } from './alert.ts';
import type { Origin } from './alert-body.ts';
import type { Finding } from './judge.ts';

/** What is published at once, and the findings that are kept by it. */
export interface Message {
  readonly alert: Alert;
  readonly findings: readonly Finding[];
}

/** So many alerts of one rule in one batch go out each by itself; SNS may disable a mail subscription that gets more. */
const maxAlertsPerRule = 10;

/** The messages that findings call for: an alert each, or one digest for a rule that has a storm of them. */
export function messagesOf(findings: readonly Finding[], rules: LoadedRules, origin: Origin): Message[] {
  return [...Map.groupBy(findings, ({ rule }) => rule.name).values()].flatMap((ofRule) => {
    if (ofRule.length > maxAlertsPerRule) return [{ alert: writeDigest(ofRule, rules, origin), findings: ofRule }];
    return ofRule.map((finding) => ({ alert: writeAlert(finding, rules, origin), findings: [finding] }));
  });
}
