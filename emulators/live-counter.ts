import type { FlowSink } from '../lambda/aggregate/add-flows.ts';
import { addQuantity, type Quantity } from '../lambda/common/quantity.ts';
import type { AlertRecord, StoredAlerts } from '../lambda/counters/alert-record.ts';
import type { Counter } from '../lambda/counters/counter.ts';
import type { CounterKey } from '../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../lambda/counters/delta.ts';
import { retainedSlots, type Slots, type SlotValue, slotOf } from '../lambda/counters/window.ts';
import type { BoundedSlots, TouchedSeries } from '../lambda/evaluate/due-windows.ts';
import type { UpperBound } from '../lambda/evaluate/upper-bound.ts';
import type { SlotsBySeries } from '../lambda/evaluate/window-measures/counter-state.ts';
import type { FlowRows } from '../lambda/flow-log/flow-rows.ts';
import type { LoadedSeries } from '../lambda/rules/loaded.ts';

/** The batch that is being added to live counters. */
export interface BatchInProgress {
  /** Another number for each batch, from 1 on. */
  readonly number: number;
  /** False if an earlier attempt has added the flows: then counters are only found again. */
  readonly isAdding: boolean;
  /** The counters of the batch in the order of their first flow. */
  readonly pairs: LiveCounter[];
  readonly groups: LiveCounter[];
  /** Chains of rows, one for each counter: a row, and the index of the row before it, or -1. */
  readonly chainedRow: number[];
  readonly chainedBefore: number[];
}

/** A slot holds an amount, the only distinct value, or several distinct values. */
type LiveValue = Quantity | string | Set<string>;

/** One series of a counter. A few slots are found faster in a list than in a map, and take a tenth of its memory. */
class LiveSeries implements TouchedSeries {
  readonly series: LoadedSeries;
  readonly id: string;
  readonly slots: number[] = [];
  readonly values: LiveValue[] = [];
  /** The last batch that added to the series, and the slots that it added to. */
  batch = 0;
  readonly touched: number[] = [];
  /** The slots of a series of presence that were evaluated without a finding. */
  settled: Set<number> | undefined;
  /** The sum of all slots, as an upper bound has it. */
  sum = 0;
  #view: Slots | undefined;
  #current: Slots | undefined;

  constructor(series: LoadedSeries) {
    this.series = series;
    this.id = series.id;
  }

  /** Adds to a slot, and returns whether the slot is new. */
  add(slot: number, weight: Quantity | string): boolean {
    let index = this.slots.length - 1;
    while (index >= 0 && this.slots[index] !== slot) index -= 1;
    const isNew = index < 0;
    if (isNew) {
      index = this.slots.push(slot) - 1;
      this.values.push(this.series.measure.kind === 'distinct' ? noValue : 0);
    }
    const value = this.values[index]!;
    const { measure } = this.series;
    this.#forgetViews();
    if (measure.kind === 'distinct')
      this.#addValue(index, value as string | Set<string>, weight as string, measure.cap);
    else {
      // A slot of presence holds a positive number, which means nothing else.
      const sum = measure.kind === 'presence' ? 1 : addQuantity(value as Quantity, weight as Quantity);
      this.values[index] = sum;
      this.sum += sizeOf(sum) - sizeOf(value);
      // Infinity minus infinity is no number.
      if (Number.isNaN(this.sum)) this.sum = this.#sumOfSlots();
    }
    return isNew;
  }

  /** Removes some slots. */
  remove(slots: ReadonlySet<number>): void {
    const retained = this.slots
      .map((slot, index) => [slot, this.values[index]!] as const)
      .filter(([slot]) => !slots.has(slot));
    this.slots.length = 0;
    this.values.length = 0;
    for (const [slot, value] of retained) {
      this.slots.push(slot);
      this.values.push(value);
    }
    for (const slot of slots) this.settled?.delete(slot);
    this.sum = this.#sumOfSlots();
    this.#forgetViews();
  }

  /** The values by slot, as a counter has them. They do not change when flows are added later. */
  get view(): Slots {
    this.#view ??= new Map(this.slots.map((slot, index) => [slot, viewOf(this.values[index]!)]));
    return this.#view;
  }

  /** The values by slot. Flows that are added later change it. */
  get current(): Slots {
    this.#current ??= new Map(
      this.slots.map((slot, index) => {
        const value = this.values[index]!;
        return [slot, typeof value === 'string' ? new Set([value]) : value];
      }),
    );
    return this.#current;
  }

  /** See LiveCounter.boundOf. */
  boundFrom(from: number): UpperBound {
    let filled = 0;
    let value = 0;
    for (let index = 0; index < this.slots.length; index += 1) {
      if (this.slots[index]! < from) continue;
      filled += 1;
      value += sizeOf(this.values[index]!);
    }
    return { filled, value };
  }

  #addValue(index: number, value: string | Set<string>, added: string, cap: number): void {
    if (value === added) return;
    if (typeof value === 'string') {
      if (value === noValue) this.values[index] = added;
      else if (cap > 1) this.values[index] = new Set([value, added]);
      else return;
    } else {
      if (value.size >= cap || value.has(added)) return;
      value.add(added);
    }
    this.sum += 1;
  }

  #forgetViews(): void {
    this.#view = undefined;
    this.#current = undefined;
  }

  #sumOfSlots(): number {
    return this.values.reduce<number>((sum, value) => sum + sizeOf(value), 0);
  }
}

