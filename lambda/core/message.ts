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

/** The rules of which a batch has a storm of alerts. */
export function stormsOf(findings: readonly Finding[]): ReadonlySet<string> {
  const ofRules = [...Map.groupBy(findings, ({ rule }) => rule.name)];
  return new Set(ofRules.flatMap(([name, all]) => (all.length > maxAlertsPerRule ? name : [])));
}

/** The messages that findings call for: an alert each, or one digest for a rule that has a storm of them. */
export function messagesOf(findings: readonly Finding[], storms: ReadonlySet<string>, origin: Origin): Message[] {
  return [...Map.groupBy(findings, ({ rule }) => rule.name)].flatMap(([name, all]) => {
    if (storms.has(name) && all.length > 1) return [{ alert: writeDigest(all, origin), findings: all }];
    return all.map((finding) => ({ alert: writeAlert(finding, origin), findings: [finding] }));
  });
}
