import { createHash } from 'node:crypto';
import type { Quantity } from '../common/quantity.ts';
import { isExperimental } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';
import { isSilenced, type Silence } from './silence.ts';

/** The multiple of a claim that is the note of an end. */
export const resolutionMultiple = 0;

/** A stored promise to publish one alert. */
export interface AlertRecord {
  readonly rule: string;
  /** The multiple of the threshold that was reached: 1, or a step of the rule's escalation; endMultiple for a note. */
  readonly multiple: number;
  /** The alert's id. */
  readonly id: string;
  readonly value: Quantity;
  /** Whether there may be more than the value says: see evaluate/window-value.ts. */
  readonly isLowerBound: boolean;
  /** The alert's window, in epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** The token of the batch that took the promise over last, and when that batch arrived, in epoch seconds. */
  readonly token: string;
  readonly arrival: number;
  /** Whether it was published; of an experimental rule, logged. */
  readonly sent: boolean;
  /** Whether nobody is about to publish it, since no more messages might go; whoever is to, says so first. */
  readonly deferred: boolean;
  /** Whether it pages nobody, as the rule was when it was claimed. */
  readonly logOnly: boolean;
  /** How long it holds further alerts back, in seconds. */
  readonly suppressSeconds: number;
  /** In how many batches it did, at least; and in how many the alert before it had done so. */
  readonly suppressedCount: number;
  readonly previousSuppressedCount: number;
  /** The token of the last batch of those; empty where there is none. */
  readonly lastSuppressedBatch: string;
}

/** The alerts of one key, and the silences that are on for it. */
export interface StoredAlerts {
  readonly alertRecords: readonly AlertRecord[];
  /** By their rules; also those that are over. */
  readonly silences: ReadonlyMap<string, Silence>;
}

/**
 * What becomes of a claim that was refused: it is held all the same when the one that stands there is the same batch's and
 * was not kept, since an earlier try made it, or this one did and the answer was lost.
 *
 * @param replaces what it should have replaced
 * @param observed until when its window has been seen
 */
export function failedClaimOutcome(
  counter: StoredAlerts | undefined,
  record: AlertRecord,
  replaces: AlertRecord | undefined,
  observed: number,
): { claimed: AlertRecord } | { silencedBy: Silence } | { lostTo: AlertRecord | undefined } {
  const { rule, multiple, token } = record;
  const stored = counter?.alertRecords.find((claim) => claim.rule === rule && claim.multiple === multiple);
  if (stored?.token === token && !stored.sent) return { claimed: stored };
  const silencedBy = silenceOf(counter, record, replaces, observed);
  return silencedBy ? { silencedBy } : { lostTo: stored };
}

/**
 * A claim that was not marked as sent by now will not be by its owner: an hour after its arrival a batch comes no more
 * (the time for which tokens are kept: see counters/counter.ts).
 */
export const abandonedAfterSeconds = 3600;

/** The alerts among claims, which notes of an end are not, that of the latest window first. */
export function latestFirst(records: readonly AlertRecord[]): AlertRecord[] {
  return records.filter(({ multiple }) => multiple !== resolutionMultiple).toSorted((a, b) => b.to - a.to);
}

/** Whether an alert was told of as the rule, as it is now, would: one that paged nobody says nothing to whom it pages now. */
export function wasNotified({ logOnly }: AlertRecord, rule: Rule): boolean {
  return !logOnly || isExperimental(rule);
}

/** Whether a live alert, which the claim is of, keeps a window from being told of. */
export function suppresses(
  record: AlertRecord,
  rule: Rule,
  { multiple, window }: { readonly multiple: number; readonly window: { readonly to: number } },
): boolean {
  const isLive = record.rule === rule.name && wasNotified(record, rule) && window.to < record.to + record.suppressSeconds;
  return isLive && record.multiple >= multiple;
}

/** An alert's id: the same for the same window of a rule and key, whoever makes it. @param to the window's end */
export function alertId(rule: string, pk: string, multiple: number, to: number): string {
  const identity = JSON.stringify([rule, pk, multiple, to]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

/**
 * The silence that refuses a claim; undefined where none does. A promise that stands and only passes from one batch to
 * another, or is put off, was made before: it is kept.
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
