import { addQuantity, type Quantity } from '../common/quantity.ts';
import { batchTokenOf, type Counter, oldestTokenSlot, unpackedSlots } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { retainedSlots, type SlotValue } from '../counters/window.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import { applyCompaction, type ClosedSlot, type CompactionPlan, type Packing, type Slot } from './compaction-plan.ts';
import type { FinishedBatches } from './finished-batches.ts';
import { itemSize } from './item-size.ts';

/** When an item is compacted, which takes a separate write. */
export interface CompactionOptions {
  /** Minimum number of attributes and tokens to remove or to pack. */
  readonly minParts: number;
  /** Bytes that the next update may add: the item is compacted before these begin another write unit. */
  readonly headroomBytes: number;
  /** Bytes per write unit. */
  readonly unitBytes: number;
  /** Whether closed slots are packed. */
  readonly isPacking: boolean;
  /** The least write units that a compaction saves of each update; more in a batch with retried requests. Default: 1. */
  readonly minSavedUnits?: number;
}

/** For a pair with flows in every batch, at most one write in twenty is a compaction. */
export const defaultCompaction: CompactionOptions = {
  minParts: 8,
  headroomBytes: 96,
  unitBytes: 1024,
  isPacking: true,
};

/** An expression may have 4 KB (DynamoDB Developer Guide, "Quotas"); packing a slot takes up to 25 bytes of these. */
const maxPartsAtOnce = 100;

/** A counter after an update, and everything that decides which of its parts are still needed. */
export interface CompactionInput {
  readonly counter: Counter;
  /** The update. */
  readonly delta: KeyDelta;
  /** Arrival of the update's batch, in epoch seconds. */
  readonly arrival: number;
  readonly series: ReadonlyMap<string, LoadedSeries>;
  /** Returns whether no update of the batch can be written any more: see count/finished-batches.ts. */
  readonly isFinished: FinishedBatches['isFinished'];
  /** Default: `defaultCompaction`. */
  readonly options?: CompactionOptions;
}

/**
 * Plans a compaction: removes slots and tokens that no window and no retry needs, and packs closed slots. Returns
 * undefined unless it saves at least one write unit per update. It is called for every update, so cheap checks come
 * first. See docs/decisions/0013-a-busy-item-is-one-write-unit.md.
 */
export function planCompaction({
  counter,
  delta,
  arrival,
  series,
  isFinished,
  options = defaultCompaction,
}: CompactionInput): CompactionPlan | undefined {
  const all = allParts(counter);
  if (all < options.minParts) return undefined;
  const present = presentOf(delta, counter, arrival, series);
  if (maxParts(counter, all, present, series, options) < options.minParts) return undefined;
  const unitsOf = (state: Counter) =>
    Math.ceil((itemSize(delta.key, state).total + options.headroomBytes) / options.unitBytes);
  const units = unitsOf(counter);
  if (units === 1) return undefined;
  const states = slotStates(counter, present, series);
  const slots = expiredSlotsOf(states);
  const finishedTokens = finishedTokensOf(counter, arrival, isFinished);
  const closed = options.isPacking ? packable(states) : [];
  if (countParts({ slots, finishedTokens, closed }) < options.minParts) return undefined;
  const plan: CompactionPlan = {
    slots: slots.slice(0, maxPartsAtOnce),
    finishedTokens,
    packing: closed.length > 0 ? packingOf(counter, closed.slice(0, maxPartsAtOnce), states) : undefined,
  };
  const { minSavedUnits = 1 } = options;
  return unitsOf(applyCompaction(counter, plan)) <= units - minSavedUnits ? plan : undefined;
}

/**
 * Returns the time that expires slots: the start of the delta's first slot, but at most its arrival. A late record, or a
 * record with a time in the future, must not cost other records their windows. A delta without slots may have only flows
 * with implausible times, and expires what the start of the counter's newest slot expires.
 */
function presentOf(
  { additions }: KeyDelta,
  { slots }: Counter,
  arrival: number,
  series: ReadonlyMap<string, LoadedSeries>,
): number {
  const startOf = (id: string, slot: number) => slot * (series.get(id)?.slotSeconds ?? 0);
  let present = arrival;
  for (const { series: id, slot } of additions) present = Math.min(present, startOf(id, slot));
  if (additions.length > 0) return present;
  let newest = 0;
  for (const [id, filled] of slots) for (const slot of filled.keys()) newest = Math.max(newest, startOf(id, slot));
  return Math.min(present, newest);
}

/** Returns the number of slots and tokens of a counter. */
function allParts({ slots, dedupTokens }: Counter): number {
  let parts = 0;
  for (const tokens of dedupTokens.values()) parts += tokens.size;
  for (const filled of slots.values()) parts += filled.size;
  return parts;
}

