import {
  type AlertRecord,
  abandonedAfterSeconds,
  alertId,
  latestFirst,
  resolutionMultiple,
  takenOver,
  wasNotified,
} from '../counters/alert-record.ts';
import { type Batch, minuteOf } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import { type CounterKey, groupsBy, isPair } from '../counters/counter-key.ts';
import type { CountedDelta, KeyDelta } from '../counters/delta.ts';
import { isSilenced } from '../counters/silence.ts';
import { slotOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import type { Finding } from './finding.ts';
import { evaluateWindow } from './window-value.ts';

/**
 * Returns whether the re-evaluation queues were already read for the batch's minute of arrival or a later one.
 * A retried batch always reads the queues again, since it may have scheduled entries itself. A batch that claims to
 * arrive more than an hour later is not believed.
 *
 * @param last the batch that read the queues last, if any
 */
export function wasReadThisMinute(batch: Batch, last: Batch | undefined): boolean {
  if (!last || batch.dedupToken === last.dedupToken) return false;
  const minutes = minuteOf(last) - minuteOf(batch);
  return minutes >= 0 && minutes < 60;
}

/** The result of a re-evaluation: the alerts to publish, and whether the rule and key may leave their queues. */
export interface ReEvaluationResult {
  readonly findings: readonly Finding[];
  /** Whether no alert is pending: then the queues of waiting alerts may drop the entry. */
  readonly isSent: boolean;
  /** Whether also no resolution notice is to follow: then the queue `resolution` may drop the entry. */
  readonly isResolved: boolean;
}

export const nothingToDo: ReEvaluationResult = { findings: [], isSent: true, isResolved: true };

/** The shortest wait of a deferred alert, in seconds: then the next minute's messages are available. */
const deferralSeconds = 60;

/**
 * The delivery delay of a flow, in seconds: captured for up to ten minutes, delivered some five minutes later
 * (VPC User Guide, "Flow log records").
 */
export const deliveryLagSeconds = 900;

/**
 * Re-evaluates the alerts of one rule and key.
 *
 * 1. If alerts are pending, returns those that this batch may publish.
 * 2. Otherwise nothing is left to do if no sent alert awaits a resolution notice.
 * 3. Otherwise returns the notice, unless a window is over the threshold or silenced.
 *
 * If the rule no longer groups by the key's fields, nothing is left to do.
 *
 * @param counter the counter as stored
 * @param countedUntil the counter has all flows that arrived before this time, in epoch seconds
 */
export function reEvaluate(
  rule: Rule,
  key: CounterKey,
  counter: Counter,
  batch: Batch,
  rules: LoadedRules,
  countedUntil: number = batch.arrival,
): ReEvaluationResult {
  if (!groupsBy(rule, key)) return nothingToDo;
  const records = counter.alertRecords.filter((record) => record.rule === rule.name);
  const update = { delta: emptyDelta(key, counter), counter };
  const pending = records.filter(({ sent }) => !sent);
  if (pending.length > 0) {
    return { findings: takeOverPending(pending, rule, update, batch), isSent: false, isResolved: false };
  }
  const resolved = alertToResolve(rule, records);
  if (!resolved) return nothingToDo;
  // A batch that is older than the last flow, as a redriven one, cannot tell what is over; nor can a counter that lags.
  const isOngoing =
    countedUntil < counter.lastSeen ||
    isOverThreshold(countedUntil, rule, counter, rules) ||
    isSilenced(counter.silences.get(rule.name), batch.arrival + 1);
  const findings = isOngoing ? [] : [resolutionNotice(resolved, records, rule, update, batch)];
  return { findings, isSent: true, isResolved: false };
}

/**
 * Returns findings for the pending alerts that this batch may publish: deferred alerts after a minute, those that an
 * earlier attempt of the batch claimed, and abandoned ones. Alerts that another batch is still processing stay.
 */
function takeOverPending(pending: readonly AlertRecord[], rule: Rule, update: CountedDelta, batch: Batch): Finding[] {
  return pending.flatMap((record): Finding[] => {
    if (record.token === batch.dedupToken) return [{ ...update, rule, record, replaces: record, isClaimed: true }];
    const waitSeconds = record.deferred ? deferralSeconds : abandonedAfterSeconds;
    if (record.arrival + waitSeconds > batch.arrival) return [];
    return [{ ...update, rule, record: takenOver(record, batch), replaces: record, isClaimed: false }];
  });
}

/** Returns the rule's latest sent alert if a resolution notice is to follow and none was sent. */
function alertToResolve(rule: Rule, records: readonly AlertRecord[]): AlertRecord | undefined {
  if (!rule.ended) return undefined;
  const [latest] = latestFirst(records.filter((record) => record.sent && wasNotified(record, rule)));
  return latest && noticeOf(records)?.to === latest.to ? undefined : latest;
}

function noticeOf(records: readonly AlertRecord[]): AlertRecord | undefined {
  return records.find(({ multiple }) => multiple === resolutionMultiple);
}

/** Returns the finding that notifies that an alert is resolved. */
function resolutionNotice(
  alert: AlertRecord,
  records: readonly AlertRecord[],
  rule: Rule,
  update: CountedDelta,
  batch: Batch,
): Finding {
  const record = {
    ...takenOver(alert, batch),
    multiple: resolutionMultiple,
    id: alertId(alert.rule, update.delta.key.pk, resolutionMultiple, alert.to),
    sent: false,
    deferred: false,
    suppressedCount: 0,
    previousSuppressedCount: alert.suppressedCount,
    lastSuppressedBatch: '',
  };
  return { ...update, rule, record, replaces: noticeOf(records), isClaimed: false };
}

/** Returns whether a window exceeds the threshold that ends now, or as long ago as flows may still arrive for it. */
function isOverThreshold(now: number, rule: Rule, { slots }: Counter, { series }: LoadedRules): boolean {
  const slotSeconds = series.get(allSeriesOf(rule)[0]!)?.slotSeconds ?? rule.timespanSeconds;
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const [from, to] = [slotOf(now - deliveryLagSeconds, slotSeconds), slotOf(now, slotSeconds)];
  const lastSlots = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return lastSlots.some(
    (last) => evaluateWindow(rule, { first: last - length + 1, last }, { slots, series }).multiple !== undefined,
  );
}

/** Returns the delta of a batch without flows of a counter. */
function emptyDelta(key: CounterKey, { firstSeen, lastSeen }: Counter): KeyDelta {
  const totals = isPair(key) ? { bytes: 0, rejects: 0 } : undefined;
  return { key, part: 0, totals, firstSeen, lastSeen, additions: [], evidence: new Map(), overflowPairs: 0 };
}
