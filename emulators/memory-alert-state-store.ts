import { type AlertStateStore, placesOfRule, queueCapacity } from '../lambda/alert/alert-state-store.ts';
import { byLevel, grantMessages, type MessagesByLevel } from '../lambda/alert/message-allowance.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import type { ReEvaluation } from '../lambda/evaluate/finding.ts';
import { wasReadThisMinute } from '../lambda/evaluate/re-evaluate.ts';

/** Stores the alert state that all invocations share, in memory. */
export class MemoryAlertStateStore implements AlertStateStore {
  readonly #capacity: number;
  readonly #observedSince = new Map<string, number>();
  readonly #wanted = new Map<number, MessagesByLevel>();
  /** The entries of each queue in places of any rule, and in the own places of each rule, by their names. */
  readonly #queues = new Map<string, Map<string, ReEvaluation>>();
  #lastRead: Batch | undefined;

  /** @param capacity entries of each re-evaluation queue, without the own places of rules */
  constructor(capacity: number = queueCapacity) {
    this.#capacity = capacity;
  }

  /** Number of entries in the re-evaluation queues. */
  get pendingCount(): number {
    return this.#entries().length;
  }

  async observedSince(name: string, arrival: number): Promise<number> {
    const since = Math.min(this.#observedSince.get(name) ?? arrival, arrival);
    this.#observedSince.set(name, since);
    return since;
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
    return this.#entries();
  }

  async schedule(reEvaluations: readonly ReEvaluation[]): Promise<ReEvaluation[]> {
    return reEvaluations.filter((entry) => {
      const places = [
        { entries: this.#sharedPlaces(entry), capacity: this.#capacity },
        { entries: this.#ownPlaces(entry), capacity: placesOfRule },
      ];
      const free = places.find(({ entries, capacity }) => entries.has(nameOf(entry)) || entries.size < capacity);
      free?.entries.set(nameOf(entry), entry);
      return free === undefined;
    });
  }

  async cancel(reEvaluations: readonly ReEvaluation[]): Promise<void> {
    for (const entry of reEvaluations) {
      for (const entries of [this.#sharedPlaces(entry), this.#ownPlaces(entry)]) entries.delete(nameOf(entry));
    }
  }

  /** Returns the entries of all queues, each once. */
  #entries(): ReEvaluation[] {
    const all = [...this.#queues.values()].flatMap((entries) => [...entries.values()]);
    return [...new Map(all.map((entry) => [`${entry.queue} ${nameOf(entry)}`, entry])).values()];
  }

  #sharedPlaces({ queue }: ReEvaluation): Map<string, ReEvaluation> {
    return this.#placesOf(queue);
  }

  #ownPlaces({ queue, rule }: ReEvaluation): Map<string, ReEvaluation> {
    return this.#placesOf(`${queue} ${rule}`);
  }

  #placesOf(name: string): Map<string, ReEvaluation> {
    const entries = this.#queues.get(name) ?? new Map<string, ReEvaluation>();
    this.#queues.set(name, entries);
    return entries;
  }
}

function nameOf({ rule, key, alertId }: ReEvaluation): string {
  return `${rule} ${key.pk} ${alertId}`;
}
