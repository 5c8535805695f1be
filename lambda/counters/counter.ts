import type { Quantity } from '../common/quantity.ts';
import type { StoredAlerts } from './alert-record.ts';
import type { Amounts } from './packed-slots.ts';
import type { SlotValue } from './window.ts';

/** What the store keeps for one key. */
export interface Counter extends StoredAlerts {
  /** Bytes of accepted flows and number of rejected ones since `firstSeen`; zero for other groups than pairs. */
  readonly bytes: Quantity;
  readonly rejects: number;
  /** In epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** What each slot holds, by the id of the series and the slot. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<number, SlotValue>>;
  /**
   * The tokens of the batches counted lately, by the slot of their arrival. They are the store's own: an answer of a while
   * ago may know of batches that came after it.
   */
  readonly dedupTokens: ReadonlyMap<number, ReadonlySet<string>>;
  /** What of the slots is kept together; undefined where each has an attribute of its own. */
  readonly packed?: Packed | undefined;
}

/** Closed slots of a counter that are kept in one attribute: see counters/packed-slots.ts. */
export interface Packed {
  /** How often they were packed anew. */
  readonly version: number;
  readonly amounts: Amounts;
  /** How many bytes they take. */
  readonly bytes: number;
  /** What came late, to slots that were packed by then: it has attributes of its own until it is packed too. */
  readonly late: Amounts;
}

/** What has attributes of its own, of a series. */
export function unpackedSlots({ slots, packed }: Counter, series: string): ReadonlyMap<number, SlotValue> {
  const all = slots.get(series) ?? new Map<number, SlotValue>();
  const amounts = packed?.amounts.get(series);
  if (!packed || !amounts) return all;
  const unpacked = [...all].filter(([slot]) => !amounts.has(slot));
  return new Map([...unpacked, ...(packed.late.get(series) ?? [])]);
}

/** Batches are remembered by arrival slots of this length. */
export const tokenSlotSeconds = 15 * 60;

/**
 * The arrival slots in which a batch that comes again may have been counted: its own, and an hour's worth before and
 * after. The time of arrival may be reported otherwise the second time, and a try that was given up may still write.
 */
export function tokenSlots(arrival: number): number[] {
  const first = oldestTokenSlot(arrival);
  return Array.from({ length: 2 * slotsAround + 1 }, (_, n) => first + n);
}

/** The first of them. */
export function oldestTokenSlot(arrival: number): number {
  return Math.floor(arrival / tokenSlotSeconds) - slotsAround;
}

/** An hour's worth. */
const slotsAround = 3600 / tokenSlotSeconds;

/** The length of a batch's token. */
export const dedupTokenLength = 8;

/** The token of the batch that an update was one of. */
export function batchTokenOf(token: string): string {
  return token.slice(0, dedupTokenLength);
}

/** The token of one of the updates that a batch makes to the same counter. */
export function partToken(token: string, part: number): string {
  return part === 0 ? token : `${token}${part.toString(36)}`;
}

/** Whether the counter remembers the update of a batch that arrived then. */
export function hasCounted(counter: Counter, token: string, arrival: number): boolean {
  const own = Math.floor(arrival / tokenSlotSeconds);
  for (const [slot, tokens] of counter.dedupTokens) {
    if (Math.abs(slot - own) <= slotsAround && tokens.has(token)) return true;
  }
  return false;
}
