import { addQuantity, type Quantity } from '../common/quantity.ts';
import { type Counter, type Packed, unpackedSlots } from '../counters/counter.ts';
import { packSlots } from '../counters/packed-slots.ts';
import type { SlotValue } from '../counters/window.ts';

/** The parts of a counter's item to remove, and the closed slots to pack into one attribute. */
export interface CompactionPlan {
  /** Expired slots with separate attributes. */
  readonly slots: readonly Slot[];
  /** Tokens of finished batches, by arrival slot. */
  readonly finishedTokens: ReadonlyMap<number, readonly string[]>;
  readonly packing: Packing | undefined;
}

/** Closed slots to pack. */
export interface Packing {
  /** The version that the packed attribute has before. */
  readonly version: number;
  /** All packed amounts afterwards. */
  readonly amounts: Packed['amounts'];
  /** The slots that move from separate attributes to the packed one, and their present amounts. */
  readonly moved: readonly ClosedSlot[];
}

/** A slot of a series. */
export interface Slot {
  readonly series: string;
  readonly slot: number;
}

/** A slot with an amount that changes only by late records. */
export interface ClosedSlot extends Slot {
  readonly amount: Quantity;
}

/** Returns the counter after the compaction. */
export function applyCompaction(counter: Counter, plan: CompactionPlan): Counter {
  const amounts = plan.packing?.amounts ?? counter.packed?.amounts;
  const { slots, late } = mergeSlots(amounts ?? new Map(), remainingSlots(counter, plan));
  const compacted = { ...counter, slots, dedupTokens: remainingTokens(counter, plan) };
  if (!amounts) return compacted;
  const { version, bytes } = plan.packing
    ? { version: plan.packing.version + 1, bytes: packSlots(plan.packing.amounts).length }
    : counter.packed!;
  return { ...compacted, packed: { version, amounts, bytes, late } };
}

function remainingTokens(
  { dedupTokens }: Counter,
  { finishedTokens }: CompactionPlan,
): Map<number, ReadonlySet<string>> {
  const remaining = new Map<number, ReadonlySet<string>>();
  for (const [slot, parts] of dedupTokens) {
    const left = parts.difference(new Set(finishedTokens.get(slot)));
    if (left.size > 0) remaining.set(slot, left);
  }
  return remaining;
}

/** Returns the slots of each series that keep separate attributes. */
function remainingSlots(
  counter: Counter,
  { slots, packing }: CompactionPlan,
): Map<string, [slot: number, value: SlotValue][]> {
  const removed = new Set([...slots, ...(packing?.moved ?? [])].map(({ series, slot }) => `${series}:${slot}`));
  const remaining = new Map<string, [number, SlotValue][]>();
  for (const series of counter.slots.keys()) {
    remaining.set(
      series,
      [...unpackedSlots(counter, series)].filter(([slot]) => !removed.has(`${series}:${slot}`)),
    );
  }
  return remaining;
}

/** Adds separately stored slots to the packed amounts; an amount for a packed slot is late. */
function mergeSlots(
  packed: Packed['amounts'],
  unpacked: ReadonlyMap<string, readonly [slot: number, value: SlotValue][]>,
): Pick<Counter, 'slots'> & Pick<Packed, 'late'> {
  const slots = new Map<string, Map<number, SlotValue>>();
  const late = new Map<string, Map<number, Quantity>>();
  for (const series of new Set([...unpacked.keys(), ...packed.keys()])) {
    const amounts = packed.get(series);
    const merged = new Map<number, SlotValue>(amounts);
    for (const [slot, value] of unpacked.get(series) ?? []) {
      const amount = amounts?.get(slot);
      if (amount === undefined || typeof value === 'object') merged.set(slot, value);
      else {
        merged.set(slot, addQuantity(amount, value));
        late.set(series, (late.get(series) ?? new Map<number, Quantity>()).set(slot, value));
      }
    }
    if (merged.size > 0) slots.set(series, merged);
  }
  return { slots, late };
}
