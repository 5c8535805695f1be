import { delegatingStore } from '../../emulators/delegating-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { defaultCompaction } from '../../lambda/count/compaction.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { itemSize, writeUnits } from '../../lambda/count/item-size.ts';
import type { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { type CounterKey, isPair } from '../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import type { LoadedSeries } from '../../lambda/rules/loaded.ts';

/** The writes of one kind of item; all fields except `writes` are sums over the writes. */
export interface WriteTotals {
  writes: number;
  bytes: number;
  units: number;
  /** Units if no rule counted by these items. */
  bareUnits: number;
}

/** Counters in memory that note what a table would have written. */
export class MeasuringStore {
  readonly counters: CounterStore;
  readonly pairs: WriteTotals = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  readonly groups: WriteTotals = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  /** Writes beyond one for each delta: for failed conditions, and for compaction. */
  extraWrites = 0;
  /** Writes of amounts, and of slots of presence, by grouping. */
  readonly amountWrites = new Map<string, number>();
  readonly slotWrites = new Map<string, number>();
  /** Writes of amounts, if batches were of five minutes. */
  readonly fiveMinuteWrites = new Set<string>();
  readonly #store: MemoryCounterStore;
  readonly #knownSlots: KnownSlots;
  readonly #keys = new Map<string, CounterKey>();

  constructor(series: ReadonlyMap<string, LoadedSeries>, knownSlots: KnownSlots) {
    this.#knownSlots = knownSlots;
    this.#store = new MemoryCounterStore(series, { compaction: defaultCompaction });
    this.counters = delegatingStore(this.#store, {
      add: (delta, batch) => this.#add(delta, batch),
      claim: (pk, record, replaces, observed) => {
        this.extraWrites += 1;
        return this.#store.claim(pk, record, replaces, observed);
      },
      markSent: (pk, record) => {
        this.extraWrites += 1;
        return this.#store.markSent(pk, record);
      },
      recordSuppression: (pk, record, token) => {
        this.extraWrites += 1;
        return this.#store.recordSuppression(pk, record, token);
      },
    });
  }

  /** Returns each counter with the current size of its item. */
  *items(): Generator<{ readonly isPair: boolean; readonly bytes: number; readonly lastSeen: number }> {
    for (const [pk, counter] of this.#store.counters) {
      const key = this.#keys.get(pk)!;
      yield { isPair: isPair(key), bytes: itemSize(key, counter).total, lastSeen: counter.lastSeen };
    }
  }

  /** Resets the writes, but not the counters. */
  reset(): void {
    for (const totals of [this.pairs, this.groups]) {
      Object.assign(totals, { writes: 0, bytes: 0, units: 0, bareUnits: 0 });
    }
    this.extraWrites = 0;
    for (const one of [this.amountWrites, this.slotWrites, this.fiveMinuteWrites]) one.clear();
  }

  async #add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    const { key } = delta;
    const before = await this.#store.read(key.pk);
    const counter = await this.#store.add(delta, batch);
    this.#keys.set(key.pk, key);
    const isOfPresence = this.#knownSlots.isOfPresence(delta);
    if (!isOfPresence) this.fiveMinuteWrites.add(`${Math.floor(batch.arrival / 300)} ${key.pk}`);
    const writes = isOfPresence ? this.slotWrites : this.amountWrites;
    writes.set(groupingOf(key), (writes.get(groupingOf(key)) ?? 0) + 1);
    // The update assumes that the item has an older first and no newer last time: see count/counter-update.ts.
    const isOutOfOrder = before && (before.firstSeen > delta.firstSeen || before.lastSeen > delta.lastSeen);
    if (isOutOfOrder) this.extraWrites += 1;
    if ((await this.#store.read(key.pk)) !== counter) this.extraWrites += 1;
    const { total, slots } = itemSize(key, counter);
    const totals = isPair(key) ? this.pairs : this.groups;
    totals.writes += 1;
    totals.bytes += total;
    totals.units += writeUnits(total);
    totals.bareUnits += writeUnits(total - slots);
    return counter;
  }
}

/** Returns the fields of a key in alphabetical order, joined with commas. */
export function groupingOf({ fields }: CounterKey): string {
  return [...fields.keys()].sort().join();
}
