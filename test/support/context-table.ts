import { CreateTableCommand, DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { LocalStack } from '../../emulators/local-stack.ts';
import { DynamoContextTable, senderOf } from '../../lambda/aws/dynamo-context-table.ts';
import type { ContextItem } from '../../lambda/context/context-table.ts';

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
  /** Puts items as the context function does. */
  put(items: readonly ContextItem[]): Promise<void>;
  /** Returns all items, in no order. */
  read(): Promise<ContextItem[]>;
}

/** Creates an empty context table. */
export async function createContextTable(
  { clients: { dynamoDb } }: LocalStack,
  name: string,
): Promise<LocalContextTable> {
  await dynamoDb.send(new CreateTableCommand({ TableName: name, ...contextTableSchema }));
  while ((await dynamoDb.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus !== 'ACTIVE');
  const table = new DynamoContextTable(name, senderOf(dynamoDb));
  const { signal } = new AbortController();
  return {
    name,
    put: (items) => table.put(items, signal),
    async read() {
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: name }));
      const read = await Promise.all(Items.map(({ pk, sk }) => table.get(pk!.S!, sk!.S!, signal)));
      return read.flatMap((item) => item ?? []);
    },
  };
}
