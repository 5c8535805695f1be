import type { ClaimOutcome, CounterStore } from '../../lambda/count/counter-store.ts';
import { type AlertRecord, resolutionMultiple } from '../../lambda/counters/alert-record.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { CounterKey } from '../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';

/** An alert for one key, also if it is only listed in a digest. */
export interface RecordedAlert {
  readonly rule: string;
  readonly key: CounterKey;
  readonly record: AlertRecord;
  /** Whether the alert escalates a live alert of the same rule and key. */
  readonly isEscalation: boolean;
}

/** A counter store that reports each alert record when it is marked as sent, except resolution notices. */
export class RecordingStore implements CounterStore {
  readonly #store: CounterStore;
  readonly #onAlert: (alert: RecordedAlert) => void;
  /** Keys of the current batch. */
  readonly #keys = new Map<string, CounterKey>();
  #token = '';
  /** End of the suppression by the last alert of a rule and key, in epoch seconds. */
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

  async markSent(pk: string, record: AlertRecord, signal: AbortSignal): Promise<void> {
    await this.#store.markSent(pk, record, signal);
    const key = this.#keys.get(pk);
    if (record.multiple === resolutionMultiple || !key) return;
    const { rule, multiple, to, suppressSeconds } = record;
    const ruleAndKey = `${rule} ${pk}`;
    const isLive = to < (this.#liveUntil.get(ruleAndKey) ?? Number.NEGATIVE_INFINITY);
    this.#liveUntil.set(ruleAndKey, to + suppressSeconds);
    this.#onAlert({ rule, key, record, isEscalation: multiple > 1 && isLive });
  }

  claim(
    pk: string,
    record: AlertRecord,
    replaces: AlertRecord | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome> {
    return this.#store.claim(pk, record, replaces, seen, signal);
  }

  recordSuppression(pk: string, record: AlertRecord, token: string, signal: AbortSignal): Promise<void> {
    return this.#store.recordSuppression(pk, record, token, signal);
  }

  read(pk: string, signal: AbortSignal): Promise<Counter | undefined> {
    return this.#store.read(pk, signal);
  }
}
