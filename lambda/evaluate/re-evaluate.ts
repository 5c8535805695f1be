import {
  type AlertRecord,
  abandonedAfterSeconds,
  alertId,
  latestFirst,
  resolutionMultiple,
  wasNotified,
} from '../counters/alert-record.ts';
import { type Batch, minuteOf } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import { type CounterKey, groupsBy, isPair } from '../counters/counter-key.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { isSilenced } from '../counters/silence.ts';
import { slotOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import type { Finding } from './finding.ts';
import { evaluateWindow } from './window-value.ts';

/**
 * Whether what is to be looked at again needs not be asked for: it was in the batch's minute of arrival, or one of the hour
 * after it; a later one is none that can be. A batch that comes again asks again, for what it has promised.
 *
 * @param last the batch that asked last, if any
 */
export function wasReadThisMinute(batch: Batch, last: Batch | undefined): boolean {
  if (!last || batch.dedupToken === last.dedupToken) return false;
  const minutes = minuteOf(last) - minuteOf(batch);
  return minutes >= 0 && minutes < 60;
}

/** What looking again came to: what is to be sent now, and whether there is nothing left to wait for. */
export interface ReEvaluationResult {
  readonly findings: readonly Finding[];
  readonly done: boolean;
}

/** For so long, in seconds, an alert that was put off waits at least: a minute's messages are gone by then. */
const deferralSeconds = 60;

/**
 * How late, in seconds, a flow that goes on may be told of: it is captured for up to ten minutes and delivered some five
 * later (VPC User Guide, "Flow log records").
 */
const deliveryLagSeconds = 900;

/**
 * Looks again at the alerts of a rule and key. What was put off is taken up, and so are promises of this batch, from an
 * earlier try, and those that nobody comes back for; a promise that another batch is about to keep is left to it. Where
 * the rule asks for a note of the end, it is due when no window that ends within what is not yet told is over the
 * threshold, and no silence is on.
 *
 * @param counter the counter as it is
 */
export function reEvaluate(
  rule: Rule,
  key: CounterKey,
  counter: Counter,
  batch: Batch,
  rules: LoadedRules,
): ReEvaluationResult {
  if (!groupsBy(rule, key)) return { findings: [], done: true };
  const claims = counter.alertRecords.filter((claim) => claim.rule === rule.name);
  const delta = emptyDelta(key, counter);
  const kept = claims.filter(({ sent }) => !sent);
  const findings = kept.flatMap((claim): Finding[] => {
    const claimed = claim.token === batch.dedupToken;
    const patience = claim.deferred ? deferralSeconds : abandonedAfterSeconds;
    if (!claimed && claim.arrival + patience > batch.arrival) return [];
    const taken = { ...claim, token: batch.dedupToken, arrival: batch.arrival };
    return [{ rule, delta, counter, record: claimed ? claim : taken, replaces: claim, isClaimed: claimed }];
  });
  const latest = rule.ended
    ? latestFirst(claims.filter((claim) => claim.sent && wasNotified(claim, rule)))[0]
    : undefined;
  if (kept.length > 0 || !latest) return { findings, done: kept.length === 0 };
  const standing = claims.find(({ multiple }) => multiple === resolutionMultiple);
  if (standing?.to === latest.to) return { findings, done: true };
  if (isOverThreshold(batch.arrival, rule, counter, rules)) return { findings, done: false };
  if (isSilenced(counter.silences.get(rule.name), batch.arrival + 1)) return { findings, done: false };
  const claim = resolutionNotice(latest, key, batch);
  return { findings: [{ rule, delta, counter, record: claim, replaces: standing, isClaimed: false }], done: false };
}

/** Whether a window is over the threshold that may be the one that ends now, as far as flows are told of by now. */
function isOverThreshold(now: number, rule: Rule, { slots }: Counter, { series }: LoadedRules): boolean {
  const slotSeconds = series.get(allSeriesOf(rule)[0]!)?.slotSeconds ?? rule.timespanSeconds;
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const [from, to] = [slotOf(now - deliveryLagSeconds, slotSeconds), slotOf(now, slotSeconds)];
  const ends = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return ends.some(
    (last) => evaluateWindow(rule, { first: last - length + 1, last }, { slots, series }).multiple !== undefined,
  );
}

function resolutionNotice(alert: AlertRecord, { pk }: CounterKey, { dedupToken, arrival }: Batch): AlertRecord {
  return {
    ...alert,
    multiple: resolutionMultiple,
    id: alertId(alert.rule, pk, resolutionMultiple, alert.to),
    token: dedupToken,
    arrival,
    sent: false,
    deferred: false,
    suppressedCount: 0,
    previousSuppressedCount: alert.suppressedCount,
    lastSuppressedBatch: '',
  };
}

/** The delta of a batch that holds nothing of a counter. */
function emptyDelta(key: CounterKey, { firstSeen, lastSeen }: Counter): KeyDelta {
  const totals = isPair(key) ? { bytes: 0, rejects: 0 } : undefined;
  return { key, part: 0, totals, firstSeen, lastSeen, additions: [], evidence: new Map(), overflowPairs: 0 };
}
