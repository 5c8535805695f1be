import type { CounterStore } from '../lambda/count/counter-store.ts';

/**
 * Creates a counter store that calls the overrides, and the inner store for every other method. It has no `addSync`
 * unless the overrides have one: the inner one would bypass an override of `add`.
 */
export function delegatingStore(inner: CounterStore, overrides: Partial<CounterStore>): CounterStore {
  return {
    hasStarted: (...args) => inner.hasStarted(...args),
    begin: (...args) => inner.begin(...args),
    add: (...args) => inner.add(...args),
    complete: (...args) => inner.complete(...args),
    claim: (...args) => inner.claim(...args),
    markSent: (...args) => inner.markSent(...args),
    recordSuppression: (...args) => inner.recordSuppression(...args),
    read: (...args) => inner.read(...args),
    readAll: (...args) => inner.readAll(...args),
    ...overrides,
  };
}
