import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { plural } from '../../lambda/common/text.ts';
import type { Item } from '../../lambda/count/counter-item.ts';

/** What to read of a table, and how. */
export interface ScanOptions {
  /** The attributes to answer; all for none. */
  readonly attributes?: readonly string[];
  /** Items that begin so in their key, and whose attributes have these texts. All are read and paid for all the same. */
  readonly where?: { readonly pkBegins?: string; readonly texts?: Readonly<Record<string, string>> };
  /** Stops it; what was found by then stays. */
  readonly interrupted?: AbortSignal;
  /** The most items of a page, and how many parts of the table are read at once. */
  readonly limit?: number;
  readonly segments?: number;
}

/** What reading a table came to. */
export interface ScanResult {
  /** Items read, whether they were answered or not. */
  readonly items: number;
  /** What DynamoDB bills for it. */
  readonly readUnits: number;
  /** Whether it was stopped before the end. */
  readonly isPart: boolean;
}

const segmentsAtOnce = 4;

/**
 * Reads a whole table, in parts at once, without locks: eventually consistent, which costs half (DynamoDB Developer
 * Guide, "Working with scans"). Says on a terminal how many items it has read.
 */
export async function scanItems(
  client: DynamoDBClient,
  tableName: string,
  options: ScanOptions,
  each: (item: Item) => void,
): Promise<ScanResult> {
  const { interrupted, limit, segments = segmentsAtOnce } = options;
  const parameters = { TableName: tableName, ...expressionsOf(options), ...(limit !== undefined && { Limit: limit }) };
  const found = { items: 0, readUnits: 0 };
  const readSegment = async (segment: number) => {
    let next: ScanCommandInput['ExclusiveStartKey'];
    do {
      const page = await client.send(
        new ScanCommand({
          ...parameters,
          ...(next && { ExclusiveStartKey: next }),
          Segment: segment,
          TotalSegments: segments,
          ReturnConsumedCapacity: 'TOTAL',
        }),
        interrupted && { abortSignal: interrupted },
      );
      for (const item of page.Items ?? []) each(item as Item);
      found.items += page.ScannedCount ?? 0;
      found.readUnits += page.ConsumedCapacity?.CapacityUnits ?? 0;
      next = page.LastEvaluatedKey;
      if (process.stderr.isTTY) process.stderr.write(`\r${formatInteger(found.items)} items read\u001b[K`);
    } while (next && interrupted?.aborted !== true);
  };
  try {
    await pMap(Array(segments).keys(), readSegment, { concurrency: segments });
  } catch (error) {
    if (interrupted?.aborted !== true) throw error;
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
  return { ...found, isPart: interrupted?.aborted === true };
}

/** Every name and value goes by a placeholder: none can be a reserved word. */
function expressionsOf({ attributes = [], where = {} }: ScanOptions): Partial<ScanCommandInput> {
  const names: Record<string, string> = {};
  const values: Record<string, { S: string }> = {};
  const name = (attribute: string) => {
    const placeholder = `#${attribute}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (text: string) => {
    const placeholder = `:${Object.keys(values).length}`;
    values[placeholder] = { S: text };
    return placeholder;
  };
  const projection = attributes.map(name).join(', ');
  const conditions = [
    ...(where.pkBegins === undefined ? [] : [`begins_with(${name('pk')}, ${value(where.pkBegins)})`]),
    ...Object.entries(where.texts ?? {}).map(([attribute, text]) => `${name(attribute)} = ${value(text)}`),
  ];
  return {
    ...(projection !== '' && { ProjectionExpression: projection }),
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** What people are told of a reading that was stopped. */
export const interruptedText = 'flow-sentinel: it was interrupted; this is what was found by then\n';

/** What people are told that a reading came to. */
export function scanSummary({ items, readUnits }: ScanResult): string {
  return `Read ${plural(items, 'item')} of the table: ${plural(Math.ceil(readUnits), 'read unit')}.\n`;
}
