import pMap from 'p-map';
import type { ContextEntry } from './context-entry.ts';
import { type ContextTable, readEntry, sortTime } from './context-table.ts';
import type { Entity } from './entity.ts';

/** The range of the entries to read, in epoch seconds; `limit` is the most entries of one entity (default: 25). */
export interface EntryRange {
  readonly from: number;
  readonly limit?: number;
}

const defaultLimit = 25;

/** A sort key after those of all times. */
const afterAllTimes = '9~';

/** The queries in flight. */
const concurrency = 32;

/**
 * Reads what is stored by entities, the newest entries of each first.
 *
 * @throws an error of the table
 */
export async function readEntries(
  entities: readonly Entity[],
  { from, limit = defaultLimit }: EntryRange,
  table: Pick<ContextTable, 'query'>,
  signal: AbortSignal,
): Promise<Map<Entity, readonly ContextEntry[]>> {
  const first = sortTime(from);
  const read = async (entity: Entity): Promise<[Entity, readonly ContextEntry[]]> => {
    const items = await table.query(entity, first, afterAllTimes, limit, signal);
    return [entity, items.flatMap((item) => readEntry(item) ?? [])];
  };
  return new Map(await pMap(entities, read, { concurrency }));
}
