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
  return groupsOf(findings).reduce((sum, group) => sum + (storms.has(kindOf(group[0]!)) ? 1 : group.length), 0);
}

/** Returns the number of messages for findings if each rule has a digest. */
export function digestCount(findings: readonly Finding[]): number {
  return groupsOf(findings).length;
}

/**
 * Writes the messages for findings of one level: one alert for each, or one digest for a rule with a storm. Over the
 * limit, the rules with the most alerts get a digest too. If there are more rules than messages, they get none:
 * deferredOf returns their findings.
 */
export function messagesOf(
  findings: readonly Finding[],
  storms: ReadonlySet<string>,
  maxMessages: number,
  context: Context,
): Message[] {
  const groups = groupsOf(findings);
  const digested = new Set(groups.filter(([first]) => storms.has(kindOf(first!))));
  let count = messageCount(findings, storms);
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

/** Returns the findings of one level that are over the limit of messages: those of the rules with the most alerts. */
export function deferredOf(findings: readonly Finding[], maxMessages: number): ReadonlySet<Finding> {
  return new Set(groupsOf(findings).slice(maxMessages).flat());
}

/** Names what one digest can report: alerts of one rule, or resolution notices of one rule. */
function kindOf(finding: Finding): string {
  return isNotice(finding) ? `${finding.rule.name} ended` : finding.rule.name;
}

function isNotice({ record }: Finding): boolean {
  return record.multiple === resolutionMultiple;
}

/** Returns the findings of each kind: alerts before resolution notices, and the rules with the fewest first. */
function groupsOf(findings: readonly Finding[]): Finding[][] {
  const groups = [...Map.groupBy(findings, kindOf).values()];
  return groups.sort((a, b) => Number(isNotice(a[0]!)) - Number(isNotice(b[0]!)) || a.length - b.length);
}

/** The limits of messages: SNS may disable an e-mail subscription that gets too many, and nobody reads them. */
export interface MessageLimits {
  readonly perBatch: number;
  /** In a minute of arrival, over all batches; divided by level in message-allowance.ts. */
  readonly perMinute: number;
}
