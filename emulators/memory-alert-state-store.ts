import { type AlertStateStore, queueCapacity } from '../lambda/alert/alert-state-store.ts';
import { byLevel, grantMessages, type MessagesByLevel } from '../lambda/alert/message-allowance.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import type { ReEvaluation, ReEvaluationQueue } from '../lambda/evaluate/finding.ts';
import { wasReadThisMinute } from '../lambda/evaluate/re-evaluate.ts';

/** Stores the alert state that all invocations share, in memory. */
export class MemoryAlertStateStore implements AlertStateStore {
  readonly #capacity: number;
  #observedSince: number | undefined;
  readonly #wanted = new Map<number, MessagesByLevel>();
  readonly #queues = new Map<ReEvaluationQueue, Map<string, ReEvaluation>>();
  #lastRead: Batch | undefined;

  /** @param capacity entries of each re-evaluation queue */
  constructor(capacity: number = queueCapacity) {
    this.#capacity = capacity;
  }

  /** Number of entries in the re-evaluation queues. */
  get pendingCount(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async observedSince(arrival: number): Promise<number> {
    this.#observedSince = Math.min(this.#observedSince ?? arrival, arrival);
    return this.#observedSince;
  }

  async reserveMessages(minute: number, wanted: MessagesByLevel, perMinute: number): Promise<MessagesByLevel> {
    const earlier = this.#wanted.get(minute) ?? byLevel(() => 0);
    this.#wanted.set(
      minute,
      byLevel((level) => earlier[level] + wanted[level]),
    );
    return grantMessages(wanted, earlier, perMinute);
  }

  async dueReEvaluations(batch: Batch): Promise<ReEvaluation[]> {
    if (wasReadThisMinute(batch, this.#lastRead)) return [];
    this.#lastRead = batch;
    return [...this.#queues.values()].flatMap((entries) => [...entries.values()]);
  }

  async schedule(reEvaluations: readonly ReEvaluation[]): Promise<ReEvaluation[]> {
    return reEvaluations.filter((entry) => {
      const entries = this.#queueOf(entry);
      if (!entries.has(nameOf(entry)) && entries.size >= this.#capacity) return true;
      entries.set(nameOf(entry), entry);
      return false;
    });
  }

  async cancel(reEvaluations: readonly ReEvaluation[]): Promise<void> {
    for (const entry of reEvaluations) this.#queueOf(entry).delete(nameOf(entry));
  }

  #queueOf({ queue }: ReEvaluation): Map<string, ReEvaluation> {
    const entries = this.#queues.get(queue) ?? new Map<string, ReEvaluation>();
    this.#queues.set(queue, entries);
    return entries;
  }
}

function nameOf({ rule, key, alertId }: ReEvaluation): string {
  return `${rule} ${key.pk} ${alertId}`;
}
