import { createHash } from 'node:crypto';
import type { Rule } from '../sigma/compiled.ts';
import { allSeriesOf } from '../sigma/correlation.ts';
import type { LoadedRules } from '../sigma/load.ts';
import type { Batch } from './batch.ts';
import { type Claim, type Counter, endMultiple } from './counter.ts';
import type { CounterKey } from './counter-key.ts';
import type { KeyDelta } from './delta-builder.ts';
import { type Finding, latestOf } from './judge.ts';
import { verdictOf } from './verdict.ts';
import { slotOf, windowSlots } from './window.ts';

/** A rule and a key whose alerts are to be looked at again though no flow of theirs comes. */
export interface FollowUp {
  readonly rule: string;
  readonly key: CounterKey;
}

/** What looking again came to: what is to be sent now, and whether there is nothing left to wait for. */
export interface FollowedUp {
  readonly findings: readonly Finding[];
  readonly done: boolean;
}

/** For so long, in seconds, a promise is left to the batch that made it. */
const patienceSeconds = 60;

/**
 * Looks again at the alerts of a rule and key: promises that were put off are taken over, and where the rule asks for a
 * note of the end, it is due when the window that ends with the batch's arrival is no longer over the threshold.
 *
 * @param counter the counter as it is
 */
export function followUp(rule: Rule, key: CounterKey, counter: Counter, batch: Batch, rules: LoadedRules): FollowedUp {
  const claims = counter.claims.filter((claim) => claim.rule === rule.name);
  const found = (claim: Claim, replaces: Claim | undefined): Finding => {
    const delta = quietDelta(key, counter);
    return { rule, delta, counter, claim, replaces, claimed: false };
  };
  const kept = claims.filter(({ sent }) => !sent);
  const due = kept.filter(({ token, arrival }) => token !== batch.token && arrival + patienceSeconds <= batch.arrival);
  const findings = due.map((claim) => found({ ...claim, token: batch.token, arrival: batch.arrival }, claim));
  const latest = rule.ended ? latestOf(claims.filter(({ sent }) => sent)) : undefined;
  if (kept.length > 0 || !latest) return { findings, done: kept.length === 0 };
  const standing = claims.find(({ multiple }) => multiple === endMultiple);
  if (standing?.to === latest.to) return { findings, done: true };
  if (isOverAt(batch.arrival, rule, counter, rules)) return { findings, done: false };
  return { findings: [found(endOf(latest, key, batch), standing)], done: false };
}

function isOverAt(seconds: number, rule: Rule, { slots }: Counter, { series }: LoadedRules): boolean {
  const slotSeconds = series.get(allSeriesOf(rule)[0]!)?.slotSeconds ?? 1;
  const last = slotOf(seconds, slotSeconds);
  const first = last - windowSlots(rule.timespanSeconds, slotSeconds) + 1;
  return verdictOf(rule, { first, last }, { slots, series }).multiple !== undefined;
}

function endOf(alert: Claim, { pk }: CounterKey, { token, arrival }: Batch): Claim {
  const identity = JSON.stringify([alert.rule, pk, endMultiple, alert.to]);
  return {
    ...alert,
    multiple: endMultiple,
    id: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    token,
    arrival,
    sent: false,
    held: 0,
    heldBefore: alert.held,
    heldBy: '',
  };
}

/** The delta of a batch that holds nothing of a counter. */
function quietDelta(key: CounterKey, { firstSeen, lastSeen }: Counter): KeyDelta {
  const isPair = key.pk.startsWith('pair#');
  const totals = isPair ? { bytes: 0, rejects: 0 } : undefined;
  return { key, part: 0, totals, firstSeen, lastSeen, additions: [], evidence: new Map(), collapsedPairs: 0 };
}
