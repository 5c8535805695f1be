import { addQuantity, type Quantity } from '../common/quantity.ts';
import { type Counter, oldestTokenSlot, type Packed, batchTokenOf, unpackedSlots } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { packSlots } from '../counters/packed-slots.ts';
import { retainedSlots, type SlotValue } from '../counters/window.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import { itemSize } from './item-size.ts';

/** What can be removed from a counter's item, and what can be kept there in less room. */
export interface CompactionPlan {
  /** Slots with attributes of their own. */
  readonly slots: readonly Slot[];
  /** Whole arrival slots of tokens. */
  readonly tokens: readonly number[];
  /** Single tokens of other arrival slots. */
  readonly finishedTokens: ReadonlyMap<number, readonly string[]>;
  readonly packing: Packing | undefined;
}

/** Closed slots that are to be kept together. */
export interface Packing {
  /** How often the counter's slots were packed before. */
  readonly version: number;
  /** All that is kept together then. */
  readonly amounts: Packed['amounts'];
  /** What has attributes of its own by now, and what these hold. */
  readonly moved: readonly (Slot & { readonly amount: Quantity })[];
}

interface Slot {
  readonly series: string;
  readonly slot: number;
}

/** When an item is tidied, which takes a write of its own. */
export interface CompactionOptions {
  /** So many attributes and tokens must be there to remove or to pack. */
  readonly minParts: number;
  /** What the item's next update may add, in bytes: it is tidied while that does not begin another write unit. */
  readonly headroomBytes: number;
  /** What a write unit holds. */
  readonly unitBytes: number;
  /** Whether closed slots are packed. */
  readonly isPacking: boolean;
}

/** One write in a score, or fewer, for a pair that is busy all the time. */
export const defaultCompaction: CompactionOptions = {
  minParts: 8,
  headroomBytes: 96,
  unitBytes: 1024,
  isPacking: true,
};

/** An expression may have 4 KB (DynamoDB Developer Guide, "Quotas"); a slot that is packed takes up to 25 bytes of them. */
const maxPartsAtOnce = 100;

/**
 * What no window and no retry can ask for any more, and which slots are closed and can be packed; undefined while it is
 * not worth a write, which it is as soon as the item's updates cost a unit less for it. A slot of a series that no rule
 * asks for any more is stale at once; a token is when its batch is settled, or when it is too old to come again.
 *
 * The present is the time of the delta's first slot, or that of its arrival where this is earlier: neither a record that
 * came late nor one whose time lies in the future may cost others their windows. But where an item has half as many
 * slots of a series again as it should, the oldest go, whatever the present: records that come newest first, or from the
 * future, must not fill it up.
 *
 * @param arrival when the delta's batch arrived, in epoch seconds
 * @param isFinished whether no update of the batch with this token can come any more: see count/finished-batches.ts
 */
export function planCompaction(
  counter: Counter,
  delta: KeyDelta,
  arrival: number,
  series: ReadonlyMap<string, LoadedSeries>,
  isFinished: (token: string) => boolean,
  tidying: CompactionOptions = defaultCompaction,
): CompactionPlan | undefined {
  const { minParts, headroomBytes, unitBytes, isPacking } = tidying;
  let present = arrival;
  for (const { series: id, slot } of delta.additions) {
    present = Math.min(present, slot * (series.get(id)?.slotSeconds ?? 0));
  }
  if (maxParts(counter, present, series, tidying) < minParts) return undefined;
  const slots: Slot[] = [];
  const closed: (Slot & { amount: Quantity })[] = [];
  const stale = new Map<string, ReadonlySet<number>>();
  for (const [id, filled] of counter.slots) {
    const staleOnes = new Set(expiredSlots([...filled.keys()], present, series.get(id)));
    stale.set(id, staleOnes);
    const newest = isPacking ? Math.max(...filled.keys()) : Number.NEGATIVE_INFINITY;
    for (const [slot, value] of unpackedSlots(counter, id)) {
      if (staleOnes.has(slot)) slots.push({ series: id, slot });
      else if (slot < newest && typeof value !== 'object') closed.push({ series: id, slot, amount: value });
    }
  }
  const oldest = oldestTokenSlot(arrival);
  const tokens = [...counter.dedupTokens.keys()].filter((slot) => slot < oldest);
  const settled = new Map<number, string[]>();
  for (const [slot, all] of counter.dedupTokens) {
    const gone = slot < oldest ? [] : [...all].filter((token) => isFinished(batchTokenOf(token)));
    if (gone.length > 0) settled.set(slot, gone);
  }
  const forgotten = tokens.map((slot) => counter.dedupTokens.get(slot)!.size);
  const parts = [slots.length, closed.length, ...forgotten, ...[...settled.values()].map(({ length }) => length)];
  if (parts.reduce((sum, length) => sum + length) < minParts) return undefined;
  const units = (one: Counter) => Math.ceil((itemSize(delta.key, one).total + headroomBytes) / unitBytes);
  const now = units(counter);
  if (now === 1) return undefined;
  const found: CompactionPlan = {
    slots: slots.slice(0, maxPartsAtOnce),
    tokens: tokens.slice(0, maxPartsAtOnce),
    finishedTokens: settled,
    packing: closed.length > 0 ? packingOf(counter, closed.slice(0, maxPartsAtOnce), stale) : undefined,
  };
  return now > units(applyCompaction(counter, found)) ? found : undefined;
}

