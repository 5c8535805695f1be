import { type AttributeValue, CreateTableCommand, DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { LocalStack } from '../../emulators/local-stack.ts';
import { nameTableKey, wantedAttribute } from '../../lambda/names/name-items.ts';
import type { NamesHandler } from '../../lambda/names-handler.ts';

/** The CreateTable parameters of the table of names; a test compares them with the table of lib/detector/name-table.ts. */
export const nameTableSchema = {
  AttributeDefinitions: [{ AttributeName: nameTableKey, AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: nameTableKey, KeyType: 'HASH' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

type Item = Record<string, AttributeValue>;

/** A table of names on an embedded stack. */
export interface LocalNameTable {
  readonly name: string;
  items(): Promise<Item[]>;
  /** Invokes a function with the requests that came since the last call, as the table's stream does. */
  deliver(handler: NamesHandler): Promise<number>;
}

/** Creates an empty table of names. */
export async function createNameTable({ clients: { dynamoDb } }: LocalStack, name: string): Promise<LocalNameTable> {
  await dynamoDb.send(new CreateTableCommand({ TableName: name, ...nameTableSchema }));
  while ((await dynamoDb.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus !== 'ACTIVE');
  const items = async () => (await dynamoDb.send(new ScanCommand({ TableName: name }))).Items ?? [];
  const delivered = new Set<string>();
  return {
    name,
    items,
    async deliver(handler) {
      const fresh = (await items()).filter((item) => wantedAttribute in item && !delivered.has(JSON.stringify(item)));
      for (const item of fresh) delivered.add(JSON.stringify(item));
      await handler({ Records: fresh.map((NewImage) => ({ eventName: 'INSERT', dynamodb: { NewImage } })) });
      return fresh.length;
    },
  };
}
