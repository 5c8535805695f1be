import { createHash } from 'node:crypto';
import type { LoadedRules, LoadedSeries } from '../sigma/load.ts';
import { type CounterKey, counterKey, pairKey } from './counter-key.ts';
import { countedValue } from './ends.ts';
import { type Evidence, EvidenceGatherer } from './evidence.ts';
import { type Flow, quantityOf, secondsOf } from './parse.ts';
import { plus, type Quantity } from './quantity.ts';
import { isSecondSighting, tallyOf } from './tally.ts';
import { slotOf } from './window.ts';

/** What a batch adds to one slot of one series: an amount, or distinct values. */
export type Addition = { readonly series: string; readonly slot: number } & (
  | { readonly amount: Quantity }
  | { readonly values: readonly string[]; readonly cap: number }
);

/** What a batch adds to one counter: one update of the store. */
export interface KeyDelta {
  readonly key: CounterKey;
  /** Which of the updates to the same counter this is; all but very long batches have one, number 0. */
  readonly part: number;
  /** The bytes and rejects of a pair; undefined for any other group. */
  readonly totals: { readonly bytes: Quantity; readonly rejects: number } | undefined;
  /** When the flows started and ended, in epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** In order of time. */
  readonly additions: readonly Addition[];
  /** By the id of the series. */
  readonly evidence: ReadonlyMap<string, Evidence>;
}

/** A flow and when its record came in, in epoch seconds: the time of a flow whose format has no `start` and `end`. */
export interface ArrivedFlow {
  readonly flow: Flow;
  readonly arrival: number;
}

/**
 * The most additions in one update. An update expression may have 4 KB and 300 operators (DynamoDB Developer Guide,
 * "Quotas"); an addition takes about 10 bytes, and a set's guard 45 and three operators.
 */
const maxAdditions = 60;

/** What the flows of a batch add to each counter, in one pass. The order of the flows matters only to what a full set leaves out. */
export function aggregate(flows: Iterable<ArrivedFlow>, rules: LoadedRules): KeyDelta[] {
  const builders = new Map<string, DeltaBuilder>();
  const builder = (key: CounterKey) => {
    const known = builders.get(key.pk);
    if (known) return known;
    const created = new DeltaBuilder(key);
    builders.set(key.pk, created);
    return created;
  };
  for (const { flow, arrival } of flows) {
    const end = secondsOf(flow, 'end') ?? secondsOf(flow, 'start') ?? arrival;
    const start = Math.min(secondsOf(flow, 'start') ?? end, end);
    const tally = tallyOf(flow, rules.monitoredNetworks);
    if (tally) builder(pairKey(tally.src, tally.dst)).addTally(tally, start, end);
    if (!tally && isSecondSighting(flow, rules.monitoredNetworks)) continue;
    for (const series of rules.series.values()) {
      if (!series.matches(flow)) continue;
      const values = series.groupBy.map((name) => countedValue(flow, name));
      const weight = weightOf(flow, series);
      if (weight === undefined || !values.every((value) => value !== undefined)) continue;
      builder(counterKey(series.groupBy, values)).addToSeries(series, weight, flow, start, end);
    }
  }
  return [...builders.values()].flatMap((built) => built.deltas());
}

/** What a matching flow adds to the series; undefined when its format or record does not have the field. */
function weightOf(flow: Flow, { measure }: LoadedSeries): Quantity | string | undefined {
  switch (measure.kind) {
    case 'count':
      return 1;
    case 'sum':
      return quantityOf(flow, measure.field);
    case 'distinct':
      return distinctValue(countedValue(flow, measure.field));
  }
}

/** A set's values take room in the item: of a long one, its hash is kept, which tells values apart as well. */
function distinctValue(value: string | undefined): string | undefined {
  if (value === undefined || Buffer.byteLength(value) <= 100) return value;
  return createHash('sha256').update(value).digest('hex');
}

interface Slot {
  readonly series: LoadedSeries;
  readonly slot: number;
  amount: Quantity;
  readonly values: Set<string>;
}

class DeltaBuilder {
  readonly #key: CounterKey;
  readonly #isPair: boolean;
  #bytes: Quantity = 0;
  #rejects = 0;
  #firstSeen = Number.POSITIVE_INFINITY;
  #lastSeen = Number.NEGATIVE_INFINITY;
  readonly #slots = new Map<string, Slot>();
  readonly #evidence = new Map<string, EvidenceGatherer>();

  constructor(key: CounterKey) {
    this.#key = key;
    this.#isPair = key.pk.startsWith('pair#');
  }

  addTally(tally: { bytes: Quantity; rejects: number }, start: number, end: number): void {
    this.#bytes = plus(this.#bytes, tally.bytes);
    this.#rejects += tally.rejects;
    this.#see(start, end);
  }

  addToSeries(series: LoadedSeries, weight: Quantity | string, flow: Flow, start: number, end: number): void {
    const slot = slotOf(end, series.slotSeconds);
    const name = `${series.id}:${slot}`;
    const entry = this.#slots.get(name) ?? { series, slot, amount: 0, values: new Set<string>() };
    this.#slots.set(name, entry);
    if (typeof weight !== 'string') entry.amount = plus(entry.amount, weight);
    else if (series.measure.kind === 'distinct' && entry.values.size < series.measure.cap) entry.values.add(weight);
    const evidence = this.#evidence.get(series.id) ?? new EvidenceGatherer();
    this.#evidence.set(series.id, evidence);
    evidence.add(flow);
    this.#see(start, end);
  }

  deltas(): KeyDelta[] {
    const additions = [...this.#slots.values()]
      .sort((a, b) => a.slot * a.series.slotSeconds - b.slot * b.series.slotSeconds)
      .map(additionOf);
    const parts = Math.max(1, Math.ceil(additions.length / maxAdditions));
    return Array.from({ length: parts }, (_, part) => ({
      key: this.#key,
      part,
      totals: this.#isPair
        ? { bytes: part === 0 ? this.#bytes : 0, rejects: part === 0 ? this.#rejects : 0 }
        : undefined,
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      additions: additions.slice(part * maxAdditions, (part + 1) * maxAdditions),
      evidence: this.#evidence,
    }));
  }

  #see(start: number, end: number): void {
    this.#firstSeen = Math.min(this.#firstSeen, start);
    this.#lastSeen = Math.max(this.#lastSeen, end);
  }
}

function additionOf({ series, slot, amount, values }: Slot): Addition {
  if (series.measure.kind !== 'distinct') return { series: series.id, slot, amount };
  return { series: series.id, slot, values: [...values], cap: series.measure.cap };
}
