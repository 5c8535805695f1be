import { resolutionMultiple } from '../counters/alert-record.ts';
import type { Finding } from '../evaluate/finding.ts';
import { type Alert, writeAlert, writeDigest } from './alert.ts';
import type { Context } from './alert-body.ts';

/** What is published at once, and the findings that are kept by it. */
export interface Message {
  readonly alert: Alert;
  readonly findings: readonly Finding[];
}

/** So many alerts of one rule in one batch go out each by itself; SNS may disable a mail subscription that gets more. */
const maxAlertsPerRule = 10;

/** The rules of which a batch has a storm of alerts, or of notes of an end. */
export function stormsOf(findings: readonly Finding[]): ReadonlySet<string> {
  const ofKinds = [...Map.groupBy(findings, kindOf)];
  return new Set(ofKinds.flatMap(([kind, all]) => (all.length > maxAlertsPerRule ? kind : [])));
}

/** How many messages findings call for, if all of them may be sent. */
export function messageCount(findings: readonly Finding[], storms: ReadonlySet<string>): number {
  const ofKinds = [...Map.groupBy(findings, kindOf)];
  return ofKinds.reduce((sum, [kind, all]) => sum + (storms.has(kind) ? 1 : all.length), 0);
}

const severities = ['critical', 'high', 'medium', 'low', 'informational'];

/**
 * The messages that findings call for: an alert each, or one digest for a rule that has a storm of them. Where these are
 * more than may be sent, rules with many alerts get a digest too, those with the most first. If there are more rules than
 * messages, those of the less severe ones are left out: see waitingOf.
 */
export function messagesOf(
  findings: readonly Finding[],
  storms: ReadonlySet<string>,
  maxMessages: number,
  context: Context,
): Message[] {
  const groups = bySeverity(findings);
  const digested = new Set(groups.filter(([first]) => storms.has(kindOf(first!))));
  let count = groups.reduce((sum, all) => sum + (digested.has(all) ? 1 : all.length), 0);
  for (const all of groups.toSorted((a, b) => b.length - a.length)) {
    if (count <= maxMessages || digested.has(all)) continue;
    digested.add(all);
    count -= all.length - 1;
  }
  return (count > maxMessages ? groups.slice(0, maxMessages) : groups).flatMap((all) => {
    if (digested.has(all) && all.length > 1) return [{ alert: writeDigest(all, context), findings: all }];
    return all.map((finding) => ({ alert: writeAlert(finding, context), findings: [finding] }));
  });
}

/** The findings that have to wait where so many messages may be sent: those of the less severe rules. */
export function deferredOf(findings: readonly Finding[], maxMessages: number): ReadonlySet<Finding> {
  return new Set(bySeverity(findings).slice(maxMessages).flat());
}

/** What one digest can tell of: alerts of one rule, or notes of their ends. */
function kindOf({ rule, record }: Finding): string {
  return record.multiple === resolutionMultiple ? `${rule.name} ended` : rule.name;
}

/** The findings of each kind, the most severe first. */
function bySeverity(findings: readonly Finding[]): Finding[][] {
  const rank = ([first]: readonly Finding[]) => severities.indexOf(first!.rule.level);
  return [...Map.groupBy(findings, kindOf).values()].sort((a, b) => rank(a) - rank(b));
}

/** How many messages may be sent: SNS may disable a mail subscription that gets too many, and nobody reads them. */
export interface MessageLimits {
  readonly perBatch: number;
  /** In a minute of arrival, over all batches. */
  readonly perMinute: number;
}
