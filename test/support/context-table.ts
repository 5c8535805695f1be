import { type AttributeValue, CreateTableCommand, DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { LocalStack } from '../../emulators/local-stack.ts';

/** The CreateTable parameters of the context table; a test compares them with the table of lib/context/context-store.ts. */
export const contextTableSchema = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'S' as const },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

/** A context table on an embedded stack. */
export interface LocalContextTable {
  readonly name: string;
  items(): Promise<Record<string, AttributeValue>[]>;
}

/** Creates an empty context table. */
export async function createContextTable(
  { clients: { dynamoDb } }: LocalStack,
  name: string,
): Promise<LocalContextTable> {
  await dynamoDb.send(new CreateTableCommand({ TableName: name, ...contextTableSchema }));
  while ((await dynamoDb.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus !== 'ACTIVE');
  return {
    name,
    items: async () => (await dynamoDb.send(new ScanCommand({ TableName: name }))).Items ?? [],
  };
}
