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

/** What was written of one kind of item; all but `writes` are sums over the writes. */
export interface Written {
  writes: number;
  bytes: number;
  units: number;
  /** Units if no rule had counted on the items. */
  bareUnits: number;
}

/** Counters in memory that note what a table would have written. */
export class MeasuringStore implements CounterStore {
  readonly pairs: Written = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  readonly groups: Written = { writes: 0, bytes: 0, units: 0, bareUnits: 0 };
  /** Writes that a delta takes beyond its own: for conditions that fail, and to remove what is stale. */
  extraWrites = 0;
  /** Writes, if batches were of five minutes. */
  readonly fiveMinuteWrites = new Set<string>();
  readonly #store: MemoryCounterStore;
  readonly #keys = new Map<string, CounterKey>();

  constructor(series: ReadonlyMap<string, LoadedSeries>) {
    this.#store = new MemoryCounterStore(series, { compaction: defaultCompaction });
  }

  /** Each counter that was written, with its item's size now. */
  *items(): Generator<{ readonly isPair: boolean; readonly bytes: number; readonly lastSeen: number }> {
    for (const [pk, counter] of this.#store.counters) {
      const key = this.#keys.get(pk)!;
      yield { isPair: isPair(key), bytes: itemSize(key, counter).total, lastSeen: counter.lastSeen };
    }
  }

  /** Forgets what was written, and keeps the counters. */
  reset(): void {
    for (const written of [this.pairs, this.groups]) {
      Object.assign(written, { writes: 0, bytes: 0, units: 0, bareUnits: 0 });
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
    // The update assumes an older first and no newer last: see count/counter-update.ts.
    const isOutOfOrder = before && (before.firstSeen > delta.firstSeen || before.lastSeen > delta.lastSeen);
    if (isOutOfOrder) this.extraWrites += 1;
    if ((await this.#store.read(key.pk)) !== counter) this.extraWrites += 1;
    const { total, slots } = itemSize(key, counter);
    const written = isPair(key) ? this.pairs : this.groups;
    written.writes += 1;
    written.bytes += total;
    written.units += writeUnits(total);
    written.bareUnits += writeUnits(total - slots);
    return counter;
  }

  claim(pk: string, claim: AlertRecord, replaces: AlertRecord | undefined, seen: number): Promise<ClaimOutcome> {
    this.extraWrites += 1;
    return this.#store.claim(pk, claim, replaces, seen);
  }

  markSent(pk: string, claim: AlertRecord): Promise<void> {
    this.extraWrites += 1;
    return this.#store.markSent(pk, claim);
  }

  recordSuppression(pk: string, claim: AlertRecord, token: string): Promise<void> {
    this.extraWrites += 1;
    return this.#store.recordSuppression(pk, claim, token);
  }

  read(pk: string): Promise<Counter | undefined> {
    return this.#store.read(pk);
  }
}
