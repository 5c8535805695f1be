import pMap from 'p-map';
import type { ContextEntry } from './context-entry.ts';
import { type ContextTable, readEntry, sortTime } from './context-table.ts';
import type { Entity } from './entity.ts';

/** The entries of one entity that are read, the newest first. */
const maxEntries = 25;

/** The queries in flight. */
const concurrency = 32;

/**
 * Reads what is stored by entities, the newest entries of each first.
 *
 * @param from,to epoch seconds, both included
 * @throws an error of the table
 */
export async function readEntries(
  entities: readonly Entity[],
  from: number,
  to: number,
  table: Pick<ContextTable, 'query'>,
  signal: AbortSignal,
): Promise<Map<Entity, readonly ContextEntry[]>> {
  const [first, last] = [sortTime(from), `${sortTime(to)}~`];
  const read = async (entity: Entity): Promise<[Entity, readonly ContextEntry[]]> => {
    const items = await table.query(entity, first, last, maxEntries, signal);
    return [entity, items.flatMap((item) => readEntry(item) ?? [])];
  };
  return new Map(await pMap(entities, read, { concurrency }));
}
