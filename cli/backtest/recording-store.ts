import { delegatingStore } from '../../emulators/delegating-store.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { type AlertRecord, resolutionMultiple } from '../../lambda/counters/alert-record.ts';
import type { CounterKey } from '../../lambda/counters/counter-key.ts';

/** An alert for one key, whether it was published separately or in a digest. */
export interface RecordedAlert {
  readonly rule: string;
  readonly key: CounterKey;
  readonly record: AlertRecord;
  /** Whether it escalates a live alert of the same rule and key. */
  readonly isEscalation: boolean;
}

/**
 * Creates a counter store that reports each alert that is marked as sent; resolution notices are not reported.
 *
 * @param keyOf returns the key of a counter in the store
 */
export function recordingStore(
  store: CounterStore,
  keyOf: (pk: string) => CounterKey | undefined,
  onAlert: (alert: RecordedAlert) => void,
): CounterStore {
  /** The end of the suppression by the last alert of a rule and key, in epoch seconds. */
  const liveUntil = new Map<string, number>();
  const { addSync } = store;
  return delegatingStore(store, {
    ...(addSync && { addSync: (delta, batch) => store.addSync!(delta, batch) }),
    async markSent(pk, record, signal) {
      await store.markSent(pk, record, signal);
      const key = keyOf(pk);
      if (record.multiple === resolutionMultiple || !key) return;
      const { rule, multiple, to, suppressSeconds } = record;
      const ruleAndKey = `${rule} ${pk}`;
      const isLive = to < (liveUntil.get(ruleAndKey) ?? Number.NEGATIVE_INFINITY);
      liveUntil.set(ruleAndKey, to + suppressSeconds);
      onAlert({ rule, key, record, isEscalation: multiple > 1 && isLive });
    },
  });
}
