import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Creates a store that computes each counter at its first update, and returns the same counter for every later one. */
function instantStore({ series }: LoadedRules): CounterStore {
  const store = new MemoryCounterStore(series);
  const counters = new Map<string, Counter>();
  return {
    hasStarted: async () => false,
    begin: async () => ({ counting: 'direct', isRetry: false, isCounted: false }),
    async add(delta, batch) {
      const name = `${delta.key.pk} ${delta.part}`;
      const known = counters.get(name);
      if (known) return known;
      await store.begin(batch);
      const counter = await store.add(delta, batch);
      counters.set(name, counter);
      return counter;
    },
    complete: async () => {},
    claim: async (_pk, record) => ({ claimed: record }),
    markSent: async () => {},
    recordSuppression: async () => {},
    read: async () => undefined,
    readAll: async () => new Map(),
  };
}

/** Creates ports that respond at once, so that a measurement has only the time of the invocation itself. */
export function instantPorts(rules: LoadedRules): Ports {
  const { signal } = new AbortController();
  return {
    counters: instantStore(rules),
    alertState: {
      observedSince: async (_, arrival) => arrival,
      reserveMessages: async (_minute, wanted) => wanted,
      dueReEvaluations: async () => [],
      schedule: async () => [],
      cancel: async () => {},
    },
    alerts: { publish: async (alerts) => ({ published: new Set(alerts), problems: [] }) },
    log: { report() {}, alert() {} },
    deadline: signal,
    closing: signal,
  };
}
