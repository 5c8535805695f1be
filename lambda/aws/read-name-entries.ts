import type { BatchGetItemCommandInput, BatchGetItemCommandOutput } from '@aws-sdk/client-dynamodb';
import type { NameEntry } from '../names/name-entry.ts';
import { nameTableKey, readEntryItem } from '../names/name-items.ts';
import { type NameKey, nameKeyText } from '../names/name-key.ts';

/** Entries of names, and the keys that the table answered: it may leave some out. */
export interface ReadEntries {
  readonly read: readonly NameKey[];
  /** By the text of their keys. */
  readonly entries: ReadonlyMap<string, NameEntry>;
}

/**
 * Reads entries with one BatchGetItem.
 *
 * @param keys different ones, at most 100 (DynamoDB API Reference, "BatchGetItem")
 * @param get sends the request; its failure is that of this function
 */
export async function readNameEntries(
  tableName: string,
  keys: readonly NameKey[],
  get: (input: BatchGetItemCommandInput) => Promise<BatchGetItemCommandOutput>,
): Promise<ReadEntries> {
  const Keys = keys.map((key) => ({ [nameTableKey]: { S: nameKeyText(key) } }));
  const { Responses, UnprocessedKeys } = await get({ RequestItems: { [tableName]: { Keys } } });
  const items = (Responses?.[tableName] ?? []).flatMap((item) => readEntryItem(item) ?? []);
  const unread = new Set(UnprocessedKeys?.[tableName]?.Keys?.map((key) => key[nameTableKey]?.S));
  return {
    read: keys.filter((key) => !unread.has(nameKeyText(key))),
    entries: new Map(items.map(({ key, entry }) => [key, entry])),
  };
}