/** Returns an upper bound of the number of parts to remove or to pack, without a list of them. */
function maxParts(
  { slots, packed }: Counter,
  all: number,
  present: number,
  series: ReadonlyMap<string, LoadedSeries>,
  { isPacking }: CompactionOptions,
): number {
  let parts = all;
  if (isPacking || packed) return parts;
  // Without packed slots, the expired ones can be counted without a list of them.
  for (const [id, filled] of slots)
    parts -= filled.size - expiredCount(filled.keys(), filled.size, present, series.get(id));
  return parts;
}

/** The slots of one series, examined once for the steps below. */
interface SlotState {
  readonly series: string;
  /** All slots that no window needs, whether packed or not. */
  readonly expired: ReadonlySet<number>;
  readonly newest: number;
  /** The slots, and late amounts, with separate attributes. */
  readonly unpacked: ReadonlyMap<number, SlotValue>;
}

function slotStates(counter: Counter, present: number, series: ReadonlyMap<string, LoadedSeries>): SlotState[] {
  return [...counter.slots].map(([id, filled]) => {
    const slots = [...filled.keys()].sort((a, b) => a - b);
    const expired = new Set(slots.slice(0, expiredCount(slots, slots.length, present, series.get(id))));
    return { series: id, expired, newest: slots.at(-1) ?? -Infinity, unpacked: unpackedSlots(counter, id) };
  });
}

/**
 * Returns the number of expired slots, which are always the oldest. All slots of a series that no rule reads are expired.
 * Above one and a half times the retained number the oldest slots go, whatever the present: records that arrive newest
 * first, or from the future, must not fill the item.
 */
function expiredCount(
  filled: Iterable<number>,
  size: number,
  present: number,
  series: LoadedSeries | undefined,
): number {
  if (series === undefined) return size;
  const retained = retainedSlots(series.slotSeconds, series.windows, series.lateEventSeconds);
  const oldest = present / series.slotSeconds - retained;
  let old = 0;
  for (const slot of filled) if (slot < oldest) old += 1;
  return size - old <= 1.5 * retained ? old : size - retained;
}

/** Returns the expired slots with separate attributes. */
function expiredSlotsOf(states: readonly SlotState[]): Slot[] {
  const slots: Slot[] = [];
  for (const { series, expired, unpacked } of states) {
    for (const slot of unpacked.keys()) if (expired.has(slot)) slots.push({ series, slot });
  }
  return slots;
}

/**
 * Returns the tokens of finished batches by arrival slot, within the limit of an expression. The token of any other batch
 * stays until the batch's marker expires: a batch that Firehose gave up may be reprocessed until then.
 */
function finishedTokensOf(
  { dedupTokens }: Counter,
  arrival: number,
  isFinished: CompactionInput['isFinished'],
): Map<number, string[]> {
  const oldest = oldestTokenSlot(arrival);
  const bySlot = new Map<number, string[]>();
  let left = maxPartsAtOnce;
  for (const [slot, parts] of [...dedupTokens].sort(([a], [b]) => a - b)) {
    const isOld = slot < oldest;
    const removable = [...parts].filter((part) => isFinished(batchTokenOf(part), isOld)).slice(0, left);
    if (removable.length > 0) bySlot.set(slot, removable);
    left -= removable.length;
  }
  return bySlot;
}

/** Returns the closed slots with separate attributes: amounts before the newest slot of their series. */
function packable(states: readonly SlotState[]): ClosedSlot[] {
  const closed: ClosedSlot[] = [];
  for (const { series, expired, newest, unpacked } of states) {
    for (const [slot, amount] of unpacked) {
      if (slot < newest && typeof amount !== 'object' && !expired.has(slot)) closed.push({ series, slot, amount });
    }
  }
  return closed;
}

function countParts({
  slots,
  finishedTokens,
  closed,
}: Pick<CompactionPlan, 'slots' | 'finishedTokens'> & { readonly closed: readonly ClosedSlot[] }): number {
  let parts = slots.length + closed.length;
  for (const tokens of finishedTokens.values()) parts += tokens.length;
  return parts;
}

function packingOf(counter: Counter, moved: readonly ClosedSlot[], states: readonly SlotState[]): Packing {
  const amounts = new Map<string, Map<number, Quantity>>();
  for (const { series, expired } of states) {
    const packed = [...(counter.packed?.amounts.get(series) ?? [])].filter(([slot]) => !expired.has(slot));
    if (packed.length > 0) amounts.set(series, new Map(packed));
  }
  for (const { series, slot, amount } of moved) {
    const packed = amounts.get(series) ?? new Map<number, Quantity>();
    amounts.set(series, packed.set(slot, addQuantity(packed.get(slot) ?? 0, amount)));
  }
  return { version: counter.packed?.version ?? 0, amounts, moved };
}
