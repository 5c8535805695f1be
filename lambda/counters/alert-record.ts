import { messageId } from '../common/message-id.ts';
import type { Quantity } from '../common/quantity.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';
import type { Batch } from './batch.ts';
import { isSilenced, type Silence } from './silence.ts';

/** The multiple of the alert record of a resolution notice. */
export const resolutionMultiple = 0;

/**
 * The stored intent to publish one alert (outbox pattern). A record is pending until it is marked as sent; a deferred
 * record is pending for a later minute. There is one record of a rule and a multiple at a time.
 */
export interface AlertRecord {
  readonly rule: string;
  /** The multiple of the threshold that was reached: 1 or an escalation multiple; 0 of a resolution notice. */
  readonly multiple: number;
  /** The alert's id. */
  readonly id: string;
  readonly value: Quantity;
  /** Whether the true value may be higher: see evaluate/window-value.ts. */
  readonly isLowerBound: boolean;
  /** The alert's window, in epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** The dedup token of the batch that claimed the record last, and the arrival of that batch in epoch seconds. */
  readonly token: string;
  readonly arrival: number;
  /** Whether the alert was published; of an experimental rule, logged. */
  readonly sent: boolean;
  /** Whether the alert waits for a later minute. A batch clears this by a claim before it publishes the alert. */
  readonly deferred: boolean;
  /** Whether the alert goes to the log only, as the rule's status was when the record was claimed. */
  readonly logOnly: boolean;
  /** For how many seconds after `to` the alert suppresses further alerts. */
  readonly suppressSeconds: number;
  /** The number of batches in which this alert, and the one before it, suppressed findings: at least. */
  readonly suppressedCount: number;
  readonly previousSuppressedCount: number;
  /** The dedup token of the last batch in which this alert suppressed findings; empty without one. */
  readonly lastSuppressedBatch: string;
}

/** The alert records of one key, and its silences. */
export interface StoredAlerts {
  readonly alertRecords: readonly AlertRecord[];
  /** By rule name; silences that have ended are included. */
  readonly silences: ReadonlyMap<string, Silence>;
}

/**
 * Interprets a failed claim condition. The claim still succeeded if the stored record is unsent and belongs to this
 * batch: an earlier attempt wrote it, or the response to this write was lost.
 *
 * @param replaces the record that the claim was to replace
 * @param observed until when the record's window has been observed, in epoch seconds
 */
export function failedClaimOutcome(
  counter: StoredAlerts | undefined,
  wanted: AlertRecord,
  replaces: AlertRecord | undefined,
  observed: number,
): { claimed: AlertRecord } | { silencedBy: Silence } | { lostTo: AlertRecord | undefined } {
  const { rule, multiple, token } = wanted;
  const stored = counter?.alertRecords.find((record) => record.rule === rule && record.multiple === multiple);
  if (stored?.token === token && !stored.sent) return { claimed: stored };
  const silencedBy = silenceOf(counter, wanted, replaces, observed);
  return silencedBy ? { silencedBy } : { lostTo: stored };
}

/**
 * The time after which an unsent record is abandoned, in seconds. Firehose no longer retries a batch an hour after its
 * arrival.
 */
export const abandonedAfterSeconds = 3600;

/** Returns a pending record as claimed by a batch that takes the record over. */
export function takenOver(record: AlertRecord, { dedupToken, arrival }: Batch): AlertRecord {
  return { ...record, token: dedupToken, arrival };
}

/** Returns the records of alerts, without resolution notices, sorted by the end of their windows: the latest first. */
export function latestFirst(records: readonly AlertRecord[]): AlertRecord[] {
  return records.filter(({ multiple }) => multiple !== resolutionMultiple).toSorted((a, b) => b.to - a.to);
}

/**
 * Returns whether the alert was delivered the way the rule delivers now. An alert that was only logged while the rule
 * was experimental does not suppress notifications.
 */
export function wasNotified({ logOnly }: AlertRecord, rule: Rule): boolean {
  return !logOnly || isExperimental(rule);
}

/** Returns whether a live alert of the rule, with at least the window's multiple, suppresses the window. */
export function suppresses(
  record: AlertRecord,
  rule: Rule,
  { multiple, window }: { readonly multiple: number; readonly window: { readonly to: number } },
): boolean {
  const isLive =
    record.rule === rule.name && wasNotified(record, rule) && window.to < record.to + record.suppressSeconds;
  return isLive && record.multiple >= multiple;
}

/** Returns an alert's id: the same for the same rule, key, multiple and end of the window, in every batch. */
export function alertId(rule: string, pk: string, multiple: number, to: number): string {
  return messageId([rule, pk, multiple, to]);
}

/**
 * Returns the silence that rejects a claim, if any. A pending alert that is only taken over or deferred predates the
 * silence and is still sent.
 */
export function silenceOf(
  counter: StoredAlerts | undefined,
  record: AlertRecord,
  replaces: AlertRecord | undefined,
  observed: number,
): Silence | undefined {
  const silence = counter?.silences.get(record.rule);
  return replaces?.id !== record.id && isSilenced(silence, observed) ? silence : undefined;
}
