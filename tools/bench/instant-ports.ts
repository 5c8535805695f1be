import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { ClaimOutcome, CounterStore } from '../../lambda/count/counter-store.ts';
import type { AlertRecord } from '../../lambda/counters/alert-record.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** A store that answers at once: each counter is computed when it is touched first, and answered as it is from then on. */
class InstantStore implements CounterStore {
  readonly #store: MemoryCounterStore;
  readonly #answers = new Map<string, Counter>();

  constructor({ series }: LoadedRules) {
    this.#store = new MemoryCounterStore(series);
  }

  async begin(): Promise<boolean> {
    return false;
  }

  async complete(): Promise<void> {}

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    const name = `${delta.key.pk} ${delta.part}`;
    const known = this.#answers.get(name);
    if (known) return known;
    await this.#store.begin(batch);
    const counter = await this.#store.add(delta, batch);
    this.#answers.set(name, counter);
    return counter;
  }

  async claim(_pk: string, claim: AlertRecord): Promise<ClaimOutcome> {
    return { claimed: claim };
  }

  async markSent(): Promise<void> {}

  async recordSuppression(): Promise<void> {}

  async read(): Promise<undefined> {}
}

/** A world that answers at once, so that what an invocation takes is its own time. */
export function instantPorts(rules: LoadedRules): Ports {
  const { signal } = new AbortController();
  return {
    counters: new InstantStore(rules),
    alertState: {
      observedSince: async (arrival) => arrival,
      reserveMessages: async (_minute, wanted) => wanted,
      dueReEvaluations: async () => [],
      schedule: async () => {},
      cancel: async () => {},
    },
    alerts: { publish: async (alerts) => ({ published: new Set(alerts), problems: [] }) },
    log: { report() {}, alert() {} },
    deadline: signal,
    closing: signal,
  };
}