/** A new slot of distinct values. No value of a flow is empty. */
const noValue = '';

/** Returns what a slot adds to an upper bound: see upper-bound.ts. */
function sizeOf(value: LiveValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number.POSITIVE_INFINITY;
  return typeof value === 'string' ? (value === noValue ? 0 : 1) : value.size;
}

function viewOf(value: LiveValue): SlotValue {
  if (typeof value === 'string') return new Set([value]);
  return typeof value === 'object' ? new Set(value) : value;
}

/** The minimum number of expired slots to remove, and the maximum, as in MemoryCounterStore. */
const expiry = { min: 40, max: 100 };

/**
 * The counter of one key, which flows change in place. It is several times as fast as a delta that is added to a stored
 * counter, and holds the same.
 */
export class LiveCounter implements FlowSink, StoredAlerts, BoundedSlots {
  readonly key: CounterKey;
  readonly isPair: boolean;
  bytes: Quantity = 0;
  rejects = 0;
  firstSeen = Number.POSITIVE_INFINITY;
  lastSeen = Number.NEGATIVE_INFINITY;
  alertRecords: readonly AlertRecord[] = noRecords;
  silences: StoredAlerts['silences'] = noSilences;
  readonly #series: LiveSeries[] = [];
  readonly #batchInProgress: () => BatchInProgress;
  /** Of the last batch with a flow of the counter: its number, the index of its last row in the chain, and the times before. */
  #batch = 0;
  #lastRow = -1;
  #hasPresence = false;
  #hasNewSlot = false;
  #firstSeenBefore = Number.POSITIVE_INFINITY;
  #lastSeenBefore = Number.NEGATIVE_INFINITY;

  /** @param batch returns the batch in progress */
  constructor(key: CounterKey, isPair: boolean, batch: () => BatchInProgress) {
    this.key = key;
    this.isPair = isPair;
    this.#batchInProgress = batch;
  }

