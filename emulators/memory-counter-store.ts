import { detachString } from '../lambda/common/detach-string.ts';
import { addQuantity, type Quantity } from '../lambda/common/quantity.ts';
import { type CompactionOptions, planCompaction } from '../lambda/count/compaction.ts';
import { applyCompaction } from '../lambda/count/compaction-plan.ts';
import type { BatchStart, CounterStore, Counting } from '../lambda/count/counter-store.ts';
import { FinishedBatches, type FinishingOptions } from '../lambda/count/finished-batches.ts';
import type { AlertRecord } from '../lambda/counters/alert-record.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import {
  type Counter,
  emptyCounter,
  hasCounted,
  type Packed,
  partToken,
  tokenSlotSeconds,
} from '../lambda/counters/counter.ts';
import type { Addition, KeyDelta } from '../lambda/counters/delta.ts';
import type { Silence } from '../lambda/counters/silence.ts';
import type { SlotValue } from '../lambda/counters/window.ts';
import type { LoadedSeries } from '../lambda/rules/loaded.ts';
import { BatchMarkers } from './batch-markers.ts';
import { MemoryAlertRecords } from './memory-alert-records.ts';
import { SingleValues } from './single-values.ts';

/** The stored state, which all simulated processes share. */
interface StoredState {
  readonly counters: Map<string, Counter>;
  readonly markers: BatchMarkers;
}

/** A compaction takes no write here, and packed slots would take more memory. */
const memoryCompaction: CompactionOptions = { minParts: 40, headroomBytes: 0, unitBytes: 1, isPacking: false };

/** No other process runs: a batch is finished when it is counted. */
const finishedAtOnce: FinishingOptions = { now: () => 0, attemptMilliseconds: 0 };

/** The options of a store in memory. */
export interface MemoryMaintenance {
  readonly finishing?: FinishingOptions;
  readonly compaction?: CompactionOptions;
  /**
   * Whether counters are changed in place, instead of copied. Requires that batches arrive in sequence, and that no
   * returned counter is read after the next batch has arrived.
   */
  readonly isInPlace?: boolean;
}

/** Stores counters in memory, with the contract of the table: for replay, and for tests. */
export class MemoryCounterStore extends MemoryAlertRecords implements CounterStore {
  readonly #stored: StoredState;
  readonly #series: ReadonlyMap<string, LoadedSeries>;
  readonly #finishing: FinishingOptions;
  readonly #compaction: CompactionOptions;
  readonly #finished: FinishedBatches;
  readonly #isFinished: FinishedBatches['isFinished'] = (token, isOld) => this.#finished.isFinished(token, isOld);
  readonly #isInPlace: boolean;
  readonly #singles = new SingleValues();
  /** Defined if counters are changed in place: then no other batch runs between the updates of a batch. */
  readonly addSync?: (delta: KeyDelta, batch: Batch) => Counter;

  constructor(
    series: ReadonlyMap<string, LoadedSeries>,
    { finishing = finishedAtOnce, compaction = memoryCompaction, isInPlace = false }: MemoryMaintenance = {},
    stored: StoredState = { counters: new Map(), markers: new BatchMarkers() },
  ) {
    super();
    this.#stored = stored;
    this.#series = series;
    this.#finishing = finishing;
    this.#compaction = compaction;
    this.#finished = new FinishedBatches(finishing);
    this.#isInPlace = isInPlace;
    if (isInPlace) this.addSync = (delta, batch) => this.#add(delta, batch);
  }

  /** Creates the store of a new process on the same counters. */
  newProcess(): MemoryCounterStore {
    return new MemoryCounterStore(
      this.#series,
      { finishing: this.#finishing, compaction: this.#compaction },
      this.#stored,
    );
  }

  protected override alertsOf(pk: string): Counter | undefined {
    return this.#stored.counters.get(pk);
  }

  protected override storeAlertRecords(pk: string, alertRecords: readonly AlertRecord[]): void {
    const { counters } = this.#stored;
    counters.set(pk, { ...counters.get(pk)!, alertRecords });
  }

  /** All counters by their partition key. */
  get counters(): ReadonlyMap<string, Counter> {
    return this.#stored.counters;
  }

  async hasStarted({ dedupToken }: Batch): Promise<boolean> {
    return this.#stored.markers.get(dedupToken) !== undefined;
  }

  /** Returns whether a batch is completely counted. */
  async isComplete({ dedupToken }: Batch): Promise<boolean> {
    return this.#stored.markers.get(dedupToken)?.atCompletion !== undefined;
  }

  async begin(batch: Batch, _signal?: AbortSignal, wanted: Counting = 'direct'): Promise<BatchStart> {
    const { marker, ...start } = this.#stored.markers.begin(batch, wanted);
    const { atCompletion } = marker;
    if (atCompletion !== undefined) this.#finished.recordCompletion(batch.dedupToken, atCompletion);
    return start;
  }

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    return this.#add(delta, batch);
  }

  #add(delta: KeyDelta, batch: Batch): Counter {
    const known = this.#stored.counters.get(delta.key.pk);
    const token = partToken(batch.dedupToken, delta.part);
    const isCounted = known && hasCounted(known, token, batch.arrival);
    const counter = isCounted ? known : this.#addTo(known ?? emptyCounter(), delta, token, batch.arrival);
    if (this.#finishing !== finishedAtOnce) this.#finished.observe(counter, batch.arrival);
    const plan = planCompaction({
      counter,
      delta,
      arrival: batch.arrival,
      series: this.#series,
      isFinished: this.#isFinished,
      options: this.#compaction,
    });
    const stored = plan ? applyCompaction(counter, plan) : counter;
    if (stored !== known) this.#stored.counters.set(delta.key.pk, stored);
    return counter;
  }

