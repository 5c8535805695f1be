import type { AlertLedger } from '../lambda/alert/alert-ledger.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import type { FollowUp } from '../lambda/evaluate/finding.ts';
import { wasAskedFor } from '../lambda/evaluate/re-evaluate.ts';

/** What invocations know together of alerts, in memory. */
export class MemoryAlertLedger implements AlertLedger {
  #observedSince: number | undefined;
  readonly #taken = new Map<number, number>();
  readonly #followUps = new Map<string, FollowUp>();
  #asked: Batch | undefined;

  /** How many alerts are to be looked at again. */
  get followed(): number {
    return this.#followUps.size;
  }

  async observedSince(arrival: number): Promise<number> {
    this.#observedSince = Math.min(this.#observedSince ?? arrival, arrival);
    return this.#observedSince;
  }

  async takeMessages(minute: number, wanted: number, most: number): Promise<number> {
    const taken = this.#taken.get(minute) ?? 0;
    this.#taken.set(minute, taken + wanted);
    return Math.max(0, Math.min(wanted, most - taken));
  }

  async followUps(batch: Batch): Promise<FollowUp[]> {
    if (wasAskedFor(batch, this.#asked)) return [];
    this.#asked = batch;
    return [...this.#followUps.values()];
  }

  async follow(followUps: readonly FollowUp[]): Promise<void> {
    for (const one of followUps) this.#followUps.set(nameOf(one), one);
  }

  async unfollow(followUps: readonly FollowUp[]): Promise<void> {
    for (const one of followUps) this.#followUps.delete(nameOf(one));
  }
}

function nameOf({ rule, key, token }: FollowUp): string {
  return `${rule} ${key.pk} ${token}`;
}
