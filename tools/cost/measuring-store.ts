import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { defaultCompaction } from '../../lambda/count/compaction.ts';
import type { ClaimOutcome, CounterStore } from '../../lambda/count/counter-store.ts';
import { itemSize, writeUnits } from '../../lambda/count/item-size.ts';
import type { AlertRecord } from '../../lambda/counters/alert-record.ts';
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

/** A store in memory that records the writes of a table. */
export class MeasuringStore implements CounterStore {
  readonly pairs: WriteTotals = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  readonly groups: WriteTotals = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  /** Writes of a delta beyond the first: after failed conditions, and for compaction. */
  extraWrites = 0;
  /** The distinct writes if a batch had five minutes. */
  readonly fiveMinuteWrites = new Set<string>();
  readonly #store: MemoryCounterStore;
  readonly #keys = new Map<string, CounterKey>();

  constructor(series: ReadonlyMap<string, LoadedSeries>) {
    this.#store = new MemoryCounterStore(series, { compaction: defaultCompaction });
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
    this.fiveMinuteWrites.clear();
  }

  begin(batch: Batch): Promise<boolean> {
    return this.#store.begin(batch);
  }

  complete(batch: Batch): Promise<void> {
    return this.#store.complete(batch);
  }

  async add(delta: KeyDelta, batch: Batch, _signal: AbortSignal): Promise<Counter> {
    const { key } = delta;
    const before = await this.#store.read(key.pk);
    const counter = await this.#store.add(delta, batch);
    this.#keys.set(key.pk, key);
    this.fiveMinuteWrites.add(`${Math.floor(batch.arrival / 300)} ${key.pk}`);
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

  claim(pk: string, record: AlertRecord, replaces: AlertRecord | undefined, observed: number): Promise<ClaimOutcome> {
    this.extraWrites += 1;
    return this.#store.claim(pk, record, replaces, observed);
  }

  markSent(pk: string, record: AlertRecord): Promise<void> {
    this.extraWrites += 1;
    return this.#store.markSent(pk, record);
  }

  recordSuppression(pk: string, record: AlertRecord, token: string): Promise<void> {
    this.extraWrites += 1;
    return this.#store.recordSuppression(pk, record, token);
  }

  read(pk: string): Promise<Counter | undefined> {
    return this.#store.read(pk);
  }
}
