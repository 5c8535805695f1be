import { jsonOf } from '../common/json-value.ts';
import type { ContextEntry } from './context-entry.ts';
import type { Entity } from './entity.ts';

/** An item of the context table. `pk` and `sk` are its keys; DynamoDB deletes it some time after `expiresAt`. */
export interface ContextItem {
  readonly pk: string;
  readonly sk: string;
  /** What the item is about, as JSON. */
  readonly json: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The number of writes of an item that is updated; undefined for an item that is written once. */
  readonly version?: number;
}

/**
 * The table of what happened around hosts: context events and sent alerts by their entities, and the states of findings and
 * alerts. Calls reject if the table fails.
 */
export interface ContextTable {
  /** Writes items, each in place of the one with its keys. */
  put(items: readonly ContextItem[], signal: AbortSignal): Promise<void>;
  /**
   * Writes an item if the stored one has a version.
   *
   * @param version the version that must be stored; undefined if no item may be stored
   * @returns false if the condition does not hold: nothing is written
   */
  putIf(item: ContextItem, version: number | undefined, signal: AbortSignal): Promise<boolean>;
  get(pk: string, sk: string, signal: AbortSignal): Promise<ContextItem | undefined>;
  /** Returns the items of a partition with sort keys from `from` to `to`, at most `limit`, those with the last keys first. */
  query(pk: string, from: string, to: string, limit: number, signal: AbortSignal): Promise<readonly ContextItem[]>;
}

/** The sort key of an item that is updated. */
export const stateKey = 'state';

/** A finding that continues has a new state every 15 minutes at most: those of six hours replace each other. */
const findingSeconds = 6 * 3600;

/**
 * Returns the item of an entry by one entity: the same in each delivery of an event. A finding is sorted by the end of the six
 * hours of its update, so that its states do not hide other entries.
 *
 * @param time epoch seconds
 */
export function entryItem(entity: Entity, entry: ContextEntry, time: number, expiresAt: number): ContextItem {
  const sorted = entry.kind === 'finding' ? Math.ceil(time / findingSeconds) * findingSeconds : time;
  return { pk: entity, sk: `${sortTime(sorted)}#${entry.kind}#${entry.id}`, json: JSON.stringify(entry), expiresAt };
}

/** Returns the first sort key of a time; before it are those of earlier times. @param time epoch seconds */
export function sortTime(time: number): string {
  return String(Math.max(0, Math.floor(time))).padStart(12, '0');
}

/** Reads an item's JSON; undefined if it is not an object of one of the kinds. Never throws. */
export function readEntry({ json }: ContextItem): ContextEntry | undefined {
  const entry = jsonOf(json) as { kind?: unknown } | undefined;
  const isEntry =
    entry !== null && typeof entry === 'object' && ['finding', 'change', 'alert'].includes(String(entry.kind));
  return isEntry ? (entry as ContextEntry) : undefined;
}
