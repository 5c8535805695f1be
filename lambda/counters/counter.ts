import type { Quantity } from '../common/quantity.ts';
import type { StoredAlerts } from './alert-record.ts';
import type { Amounts } from './packed-slots.ts';
import type { SlotValue } from './window.ts';

/** The stored state of one key. */
export interface Counter extends StoredAlerts {
  /** Bytes of accepted flows and number of rejected flows since `firstSeen`; zero for groups other than pairs. */
  readonly bytes: Quantity;
  readonly rejects: number;
  /** In epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Slot values by series id and slot. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<number, SlotValue>>;
  /**
   * The dedup tokens of batches that may be attempted again, by arrival slot. Only the store reads these: it may change
   * the map of a counter that it returned earlier.
   */
  readonly dedupTokens: ReadonlyMap<number, ReadonlySet<string>>;
  /** Closed slots that share one attribute; undefined if every slot has a separate attribute. */
  readonly packed?: Packed | undefined;
}

/** Returns the counter of a key of which nothing is stored. */
export function emptyCounter(): Counter {
  return {
    bytes: 0,
    rejects: 0,
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    slots: new Map(),
    alertRecords: [],
    silences: noSilences,
    dedupTokens: new Map(),
  };
}

/** One for all keys: a run in memory holds millions of counters. */
const noSilences: Counter['silences'] = new Map();

/** Closed slots of a counter, stored in one attribute: see counters/packed-slots.ts. */
export interface Packed {
  /** Number of times that slots were packed. */
  readonly version: number;
  readonly amounts: Amounts;
  /** Size of the attribute's value, in bytes. */
  readonly bytes: number;
  /** Late amounts for packed slots, stored in separate attributes until they are packed too. */
  readonly late: Amounts;
}

/** Returns the slots, and late amounts, of a series that are stored in separate attributes. */
export function unpackedSlots({ slots, packed }: Counter, series: string): ReadonlyMap<number, SlotValue> {
  const all = slots.get(series) ?? new Map<number, SlotValue>();
  const amounts = packed?.amounts.get(series);
  if (!packed || !amounts) return all;
  const unpacked = [...all].filter(([slot]) => !amounts.has(slot));
  return new Map([...unpacked, ...(packed.late.get(series) ?? [])]);
}

/** The length of an arrival slot, which groups dedup tokens. */
export const tokenSlotSeconds = 15 * 60;

/**
 * Returns the arrival slots that may hold the token of a batch: the batch's slot, and those of an hour before and after.
 * Firehose may report another arrival for a retry, and an attempt that timed out may still write.
 */
export function tokenSlots(arrival: number): number[] {
  const first = oldestTokenSlot(arrival);
  return Array.from({ length: 2 * slotsAround + 1 }, (_, n) => first + n);
}

/** Returns the first of the slots that `tokenSlots` returns. */
export function oldestTokenSlot(arrival: number): number {
  return Math.floor(arrival / tokenSlotSeconds) - slotsAround;
}

/** The number of arrival slots in an hour. */
const slotsAround = 3600 / tokenSlotSeconds;

/** The length of a dedup token, in characters. */
export const dedupTokenLength = 8;

/** Returns the dedup token of the batch that a part belongs to: see partToken. */
export function batchTokenOf(part: string): string {
  return part.slice(0, dedupTokenLength);
}

/** Returns the token of one of the updates that a batch makes to the same counter. */
export function partToken(token: string, part: number): string {
  return part === 0 ? token : `${token}${part.toString(36)}`;
}

/** Returns whether the counter holds the token of an update. @param arrival of the batch, in epoch seconds */
export function hasCounted(counter: Counter, token: string, arrival: number): boolean {
  const arrivalSlot = Math.floor(arrival / tokenSlotSeconds);
  for (const [slot, tokens] of counter.dedupTokens) {
    if (Math.abs(slot - arrivalSlot) <= slotsAround && tokens.has(token)) return true;
  }
  return false;
}
