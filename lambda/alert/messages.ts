import { resolutionMultiple } from '../counters/alert-record.ts';
import type { Finding } from '../evaluate/finding.ts';
import { type Alert, writeAlert, writeDigest } from './alert.ts';
import type { Context } from './alert-body.ts';

/** One message to publish, and the findings that it reports. */
export interface Message {
  readonly alert: Alert;
  readonly findings: readonly Finding[];
}

/** The most alerts of one rule in a batch that are sent one by one; SNS may disable an e-mail subscription over more. */
const maxAlertsPerRule = 10;

/** Returns the kinds of alerts, or of resolution notices, of which a batch has a storm. */
export function stormsOf(findings: readonly Finding[]): ReadonlySet<string> {
  const byKind = [...Map.groupBy(findings, kindOf)];
  return new Set(byKind.flatMap(([kind, ofKind]) => (ofKind.length > maxAlertsPerRule ? kind : [])));
}

/** Returns the number of messages for findings if none is deferred. */
export function messageCount(findings: readonly Finding[], storms: ReadonlySet<string>): number {
  const byKind = [...Map.groupBy(findings, kindOf)];
  return byKind.reduce((sum, [kind, ofKind]) => sum + (storms.has(kind) ? 1 : ofKind.length), 0);
}

const severities = ['critical', 'high', 'medium', 'low', 'informational'];

/**
 * Writes the messages for findings: one alert for each, or one digest for a rule with a storm. Over the limit, the rules
 * with the most alerts get a digest too. If there are more rules than messages, the less severe rules get none: deferredOf
 * returns their findings.
 */
export function messagesOf(
  findings: readonly Finding[],
  storms: ReadonlySet<string>,
  maxMessages: number,
  context: Context,
): Message[] {
  const groups = bySeverity(findings);
  const digested = new Set(groups.filter(([first]) => storms.has(kindOf(first!))));
  let count = groups.reduce((sum, group) => sum + (digested.has(group) ? 1 : group.length), 0);
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    if (count <= maxMessages || digested.has(group)) continue;
    digested.add(group);
    count -= group.length - 1;
  }
  return (count > maxMessages ? groups.slice(0, maxMessages) : groups).flatMap((group) => {
    if (digested.has(group) && group.length > 1) return [{ alert: writeDigest(group, context), findings: group }];
    return group.map((finding) => ({ alert: writeAlert(finding, context), findings: [finding] }));
  });
}

/** Returns the findings that are over the limit of messages: those of the less severe rules. */
export function deferredOf(findings: readonly Finding[], maxMessages: number): ReadonlySet<Finding> {
  return new Set(bySeverity(findings).slice(maxMessages).flat());
}

/** Names what one digest can report: alerts of one rule, or resolution notices of one rule. */
function kindOf({ rule, record }: Finding): string {
  return record.multiple === resolutionMultiple ? `${rule.name} ended` : rule.name;
}

/** Returns the findings of each kind, the most severe first. */
function bySeverity(findings: readonly Finding[]): Finding[][] {
  const rank = ([first]: readonly Finding[]) => severities.indexOf(first!.rule.level);
  return [...Map.groupBy(findings, kindOf).values()].sort((a, b) => rank(a) - rank(b));
}

/** The limits of messages: SNS may disable an e-mail subscription that gets too many, and nobody reads them. */
export interface MessageLimits {
  readonly perBatch: number;
  /** In a minute of arrival, over all batches. */
  readonly perMinute: number;
}
