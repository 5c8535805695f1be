import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Attribute, type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';
import { InputError } from '../terminal/input-error.ts';
import { makeDirectories } from '../terminal/make-directories.ts';

/** The table's items in a kept folder, a line each, as an export of DynamoDB to S3 has them ("DynamoDB JSON"). */
const keptName = 'counters.json';

/**
 * The items that a folder keeps.
 *
 * @throws InputError when it keeps none, or what it keeps cannot be read
 */
export async function readKeptItems(folder: string): Promise<Item[]> {
  const path = join(folder, keptName);
  const items: Item[] = [];
  try {
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) items.push(itemIn(line, `${path} line ${formatInteger(items.length + 1)}`));
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!isMissing(error)) throw new InputError(`${path} cannot be read: ${messageOf(error)}`);
    throw new InputError(`${folder} keeps no counters; flow-sentinel invoke --keep ${folder} makes it`);
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
    // Said below.
  }
  throw new InputError(`${where} is no item of a table: expected {"Item": ...}`);
}

/** Whether a value is one of DynamoDB JSON, as far as counters use it: see count/counter-item.ts. */
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

/** A folder that keeps items: what it keeps now, and a file that takes its place. */
export interface KeptFolder {
  readonly items: readonly Item[];
  keep(items: readonly Item[]): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Opens a folder that keeps items, so that one learns before the work whether it can be written.
 *
 * @param isNew whether it may be one that keeps none yet, and is then made
 * @throws InputError that says what is wrong with it
 */
export async function openKeptFolder(folder: string, { isNew = true } = {}): Promise<KeptFolder> {
  const path = join(folder, keptName);
  try {
    if (isNew) makeDirectories(folder);
  } catch (error) {
    throw new InputError(`${folder} cannot be made a folder that keeps counters: ${messageOf(error)}`);
  }
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  const items = isThere || !isNew ? await readKeptItems(folder) : [];
  const file = await beginAtomicFile(path);
  return { items, keep: (all) => writeItems(file, all), discard: () => file.discard() };
}

async function writeItems(file: AtomicFile, items: readonly Item[]): Promise<void> {
  for (const item of items) await file.write(`${JSON.stringify({ Item: withText(item) })}\n`);
  await file.commit();
}

/** Bytes are text in base64 in DynamoDB JSON; no attribute has them further within. */
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

/** DynamoDB API Reference, "BatchWriteItem". */
const itemsPerBatch = 25;

/** Puts items into an embedded table, which takes all of a batch. */
export async function putItems(items: readonly Item[], client: DynamoDBClient, tableName: string): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / itemsPerBatch) }, (_, n) =>
    items.slice(n * itemsPerBatch, (n + 1) * itemsPerBatch),
  );
  await pMap(
    batches,
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