  async complete(batch: Batch): Promise<void> {
    const { dedupToken } = batch;
    const { markers } = this.#stored;
    markers.complete(batch);
    for (const [token, isOld] of [[dedupToken, false] as const, ...this.#finished.unknownTokens(dedupToken)]) {
      const known = markers.get(token);
      if (!known) this.#finished.recordMissing(token, isOld);
      else if (known.atCompletion !== undefined) this.#finished.recordCompletion(token, known.atCompletion);
    }
  }

  async read(pk: string): Promise<Counter | undefined> {
    return this.#stored.counters.get(pk);
  }

  async readAll(pks: readonly string[]): Promise<ReadonlyMap<string, Counter>> {
    const { counters } = this.#stored;
    return new Map(pks.flatMap((pk) => (counters.has(pk) ? [[pk, counters.get(pk)!] as const] : [])));
  }

  /** Stores a silence and returns the previous one of its rule; undefined if there is no counter. */
  async silence(pk: string, silence: Silence): Promise<{ before: Silence | undefined } | undefined> {
    const counter = this.#stored.counters.get(pk);
    if (!counter) return undefined;
    this.#stored.counters.set(pk, { ...counter, silences: new Map(counter.silences).set(silence.rule, silence) });
    return { before: counter.silences.get(silence.rule) };
  }

  /** Removes the silence of a rule, and returns the removed silence; undefined if the rule is not silenced. */
  async unsilence(pk: string, rule: string): Promise<Silence | undefined> {
    const counter = this.#stored.counters.get(pk);
    if (counter) {
      const others = [...counter.silences].filter(([name]) => name !== rule);
      this.#stored.counters.set(pk, { ...counter, silences: new Map(others) });
    }
    return counter?.silences.get(rule);
  }

  #addTo(counter: Counter, delta: KeyDelta, token: string, arrival: number): Counter {
    // A second update of the batch must not change the counter that the first one returned: it is not evaluated yet.
    const isInPlace = this.#isInPlace && delta.part === 0;
    const added = {
      bytes: addQuantity(counter.bytes, delta.totals?.bytes ?? 0),
      rejects: counter.rejects + (delta.totals?.rejects ?? 0),
      firstSeen: Math.min(counter.firstSeen, delta.firstSeen),
      lastSeen: Math.max(counter.lastSeen, delta.lastSeen),
      slots: this.#slotsWith(counter.slots as Filled, delta.additions, isInPlace),
      dedupTokens: this.#tokensWith(counter.dedupTokens as Map<number, ReadonlySet<string>>, token, arrival),
    };
    if (isInPlace && !counter.packed) return Object.assign(counter, added);
    const late = counter.packed && { packed: { ...counter.packed, late: lateAdded(counter.packed, delta) } };
    return { ...counter, ...added, ...late };
  }

  /** Adds to slots; copies only the maps that change, unless they may change in place. */
  #slotsWith(before: Filled, additions: readonly Addition[], isInPlace: boolean): Filled {
    const slots = isInPlace ? before : new Map(before);
    for (const addition of additions) {
      const { series, slot } = addition;
      const known = before.get(series);
      let filled = slots.get(series);
      if (!filled || (!isInPlace && filled === known)) {
        filled = new Map(known);
        slots.set(series, filled);
      }
      const value = filled.get(slot);
      filled.set(
        slot,
        'amount' in addition
          ? addQuantity(typeof value === 'object' ? 0 : (value ?? 0), addition.amount)
          : this.#valuesWith(typeof value === 'object' ? value : noValues, addition, isInPlace),
      );
    }
    return slots;
  }

  #valuesWith(before: ReadonlySet<string>, { values, cap }: Distinct, isInPlace: boolean): ReadonlySet<string> {
    let all = before;
    for (const value of values) {
      if (all.size >= cap) break;
      if (all.has(value)) continue;
      if (all.size === 0) all = this.#singles.of(value);
      else {
        if (all.size === 1 || (all === before && !isInPlace)) all = new Set(all);
        (all as Set<string>).add(detachString(value));
      }
    }
    return all;
  }

  /** Adds a token in place: only the store reads tokens, and only those of the latest counter. */
  #tokensWith(tokens: Map<number, ReadonlySet<string>>, token: string, arrival: number): Counter['dedupTokens'] {
    const slot = Math.floor(arrival / tokenSlotSeconds);
    const known = tokens.get(slot);
    if (!known) tokens.set(slot, this.#singles.of(token));
    else if (known.size === 1) tokens.set(slot, new Set(known).add(token));
    else (known as Set<string>).add(token);
    return tokens;
  }
}

const noValues: ReadonlySet<string> = new Set();

type Filled = Map<string, Map<number, SlotValue>>;
type Distinct = Extract<Addition, { values: unknown }>;

/** Adds amounts for packed slots to the late amounts, which the table stores in separate attributes. */
function lateAdded({ amounts, late }: Packed, delta: KeyDelta): Packed['late'] {
  const all = new Map([...late].map(([series, slots]) => [series, new Map(slots)]));
  for (const addition of delta.additions) {
    const { series, slot } = addition;
    if (!('amount' in addition) || !amounts.get(series)?.has(slot)) continue;
    const slots = all.get(series) ?? new Map<number, Quantity>();
    all.set(series, slots.set(slot, addQuantity(slots.get(slot) ?? 0, addition.amount)));
  }
  return all;
}
