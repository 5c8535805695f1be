import type { AlertStateStore } from '../lambda/alert/alert-state-store.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import type { ReEvaluation } from '../lambda/evaluate/finding.ts';
import { wasReadThisMinute } from '../lambda/evaluate/re-evaluate.ts';

/** What invocations know together of alerts, in memory. */
export class MemoryAlertStateStore implements AlertStateStore {
  #observedSince: number | undefined;
  readonly #taken = new Map<number, number>();
  readonly #followUps = new Map<string, ReEvaluation>();
  #asked: Batch | undefined;

  /** How many alerts are to be looked at again. */
  get pendingCount(): number {
    return this.#followUps.size;
  }

  async observedSince(arrival: number): Promise<number> {
    this.#observedSince = Math.min(this.#observedSince ?? arrival, arrival);
    return this.#observedSince;
  }

  async reserveMessages(minute: number, wanted: number, most: number): Promise<number> {
    const taken = this.#taken.get(minute) ?? 0;
    this.#taken.set(minute, taken + wanted);
    return Math.max(0, Math.min(wanted, most - taken));
  }

  async dueReEvaluations(batch: Batch): Promise<ReEvaluation[]> {
    if (wasReadThisMinute(batch, this.#asked)) return [];
    this.#asked = batch;
    return [...this.#followUps.values()];
  }

  async schedule(followUps: readonly ReEvaluation[]): Promise<void> {
    for (const one of followUps) this.#followUps.set(nameOf(one), one);
  }

  async cancel(followUps: readonly ReEvaluation[]): Promise<void> {
    for (const one of followUps) this.#followUps.delete(nameOf(one));
  }
}

function nameOf({ rule, key, token }: ReEvaluation): string {
  return `${rule} ${key.pk} ${token}`;
}
