import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { plural } from '../../lambda/common/text.ts';
import type { Item } from '../../lambda/count/counter-item.ts';

/** The selection of items, and the limits of reading. */
export interface ScanOptions {
  /** The attributes to return (default: all). */
  readonly attributes?: readonly string[];
  /** The beginning of the key, and texts of attributes. The filter does not reduce the items read, or their cost. */
  readonly where?: { readonly pkBegins?: string; readonly texts?: Readonly<Record<string, string>> };
  /** Stops reading when it fires; the items read by then stay valid. */
  readonly interrupted?: AbortSignal;
  /** Upper bound of the items of a page. */
  readonly limit?: number;
  /** Parts of the table that are read at once (default: 4). */
  readonly segments?: number;
}

/** Totals of reading a table; the keys are part of the JSON that commands print. */
export interface ScanResult {
  /** Items read, including those that the filter dropped. */
  readonly items: number;
  /** Read units that DynamoDB bills. */
  readonly readUnits: number;
  /** Whether reading stopped before the end. */
  readonly isPart: boolean;
}

const segmentsAtOnce = 4;

/**
 * Reads a complete table in parallel segments. Reads are eventually consistent, at half the price (DynamoDB Developer
 * Guide, "Working with scans"). Shows the number of items on a terminal.
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

/** Builds the expressions, with a placeholder for every name and value: DynamoDB rejects reserved words. */
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

/** The message after an interrupted read. */
export const interruptedText = 'flow-sentinel: interrupted; the output has only the items that were read by then\n';

/** Returns the summary line of a read, with its cost. */
export function scanSummary({ items, readUnits }: ScanResult): string {
  return `Read ${plural(items, 'item')} of the table: ${plural(Math.ceil(readUnits), 'read unit')}.\n`;
}
