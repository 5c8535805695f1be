import { type Alert, writeAlert, writeDigest } from './alert.ts';
import type { Context } from './alert-body.ts';
import { endMultiple } from './counter.ts';
import type { Finding } from './judge.ts';

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

/** What is sent now, and what has to wait. */
export interface Dispatch {
  readonly messages: readonly Message[];
  readonly deferred: readonly Finding[];
}

const severities = ['critical', 'high', 'medium', 'low', 'informational'];

/**
 * The messages that findings call for: an alert each, or one digest for a rule that has a storm of them. Where these are
 * more than may be sent, rules with many alerts get a digest too, those with the most first; and if there are more rules
 * than messages, the less severe ones wait.
 */
export function messagesOf(
  findings: readonly Finding[],
  storms: ReadonlySet<string>,
  most: number,
  context: Context,
): Dispatch {
  const groups = [...Map.groupBy(findings, kindOf).values()].sort(bySeverity);
  const digested = new Set(groups.filter(([first]) => storms.has(kindOf(first!))));
  const count = () => groups.reduce((sum, all) => sum + (digested.has(all) ? 1 : all.length), 0);
  for (const all of groups.toSorted((a, b) => b.length - a.length)) if (count() > most) digested.add(all);
  const now = count() > most ? groups.slice(0, most) : groups;
  return {
    messages: now.flatMap((all) => {
      if (digested.has(all) && all.length > 1) return [{ alert: writeDigest(all, context), findings: all }];
      return all.map((finding) => ({ alert: writeAlert(finding, context), findings: [finding] }));
    }),
    deferred: groups.filter((all) => !now.includes(all)).flat(),
  };
}

/** What one digest can tell of: alerts of one rule, or notes of their ends. */
function kindOf({ rule, claim }: Finding): string {
  return claim.multiple === endMultiple ? `${rule.name} ended` : rule.name;
}

function bySeverity([a]: readonly Finding[], [b]: readonly Finding[]): number {
  return severities.indexOf(a!.rule.level) - severities.indexOf(b!.rule.level);
}
