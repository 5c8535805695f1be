import { addQuantity, type Quantity } from '../common/quantity.ts';
import { type CounterKey, isPair } from '../counters/counter-key.ts';
import type { Addition, KeyDelta } from '../counters/delta.ts';
import { slotOf } from '../counters/window.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import type { FlowSink } from './add-flows.ts';
import { EvidenceGatherer } from './evidence.ts';
import { partsOf } from './update-parts.ts';

/** The sum, or the distinct values, of one slot of a series. */
interface Slot {
  readonly series: LoadedSeries;
  readonly slot: number;
  amount: Quantity;
  /** Undefined unless the series counts distinct values. */
  readonly values: Set<string> | undefined;
}

/** The flows of a batch in one series of a counter. */
interface SeriesPart {
  readonly series: LoadedSeries;
  readonly evidence: EvidenceGatherer;
  /** The last slot used: flows arrive roughly in order of time. */
  latest: Slot | undefined;
  /** All slots by number; undefined while there is at most one. */
  bySlot: Map<number, Slot> | undefined;
}

/** Adds up the flows of a batch for one counter. */
export class DeltaBuilder implements FlowSink {
  readonly key: CounterKey;
  readonly isPair: boolean;
  /** Bytes of accepted flows. */
  bytes: Quantity = 0;
  rejects = 0;
  /** Number of flows added. */
  flows = 0;
  #firstSeen = Number.POSITIVE_INFINITY;
  #lastSeen = Number.NEGATIVE_INFINITY;
  readonly #overflowPairs: number;
  // Allocated late: most counters of a batch have neither, and a batch may have a hundred thousand counters.
  #slots: Slot[] | undefined;
  #parts: SeriesPart[] | undefined;

  /** @param overflowPairs number of light pairs that the counter counts together; 0 unless the key is an overflow pair */
  constructor(key: CounterKey, overflowPairs = 0) {
    this.key = key;
    this.isPair = isPair(key);
    this.#overflowPairs = overflowPairs;
  }

  /** Adds a flow to the totals of a pair. @param start,end epoch seconds */
  addContribution(bytes: Quantity, rejects: number, start: number, end: number): void {
    this.bytes = addQuantity(this.bytes, bytes);
    this.rejects += rejects;
    this.flows += 1;
    this.#see(start, end);
  }

  /** Adds the flow of a row to a series. @param weight an amount, or a value of a series of distinct values */
  addToSeries(
    series: LoadedSeries,
    weight: Quantity | string,
    start: number,
    end: number,
    rows: FlowRows,
    row: number,
  ): void {
    const part = this.#part(series);
    addWeight(this.#slot(part, slotOf(end, series.slotSeconds)), weight);
    part.evidence.add(rows, row);
    if (!this.isPair) this.flows += 1;
    this.#see(start, end);
  }

  /** Returns the updates to the counter, at least one. */
  deltas(): KeyDelta[] {
    const evidence = this.#parts ? new Map(this.#parts.map((part) => [part.series.id, part.evidence])) : noEvidence;
    return partsOf(this.#slots ?? [], slotSecondsOf).map((additions, part) => ({
      key: this.key,
      part,
      totals: this.isPair ? { bytes: part === 0 ? this.bytes : 0, rejects: part === 0 ? this.rejects : 0 } : undefined,
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      additions: additions.map(additionOf),
      evidence,
      overflowPairs: this.#overflowPairs,
    }));
  }

  #part(series: LoadedSeries): SeriesPart {
    // A linear search: few series of a rule set group by the same fields.
    for (const part of this.#parts ?? []) if (part.series === series) return part;
    const part = { series, evidence: new EvidenceGatherer(), latest: undefined, bySlot: undefined };
    if (this.#parts) this.#parts.push(part);
    else this.#parts = [part];
    return part;
  }

  #slot(part: SeriesPart, slot: number): Slot {
    const { latest, series } = part;
    if (latest?.slot === slot) return latest;
    if (latest) part.bySlot ??= new Map([[latest.slot, latest]]);
    let entry = part.bySlot?.get(slot);
    if (!entry) {
      entry = { series, slot, amount: 0, values: series.measure.kind === 'distinct' ? new Set() : undefined };
      part.bySlot?.set(slot, entry);
      if (this.#slots) this.#slots.push(entry);
      else this.#slots = [entry];
    }
    part.latest = entry;
    return entry;
  }

  #see(start: number, end: number): void {
    if (start < this.#firstSeen) this.#firstSeen = start;
    if (end > this.#lastSeen) this.#lastSeen = end;
  }
}

function addWeight(entry: Slot, weight: Quantity | string): void {
  const { measure } = entry.series;
  if (typeof weight !== 'string') {
    entry.amount = measure.kind === 'presence' ? 1 : addQuantity(entry.amount, weight);
    return;
  }
  if (entry.values && measure.kind === 'distinct' && entry.values.size < measure.cap) entry.values.add(weight);
}

const noEvidence: ReadonlyMap<string, Evidence> = new Map();

function slotSecondsOf({ series }: Slot): number {
  return series.slotSeconds;
}

function additionOf({ series, slot, amount, values }: Slot): Addition {
  const { id, measure } = series;
  if (measure.kind !== 'distinct') return { series: id, slot, amount };
  return { series: id, slot, values: [...(values ?? [])], cap: measure.cap };
}
