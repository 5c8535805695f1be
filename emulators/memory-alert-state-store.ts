import type { AlertStateStore } from '../lambda/alert/alert-state-store.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import type { ReEvaluation } from '../lambda/evaluate/finding.ts';
import { wasReadThisMinute } from '../lambda/evaluate/re-evaluate.ts';

/** Stores the alert state that all invocations share, in memory. */
export class MemoryAlertStateStore implements AlertStateStore {
  #observedSince: number | undefined;
  readonly #reserved = new Map<number, number>();
  readonly #queue = new Map<string, ReEvaluation>();
  #lastRead: Batch | undefined;

  /** Number of alerts in the re-evaluation queue. */
  get pendingCount(): number {
    return this.#queue.size;
  }

  async observedSince(arrival: number): Promise<number> {
    this.#observedSince = Math.min(this.#observedSince ?? arrival, arrival);
    return this.#observedSince;
  }

  async reserveMessages(minute: number, wanted: number, maxMessages: number): Promise<number> {
    const reserved = this.#reserved.get(minute) ?? 0;
    this.#reserved.set(minute, reserved + wanted);
    return Math.max(0, Math.min(wanted, maxMessages - reserved));
  }

  async dueReEvaluations(batch: Batch): Promise<ReEvaluation[]> {
    if (wasReadThisMinute(batch, this.#lastRead)) return [];
    this.#lastRead = batch;
    return [...this.#queue.values()];
  }

  async schedule(reEvaluations: readonly ReEvaluation[]): Promise<void> {
    for (const entry of reEvaluations) this.#queue.set(nameOf(entry), entry);
  }

  async cancel(reEvaluations: readonly ReEvaluation[]): Promise<void> {
    for (const entry of reEvaluations) this.#queue.delete(nameOf(entry));
  }
}

function nameOf({ rule, key, token }: ReEvaluation): string {
  return `${rule} ${key.pk} ${token}`;
}
