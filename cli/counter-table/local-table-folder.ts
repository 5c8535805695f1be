import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { chunked } from '../../lambda/common/chunked.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { truncate } from '../../lambda/common/text.ts';
import { type Attribute, type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';
import { makeDirectories } from '../terminal/make-directories.ts';

/** The file of a folder with the table's items, one a line, in the format of a DynamoDB export ("DynamoDB JSON"). */
const countersFileName = 'counters.json';

/**
 * Reads the stored items of a folder.
 *
 * @throws InputError if the folder has no counters, or they cannot be read
 */
export async function readStoredItems(folder: string): Promise<Item[]> {
  const path = join(folder, countersFileName);
  const items: Item[] = [];
  try {
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) items.push(itemIn(line, `${path} line ${formatInteger(items.length + 1)}`));
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!isMissing(error)) throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
    throw new InputError(`${folder} has no counters; create them with npx flow-sentinel invoke --keep ${folder}`);
  }
  return items;
}

function itemIn(line: string, where: string): Item {
  try {
    const { Item: item } = JSON.parse(line) as { Item: Item };
    if (typeof (item.pk as { S: unknown }).S === 'string' && isObjectOf(item, isAttribute)) {
      const read = withBytes(item);
      readCounter(read);
      return read;
    }
  } catch {
    // Reported below.
  }
  throw new InputError(`${where} is invalid: got ${JSON.stringify(truncate(line, 60))}, expected {"Item": ...}`);
}

/** Returns whether a value is a DynamoDB JSON attribute of a type that counters use: see count/counter-item.ts. */
function isAttribute(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [[type, content] = [], ...others] = Object.entries(value);
  if (others.length > 0) return false;
  switch (type) {
    case 'S':
    case 'B':
      return typeof content === 'string';
    case 'N':
      return typeof content === 'string' && /^-?\d+$/.test(content);
    case 'BOOL':
      return typeof content === 'boolean';
    case 'SS':
      return Array.isArray(content) && content.every((text) => typeof text === 'string');
    case 'M':
      return isObjectOf(content, isAttribute);
    default:
      return false;
  }
}

function isObjectOf(value: unknown, isValue: (value: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isValue);
}

/** A folder of stored items, and the file that will replace them. */
export interface CounterFolder {
  readonly items: readonly Item[];
  save(items: readonly Item[]): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Opens a folder of stored items for writing, so that a problem is reported before the work.
 *
 * @param isNew whether to create a missing folder, and to accept one without items
 * @throws InputError if the folder cannot be read or written
 */
export async function openCounterFolder(folder: string, { isNew = true } = {}): Promise<CounterFolder> {
  const path = join(folder, countersFileName);
  try {
    if (isNew) makeDirectories(folder);
  } catch (error) {
    throw new InputError(`the folder ${folder} cannot be created: ${fileErrorText(error)}`);
  }
  const exists = statSync(path, { throwIfNoEntry: false }) !== undefined;
  const items = exists || !isNew ? await readStoredItems(folder) : [];
  const file = await beginAtomicFile(path);
  return { items, save: (newItems) => writeItems(file, newItems), discard: () => file.discard() };
}

async function writeItems(file: AtomicFile, items: readonly Item[]): Promise<void> {
  for (const item of items) await file.write(`${JSON.stringify({ Item: withText(item) })}\n`);
  await file.commit();
}

/** Encodes binary attributes in base64, as DynamoDB JSON does; nested attributes have no bytes. */
function withText(item: Item): Record<string, unknown> {
  const textOf = (attribute: Attribute) =>
    'B' in attribute ? { B: Buffer.from(attribute.B).toString('base64') } : attribute;
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, textOf(attribute)]));
}

function withBytes(item: Record<string, Attribute | { readonly B: string }>): Item {
  const bytesOf = (attribute: Attribute | { readonly B: string }): Attribute =>
    'B' in attribute && typeof attribute.B === 'string'
      ? { B: Buffer.from(attribute.B, 'base64') }
      : (attribute as Attribute);
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, bytesOf(attribute)]));
}

/** Upper bound of items in one request (DynamoDB API Reference, "BatchWriteItem"). */
const itemsPerBatch = 25;

/** Puts items into an embedded table, which never leaves items of a batch unprocessed. */
export async function putItems(items: readonly Item[], client: DynamoDBClient, tableName: string): Promise<void> {
  await pMap(
    chunked(items, itemsPerBatch),
    (batch) => {
      const requests = batch.map((item) => ({ PutRequest: { Item: item } }) as WriteRequest);
      return client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
    },
    { concurrency: 4 },
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
