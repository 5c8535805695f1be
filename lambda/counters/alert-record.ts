import { createHash } from 'node:crypto';
import type { Quantity } from '../common/quantity.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';
import { isSilenced, type Silence } from './silence.ts';

/** The multiple of the record of a resolution notice. */
export const resolutionMultiple = 0;

/**
 * The stored state of one alert (the transactional outbox pattern): pending until it is published, deferred while no
 * message may be sent, then sent. To claim a record is to write it before publishing the alert.
 */
export interface AlertRecord {
  readonly rule: string;
  /** The multiple of the threshold that was reached: 1, or an escalation step; `resolutionMultiple` for a resolution notice. */
  readonly multiple: number;
  /** The id of the alert. */
  readonly id: string;
  readonly value: Quantity;
  /** Whether the value is a lower bound: see evaluate/window-value.ts. */
  readonly isLowerBound: boolean;
  /** The alert's window, in epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** The dedup token of the batch that claimed the record last, and the arrival of that batch in epoch seconds. */
  readonly token: string;
  readonly arrival: number;
  /** Whether the alert was published or, for an experimental rule, logged. */
  readonly sent: boolean;
  /** Whether the alert waits for a later minute because the message limit was reached; a batch claims it again to publish it. */
  readonly deferred: boolean;
  /** Whether the alert is only logged: the rule was experimental at the time of the claim. */
  readonly logOnly: boolean;
  /** How long the alert suppresses further alerts, in seconds. */
  readonly suppressSeconds: number;
  /** Number of batches in which it suppressed alerts, at least; and the same number of the previous alert. */
  readonly suppressedCount: number;
  readonly previousSuppressedCount: number;
  /** The dedup token of the last such batch; empty if there is none. */
  readonly lastSuppressedBatch: string;
}

/** The alert records of one key, and its silences. */
export interface StoredAlerts {
  readonly alertRecords: readonly AlertRecord[];
  /** By rule; includes silences that have ended. */
  readonly silences: ReadonlyMap<string, Silence>;
}

/**
 * Interprets a failed claim. The claim succeeded nevertheless if the stored record is unsent and belongs to this batch:
 * an earlier attempt wrote it, or this write's response was lost.
 *
 * @param replaces the record that the claim should have replaced
 * @param observed the end of the observed part of the alert's window, in epoch seconds
 */
export function failedClaimOutcome(
  counter: StoredAlerts | undefined,
  record: AlertRecord,
  replaces: AlertRecord | undefined,
  observed: number,
): { claimed: AlertRecord } | { silencedBy: Silence } | { lostTo: AlertRecord | undefined } {
  const { rule, multiple, token } = record;
  const stored = counter?.alertRecords.find((other) => other.rule === rule && other.multiple === multiple);
  if (stored?.token === token && !stored.sent) return { claimed: stored };
  const silencedBy = silenceOf(counter, record, replaces, observed);
  return silencedBy ? { silencedBy } : { lostTo: stored };
}

/**
 * The age, in seconds after its batch's arrival, at which a pending record is abandoned: by then Firehose no longer retries
 * the batch (tokens are retained for the same time: see counters/counter.ts).
 */
export const abandonedAfterSeconds = 3600;

/** Returns the records of alerts, without resolution notices, the latest window first. */
export function latestFirst(records: readonly AlertRecord[]): AlertRecord[] {
  return records.filter(({ multiple }) => multiple !== resolutionMultiple).toSorted((a, b) => b.to - a.to);
}

/**
 * Returns whether the alert was delivered the way the rule delivers now. An alert that was only logged while the rule was
 * experimental does not suppress notifications.
 */
export function wasNotified({ logOnly }: AlertRecord, rule: Rule): boolean {
  return !logOnly || isExperimental(rule);
}

/** Returns whether a live alert suppresses an alert for a window. */
export function suppresses(
  record: AlertRecord,
  rule: Rule,
  { multiple, window }: { readonly multiple: number; readonly window: { readonly to: number } },
): boolean {
  const isLive =
    record.rule === rule.name && wasNotified(record, rule) && window.to < record.to + record.suppressSeconds;
  return isLive && record.multiple >= multiple;
}

/** Returns the id of an alert: the same in every process for the same rule, key, multiple and window end. */
export function alertId(rule: string, pk: string, multiple: number, to: number): string {
  const identity = JSON.stringify([rule, pk, multiple, to]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

/**
 * Returns the silence that rejects a claim, or undefined. A pending alert that is only handed over to another batch, or
 * deferred, predates the silence and is still sent.
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
