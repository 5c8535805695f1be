import type { ClaimOutcome, CounterStore } from '../../lambda/count/counter-store.ts';
import { type AlertRecord, resolutionMultiple } from '../../lambda/counters/alert-record.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { CounterKey } from '../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';

/** An alert for one key, be it told of by a message of its own or not. */
export interface RecordedAlert {
  readonly rule: string;
  readonly key: CounterKey;
  readonly record: AlertRecord;
  /** Whether it says that a live alert of the same rule and key has got worse. */
  readonly isEscalation: boolean;
}

/** A counter store in which each claim that is marked as sent is told of; notes of an end are not. */
export class RecordingStore implements CounterStore {
  readonly #store: CounterStore;
  readonly #onAlert: (alert: RecordedAlert) => void;
  /** The keys of the batch that is under way. */
  readonly #keys = new Map<string, CounterKey>();
  #token = '';
  /** Until when the last alert of a rule and key holds others back, in epoch seconds. */
  readonly #liveUntil = new Map<string, number>();

  constructor(store: CounterStore, onAlert: (alert: RecordedAlert) => void) {
    this.#store = store;
    this.#onAlert = onAlert;
  }

  begin(batch: Batch, signal: AbortSignal): Promise<boolean> {
    return this.#store.begin(batch, signal);
  }

  complete(batch: Batch, signal: AbortSignal): Promise<void> {
    return this.#store.complete(batch, signal);
  }

  add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    if (batch.dedupToken !== this.#token) this.#keys.clear();
    this.#token = batch.dedupToken;
    this.#keys.set(delta.key.pk, delta.key);
    return this.#store.add(delta, batch, signal);
  }

  async markSent(pk: string, claim: AlertRecord, signal: AbortSignal): Promise<void> {
    await this.#store.markSent(pk, claim, signal);
    const key = this.#keys.get(pk);
    if (claim.multiple === resolutionMultiple || !key) return;
    const { rule, multiple, to, suppressSeconds } = claim;
    const sequence = `${rule} ${pk}`;
    const isLive = to < (this.#liveUntil.get(sequence) ?? Number.NEGATIVE_INFINITY);
    this.#liveUntil.set(sequence, to + suppressSeconds);
    this.#onAlert({ rule, key, record: claim, isEscalation: multiple > 1 && isLive });
  }

  claim(
    pk: string,
    claim: AlertRecord,
    replaces: AlertRecord | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome> {
    return this.#store.claim(pk, claim, replaces, seen, signal);
  }

  recordSuppression(pk: string, claim: AlertRecord, token: string, signal: AbortSignal): Promise<void> {
    return this.#store.recordSuppression(pk, claim, token, signal);
  }

  read(pk: string, signal: AbortSignal): Promise<Counter | undefined> {
    return this.#store.read(pk, signal);
  }
}
