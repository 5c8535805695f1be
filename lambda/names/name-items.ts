import { daySeconds } from '../common/calendar.ts';
import { jsonOf } from '../common/json-value.ts';
import type { NameEntry } from './name-entry.ts';
import { type NameKey, nameKeyText, readNameKey } from './name-key.ts';

/** An item of the table of names, with the attribute values of DynamoDB. */
export type NameItem = Readonly<Record<string, { readonly S: string } | { readonly N: string }>>;

/** The table's partition key, and the attribute whose presence starts a look-up: the stream's filter names it. */
export const nameTableKey = 'pk';
export const wantedAttribute = 'wanted';

/** How long DynamoDB keeps an entry after its last look-up, and a request, in seconds. */
const entrySeconds = 30 * daySeconds;
const requestSeconds = 3600;

/** Returns the item of an entry. */
export function entryItem(key: NameKey, entry: NameEntry, now: number): NameItem {
  return {
    [nameTableKey]: { S: nameKeyText(key) },
    entry: { S: JSON.stringify(entry) },
    expiresAt: { N: String(now + entrySeconds) },
  };
}

/** Returns the item that asks for a look-up. Its time differs each time: a put that changes nothing is not in the stream. */
export function requestItem(key: NameKey, now: number): NameItem {
  const text = nameKeyText(key);
  return {
    [nameTableKey]: { S: `wanted#${text}` },
    [wantedAttribute]: { S: text },
    askedAt: { N: String(now) },
    expiresAt: { N: String(now + requestSeconds) },
  };
}

/** Reads an entry with the text of its key; undefined for any other item, also one with another form. Never throws. */
export function readEntryItem(item: unknown): { readonly key: string; readonly entry: NameEntry } | undefined {
  const [key, text] = [textIn(item, nameTableKey), textIn(item, 'entry')];
  if (key === undefined || text === undefined || !readNameKey(key)) return undefined;
  const entry = jsonOf(text);
  return isEntry(entry) ? { key, entry } : undefined;
}

/** Reads the key of a request; undefined for any other item. Never throws. */
export function readRequestItem(item: unknown): NameKey | undefined {
  const text = textIn(item, wantedAttribute);
  return text === undefined ? undefined : readNameKey(text);
}

/** Checks what would make a reader fail. Whoever may write to the table may write any name. */
function isEntry(value: unknown): value is NameEntry {
  const { holder, addresses } = (value ?? {}) as { holder?: unknown; addresses?: unknown };
  const isHolder = (one: unknown) => {
    const { interface: id, kind, groups, time } = (one ?? {}) as Record<string, unknown>;
    return [id, kind].every((text) => typeof text === 'string') && Array.isArray(groups) && Number.isFinite(time);
  };
  return Array.isArray(addresses) && (holder === undefined || isHolder(holder));
}

function textIn(item: unknown, name: string): string | undefined {
  const value = (item as Record<string, { S?: unknown }> | undefined)?.[name]?.S;
  return typeof value === 'string' ? value : undefined;
}