  addContribution(bytes: Quantity, rejects: number, start: number, end: number, row: number): void {
    if (!this.#touch(row).isAdding) return;
    this.bytes = addQuantity(this.bytes, bytes);
    this.rejects += rejects;
    this.#see(start, end);
  }

  addToSeries(
    series: LoadedSeries,
    weight: Quantity | string,
    start: number,
    end: number,
    _rows: FlowRows,
    row: number,
  ): void {
    const { isAdding, number } = this.#touch(row);
    const live = this.#seriesOf(series);
    const slot = slotOf(end, series.slotSeconds);
    if (live.batch !== number) {
      live.batch = number;
      live.touched.length = 0;
    }
    if (!live.touched.includes(slot)) live.touched.push(slot);
    if (!isAdding) return;
    if (live.add(slot, weight)) this.#hasNewSlot = true;
    this.#see(start, end);
  }

  /** Adds a delta. @param series the series by id */
  addDelta({ totals, firstSeen, lastSeen, additions }: KeyDelta, series: ReadonlyMap<string, LoadedSeries>): void {
    this.bytes = addQuantity(this.bytes, totals?.bytes ?? 0);
    this.rejects += totals?.rejects ?? 0;
    this.#see(firstSeen, lastSeen);
    for (const addition of additions) {
      const live = this.#seriesOf(series.get(addition.series)!);
      if ('amount' in addition) live.add(addition.slot, addition.amount);
      else for (const value of addition.values) live.add(addition.slot, value);
      this.#hasNewSlot = true;
    }
  }

  /** The rows of the batch in progress with a flow of the counter, in order. */
  get rows(): number[] {
    const { chainedRow, chainedBefore } = this.#batchInProgress();
    const rows: number[] = [];
    for (let at = this.#lastRow; at >= 0; at = chainedBefore[at]!) rows.push(chainedRow[at]!);
    return rows.reverse();
  }

  /** Number of slots to which the batch in progress adds. */
  get additions(): number {
    const { number } = this.#batchInProgress();
    return this.#series.reduce((sum, { batch, touched }) => (batch === number ? sum + touched.length : sum), 0);
  }

  /** Finds the slots of a series. Flows that are added later change them. */
  get slots(): SlotsBySeries {
    return { get: (id) => this.#series.find((live) => live.id === id)?.current };
  }

  /** Returns the upper bound of every window of some series: see upper-bound.ts. */
  boundOf(ids: readonly string[], from?: number): UpperBound {
    let filled = 0;
    let value = 0;
    for (const live of this.#series) {
      if (!ids.includes(live.id)) continue;
      const bound = from === undefined ? { filled: live.slots.length, value: live.sum } : live.boundFrom(from);
      filled += bound.filled;
      value += bound.value;
    }
    return { filled, value: value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value };
  }

  /** The series to which the batch in progress adds. */
  get touched(): readonly TouchedSeries[] {
    const { number } = this.#batchInProgress();
    return this.#series.filter(({ batch }) => batch === number);
  }

  /** Returns whether the batch in progress adds nothing but presence in slots that were settled before. */
  get isSettled(): boolean {
    const live = this.#touchedPresence();
    return live?.every(({ settled, touched }) => touched.every((slot) => settled?.has(slot))) ?? false;
  }

  /** Remembers that the slots of presence of the batch in progress were evaluated without a finding: see KnownSlots. */
  settle(): void {
    for (const live of this.#touchedPresence() ?? []) {
      live.settled ??= new Set();
      for (const slot of live.touched) live.settled.add(slot);
    }
  }

  /** Forgets when the batch in progress saw the counter: a settled update is left out. */
  unsee(): void {
    this.firstSeen = this.#firstSeenBefore;
    this.lastSeen = this.#lastSeenBefore;
  }

  /** Returns the counter as it is now. Flows that are added later do not change it. */
  snapshot(): Counter {
    const { bytes, rejects, firstSeen, lastSeen, alertRecords, silences } = this;
    const slots = new Map(this.#series.map(({ series, view }) => [series.id, view]));
    return { bytes, rejects, firstSeen, lastSeen, alertRecords, silences, slots, dedupTokens: noTokens };
  }

  /**
   * Removes expired slots once there are many: see compaction.ts, which says what has expired.
   *
   * @param arrival of the batch in progress, in epoch seconds
   */
  expire(arrival: number): void {
    if (!this.#hasNewSlot) return;
    this.#hasNewSlot = false;
    const filled = this.#series.reduce((sum, { slots }) => sum + slots.length, 0);
    if (filled < expiry.min) return;
    const present = Math.min(arrival, this.#present());
    const expired = this.#series.reduce((sum, { slots, series }) => sum + expiredCount(slots, series, present), 0);
    if (expired < expiry.min) return;
    let left = expiry.max;
    for (const live of this.#series) {
      const slots = expiredSlots(live.slots, live.series, present).slice(0, left);
      if (slots.length > 0) live.remove(new Set(slots));
      left -= slots.length;
    }
  }

  /** Returns the start of the first slot to which the batch in progress adds, or of the newest slot, in epoch seconds. */
  #present(): number {
    const { number } = this.#batchInProgress();
    let first = Number.POSITIVE_INFINITY;
    let newest = 0;
    for (const { series, slots, batch, touched } of this.#series) {
      if (batch === number) for (const slot of touched) first = Math.min(first, slot * series.slotSeconds);
      for (const slot of slots) newest = Math.max(newest, slot * series.slotSeconds);
    }
    return first === Number.POSITIVE_INFINITY ? newest : first;
  }

  /** Returns the series of the batch in progress if it adds nothing but presence. */
  #touchedPresence(): LiveSeries[] | undefined {
    if (!this.#hasPresence || this.isPair) return undefined;
    const { number } = this.#batchInProgress();
    const touched = this.#series.filter(({ batch }) => batch === number);
    return touched.every(({ series }) => series.measure.kind === 'presence') ? touched : undefined;
  }

  #touch(row: number): BatchInProgress {
    const batch = this.#batchInProgress();
    if (this.#batch !== batch.number) {
      this.#batch = batch.number;
      this.#lastRow = -1;
      this.#firstSeenBefore = this.firstSeen;
      this.#lastSeenBefore = this.lastSeen;
      (this.isPair ? batch.pairs : batch.groups).push(this);
    }
    if (this.#lastRow < 0 || batch.chainedRow[this.#lastRow] !== row) {
      batch.chainedBefore.push(this.#lastRow);
      this.#lastRow = batch.chainedRow.push(row) - 1;
    }
    return batch;
  }

  #seriesOf(series: LoadedSeries): LiveSeries {
    // A linear search: few series of a rule set group by the same fields.
    for (const live of this.#series) if (live.series === series) return live;
    const live = new LiveSeries(series);
    this.#series.push(live);
    this.#hasPresence ||= series.measure.kind === 'presence';
    return live;
  }

  #see(start: number, end: number): void {
    if (start < this.firstSeen) this.firstSeen = start;
    if (end > this.lastSeen) this.lastSeen = end;
  }
}

const noRecords: readonly AlertRecord[] = [];
const noSilences: StoredAlerts['silences'] = new Map();
const noTokens: Counter['dedupTokens'] = new Map();

/** Returns the number of expired slots of a series. */
function expiredCount(slots: readonly number[], series: LoadedSeries, present: number): number {
  const { slotSeconds, windows, lateEventSeconds } = series;
  const retained = retainedSlots(slotSeconds, windows, lateEventSeconds);
  const oldest = present / slotSeconds - retained;
  let old = 0;
  for (const slot of slots) if (slot < oldest) old += 1;
  return slots.length - old <= 1.5 * retained ? old : slots.length - retained;
}

/** Returns the expired slots of a series, which are always the oldest. */
function expiredSlots(slots: readonly number[], series: LoadedSeries, present: number): number[] {
  const oldest = slots.toSorted((a, b) => a - b).slice(0, expiredCount(slots, series, present));
  const expired = new Set(oldest);
  return slots.filter((slot) => expired.has(slot));
}