/** How many attributes and tokens there may be to remove or to pack; not fewer than there are. */
function maxParts(
  { slots, dedupTokens, packed }: Counter,
  present: number,
  series: ReadonlyMap<string, LoadedSeries>,
  { minParts, isPacking }: CompactionOptions,
): number {
  let parts = 0;
  for (const batches of dedupTokens.values()) parts += batches.size;
  for (const filled of slots.values()) parts += filled.size;
  if (parts < minParts || isPacking || packed) return parts;
  // Where none is packed, it takes no list to tell how many of them are stale.
  for (const [id, filled] of slots)
    parts -= filled.size - expiredCount(filled.keys(), filled.size, present, series.get(id));
  return parts;
}

/** The counter without what is stale, and with what can be packed packed. */
export function applyCompaction(counter: Counter, stale: CompactionPlan): Counter {
  const { packing } = stale;
  const tokens = new Map<number, ReadonlySet<string>>();
  for (const [slot, all] of counter.dedupTokens) {
    const left = stale.tokens.includes(slot)
      ? []
      : [...all].filter((token) => !stale.finishedTokens.get(slot)?.includes(token));
    if (left.length > 0) tokens.set(slot, new Set(left));
  }
  const amounts = packing?.amounts ?? counter.packed?.amounts;
  const gone = new Set([...stale.slots, ...(packing?.moved ?? [])].map(({ series, slot }) => `${series}:${slot}`));
  const slots = new Map<string, Map<number, SlotValue>>();
  const late = new Map<string, Map<number, Quantity>>();
  for (const id of new Set([...counter.slots.keys(), ...(amounts?.keys() ?? [])])) {
    const own = [...unpackedSlots(counter, id)].filter(([slot]) => !gone.has(`${id}:${slot}`));
    const packed = amounts?.get(id) ?? new Map<number, Quantity>();
    const all = new Map<number, SlotValue>(packed);
    for (const [slot, value] of own) {
      const amount = packed.get(slot);
      if (amount === undefined || typeof value === 'object') all.set(slot, value);
      else {
        all.set(slot, addQuantity(amount, value));
        late.set(id, (late.get(id) ?? new Map<number, Quantity>()).set(slot, value));
      }
    }
    if (all.size > 0) slots.set(id, all);
  }
  const version = packing ? packing.version + 1 : counter.packed?.version;
  const bytes = packing ? packSlots(packing.amounts).length : (counter.packed?.bytes ?? 0);
  const packed = amounts && version !== undefined ? { version, amounts, bytes, late } : undefined;
  return { ...counter, slots, dedupTokens: tokens, ...(packed && { packed }) };
}

function packingOf(
  counter: Counter,
  moved: Packing['moved'],
  stale: ReadonlyMap<string, ReadonlySet<number>>,
): Packing {
  const amounts = new Map<string, Map<number, Quantity>>();
  for (const [id, packed] of counter.packed?.amounts ?? []) {
    amounts.set(id, new Map([...packed].filter(([slot]) => !stale.get(id)?.has(slot))));
  }
  for (const { series, slot, amount } of moved) {
    const packed = amounts.get(series) ?? new Map<number, Quantity>();
    amounts.set(series, packed.set(slot, addQuantity(packed.get(slot) ?? 0, amount)));
  }
  const filled = [...amounts].filter(([, packed]) => packed.size > 0);
  return { version: counter.packed?.version ?? 0, amounts: new Map(filled), moved };
}

function expiredSlots(filled: readonly number[], present: number, series: LoadedSeries | undefined): readonly number[] {
  return filled.toSorted((a, b) => a - b).slice(0, expiredCount(filled, filled.length, present, series));
}

/** How many slots are stale: always the first. */
function expiredCount(
  filled: Iterable<number>,
  size: number,
  present: number,
  series: LoadedSeries | undefined,
): number {
  if (series === undefined) return size;
  const kept = retainedSlots(series.slotSeconds, series.windows);
  const oldest = present / series.slotSeconds - kept;
  let old = 0;
  for (const slot of filled) if (slot < oldest) old += 1;
  return size - old <= 1.5 * kept ? old : size - kept;
}
