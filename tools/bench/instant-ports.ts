import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { ClaimOutcome, CounterStore } from '../../lambda/count/counter-store.ts';
import type { AlertRecord } from '../../lambda/counters/alert-record.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** A store that responds at once: it computes each counter at its first update, and then returns the same counter. */
class InstantStore implements CounterStore {
  readonly #store: MemoryCounterStore;
  readonly #counters = new Map<string, Counter>();

  constructor({ series }: LoadedRules) {
    this.#store = new MemoryCounterStore(series);
  }

  async begin(): Promise<boolean> {
    return false;
  }

  async complete(): Promise<void> {}

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    const name = `${delta.key.pk} ${delta.part}`;
    const known = this.#counters.get(name);
    if (known) return known;
    await this.#store.begin(batch);
    const counter = await this.#store.add(delta, batch);
    this.#counters.set(name, counter);
    return counter;
  }

  async claim(_pk: string, record: AlertRecord): Promise<ClaimOutcome> {
    return { claimed: record };
  }

  async markSent(): Promise<void> {}

  async recordSuppression(): Promise<void> {}

  async read(): Promise<undefined> {}
}

/** Creates ports that respond at once, so that a measurement has only the time of the invocation itself. */
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
