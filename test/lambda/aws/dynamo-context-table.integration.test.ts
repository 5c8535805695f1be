import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { CommandSender } from '../../../lambda/aws/command-sender.ts';
import { DynamoContextTable, type SendsCommands, senderOf } from '../../../lambda/aws/dynamo-context-table.ts';
import { createContextTable } from '../../support/context-table.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { contextTableContract } from '../context/context-table.contract.ts';

const signal = new AbortController().signal;
const item = { pk: 'instance#i-0a1b2c3d', sk: '1#a', json: '{}', expiresAt: 5000 };

describe('on dynalite', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack();
    await createContextTable(stack, 'context');
  });
  afterAll(() => stack.stop());

  const tableBy = (sender: SendsCommands) => new DynamoContextTable('context', sender);
  contextTableContract('dynalite', () => tableBy(senderOf(stack.clients.dynamoDb)));

  it('stores the same when the sender of the functions that alert sends', async () => {
    const table = tableBy(new CommandSender(stack.clients.dynamoDb, { attempts: 'one' }));
    await table.put([item], signal);
    expect(await table.putIf({ ...item, version: 1 }, undefined, signal)).toBe(false);
    expect(await table.get(item.pk, item.sk, signal)).toEqual(item);
    expect(await table.query(item.pk, '0', '9', 5, signal)).toEqual([item]);
  });
});

describe('items that the table leaves unprocessed', () => {
  /** The sizes of the batches that were sent. */
  const sizes: number[] = [];
  beforeEach(() => sizes.splice(0));

  /** Returns a table that processes one item of each batch, or none. */
  function slowTable(perBatch: number): DynamoContextTable {
    const send = async (_: unknown, { RequestItems }: { RequestItems: { context: unknown[] } }) => {
      sizes.push(RequestItems.context.length);
      return { UnprocessedItems: { context: RequestItems.context.slice(perBatch) } };
    };
    return new DynamoContextTable('context', { send } as never);
  }
  const items = Array.from({ length: 26 }, (_, n) => ({ ...item, sk: `1#${n}` }));

  it('are sent again until all are stored', async () => {
    await slowTable(10).put(items, signal);
    expect(sizes).toEqual([25, 15, 5, 1]);
  });

  it('fail the call after five attempts', async () => {
    await expect(slowTable(0).put([item], signal)).rejects.toThrow('the table left 1 item unprocessed');
    expect(sizes).toEqual([1, 1, 1, 1, 1]);
  });

  it('are given up when the signal fires', async () => {
    await expect(slowTable(0).put([item], AbortSignal.abort())).rejects.toThrow('aborted');
    expect(sizes).toEqual([1]);
  });
});

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!));
    await createContextTable(stack, 'context');
  }, 60_000);
  afterAll(() => stack?.stop());

  contextTableContract('DynamoDB Local', () => new DynamoContextTable('context', senderOf(stack.clients.dynamoDb)));
});
