import type { ClaimOutcome } from '../lambda/count/counter-store.ts';
import { type AlertRecord, failedClaimOutcome, type StoredAlerts, silenceOf } from '../lambda/counters/alert-record.ts';

/** The methods of a counter store for alert records, in memory: see CounterStore. */
export abstract class MemoryAlertRecords {
  /** Returns the alert records and silences of a counter; undefined without a counter. */
  protected abstract alertsOf(pk: string): StoredAlerts | undefined;

  /** Replaces the alert records of a counter. */
  protected abstract storeAlertRecords(pk: string, records: readonly AlertRecord[]): void;

  async claim(
    pk: string,
    record: AlertRecord,
    replaces: AlertRecord | undefined,
    observed: number,
  ): Promise<ClaimOutcome> {
    const counter = this.alertsOf(pk);
    const stored = findRecord(counter, record);
    const isExpected =
      stored?.id === replaces?.id && stored?.token === replaces?.token && stored?.deferred === replaces?.deferred;
    const isSentAsExpected = replaces?.id !== record.id || stored?.sent === replaces.sent;
    const isSilenced = silenceOf(counter, record, replaces, observed) !== undefined;
    if (!counter || !isExpected || !isSentAsExpected || isSilenced) {
      return failedClaimOutcome(counter, record, replaces, observed);
    }
    this.#replace(pk, counter, record);
    return { claimed: record };
  }

  async markSent(pk: string, record: AlertRecord): Promise<void> {
    const counter = this.alertsOf(pk);
    const stored = findRecord(counter, record);
    if (counter && stored?.id === record.id) this.#replace(pk, counter, { ...stored, sent: true });
  }

  async recordSuppression(pk: string, record: AlertRecord, token: string): Promise<void> {
    const counter = this.alertsOf(pk);
    const stored = findRecord(counter, record);
    if (!counter || stored?.id !== record.id || stored.lastSuppressedBatch === token) return;
    const suppressedCount = stored.suppressedCount + 1;
    this.#replace(pk, counter, { ...stored, suppressedCount, lastSuppressedBatch: token });
  }

  #replace(pk: string, { alertRecords }: StoredAlerts, record: AlertRecord): void {
    this.storeAlertRecords(pk, [...alertRecords.filter((other) => !isSameAlert(other, record)), record]);
  }
}

function findRecord(counter: StoredAlerts | undefined, record: AlertRecord): AlertRecord | undefined {
  return counter?.alertRecords.find((other) => isSameAlert(other, record));
}

/** Returns whether two records share an attribute: of the same rule and multiple. */
function isSameAlert(a: AlertRecord, b: AlertRecord): boolean {
  return a.rule === b.rule && a.multiple === b.multiple;
}
