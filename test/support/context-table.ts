import { CreateTableCommand, DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { contextTableSchema, type LocalStack } from '../../emulators/local-stack.ts';
import { DynamoContextTable, senderOf } from '../../lambda/aws/dynamo-context-table.ts';
import type { ContextItem } from '../../lambda/context/context-table.ts';

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
