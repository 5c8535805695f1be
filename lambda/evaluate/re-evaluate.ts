import { type Batch, minuteOf } from '../counters/batch.ts';
import { alertId, type Claim, endMultiple, isTold, latestFirst, staleClaimSeconds } from '../counters/claim.ts';
import type { Counter } from '../counters/counter.ts';
import { type CounterKey, groupsBy, isPair } from '../counters/counter-key.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { silences } from '../counters/silence.ts';
import { slotOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import type { Finding } from './finding.ts';
import { verdictOf } from './window-value.ts';

/**
 * Whether what is to be looked at again needs not be asked for: it was in the batch's minute of arrival, or one of the hour
 * after it; a later one is none that can be. A batch that comes again asks again, for what it has promised.
 *
 * @param last the batch that asked last, if any
 */
export function wasAskedFor(batch: Batch, last: Batch | undefined): boolean {
  if (!last || batch.token === last.token) return false;
  const minutes = minuteOf(last) - minuteOf(batch);
  return minutes >= 0 && minutes < 60;
}

/** What looking again came to: what is to be sent now, and whether there is nothing left to wait for. */
export interface FollowedUp {
  readonly findings: readonly Finding[];
  readonly done: boolean;
}

/** For so long, in seconds, an alert that was put off waits at least: a minute's messages are gone by then. */
const patienceSeconds = 60;

/**
 * How late, in seconds, a flow that goes on may be told of: it is captured for up to ten minutes and delivered some five
 * later (VPC User Guide, "Flow log records").
 */
const lagSeconds = 900;

/**
 * Looks again at the alerts of a rule and key. What was put off is taken up, and so are promises of this batch, from an
 * earlier try, and those that nobody comes back for; a promise that another batch is about to keep is left to it. Where
 * the rule asks for a note of the end, it is due when no window that ends within what is not yet told is over the
 * threshold, and no silence is on.
 *
 * @param counter the counter as it is
 */
export function followUp(rule: Rule, key: CounterKey, counter: Counter, batch: Batch, rules: LoadedRules): FollowedUp {
  if (!groupsBy(rule, key)) return { findings: [], done: true };
  const claims = counter.claims.filter((claim) => claim.rule === rule.name);
  const delta = quietDelta(key, counter);
  const kept = claims.filter(({ sent }) => !sent);
  const findings = kept.flatMap((claim): Finding[] => {
    const claimed = claim.token === batch.token;
    const patience = claim.deferred ? patienceSeconds : staleClaimSeconds;
    if (!claimed && claim.arrival + patience > batch.arrival) return [];
    const taken = { ...claim, token: batch.token, arrival: batch.arrival };
    return [{ rule, delta, counter, claim: claimed ? claim : taken, replaces: claim, claimed }];
  });
  const latest = rule.ended ? latestFirst(claims.filter((claim) => claim.sent && isTold(claim, rule)))[0] : undefined;
  if (kept.length > 0 || !latest) return { findings, done: kept.length === 0 };
  const standing = claims.find(({ multiple }) => multiple === endMultiple);
  if (standing?.to === latest.to) return { findings, done: true };
  if (isOver(batch.arrival, rule, counter, rules)) return { findings, done: false };
  if (silences(counter.silences.get(rule.name), batch.arrival + 1)) return { findings, done: false };
  const claim = endOf(latest, key, batch);
  return { findings: [{ rule, delta, counter, claim, replaces: standing, claimed: false }], done: false };
}

/** Whether a window is over the threshold that may be the one that ends now, as far as flows are told of by now. */
function isOver(now: number, rule: Rule, { slots }: Counter, { series }: LoadedRules): boolean {
  const slotSeconds = series.get(allSeriesOf(rule)[0]!)?.slotSeconds ?? rule.timespanSeconds;
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const [from, to] = [slotOf(now - lagSeconds, slotSeconds), slotOf(now, slotSeconds)];
  const ends = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return ends.some(
    (last) => verdictOf(rule, { first: last - length + 1, last }, { slots, series }).multiple !== undefined,
  );
}

function endOf(alert: Claim, { pk }: CounterKey, { token, arrival }: Batch): Claim {
  return {
    ...alert,
    multiple: endMultiple,
    id: alertId(alert.rule, pk, endMultiple, alert.to),
    token,
    arrival,
    sent: false,
    deferred: false,
    held: 0,
    heldBefore: alert.held,
    heldBy: '',
  };
}

/** The delta of a batch that holds nothing of a counter. */
function quietDelta(key: CounterKey, { firstSeen, lastSeen }: Counter): KeyDelta {
  const totals = isPair(key) ? { bytes: 0, rejects: 0 } : undefined;
  return { key, part: 0, totals, firstSeen, lastSeen, additions: [], evidence: new Map(), collapsedPairs: 0 };
}
