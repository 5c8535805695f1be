import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { DynamoJournal } from '../../../lambda/aws/dynamo-journal.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { chunkRetentionSeconds, newLane } from '../../../lambda/journal/journal.ts';
import { keyItem, refusalKey } from '../../../lambda/journal/journal-items.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { epoch } from '../../support/flows.ts';
import { journalContract } from '../journal/journal.contract.ts';

function journalOn({ clients, environment }: LocalStack): DynamoJournal {
  return new DynamoJournal(clients.dynamoDb, environment[environmentNames.journalTableName]!);
}

const signal = new AbortController().signal;

describe('on dynalite', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack();
  });
  afterAll(() => stack.stop());

  journalContract('dynalite', () => journalOn(stack));

  it('takes a freeze and a progress for its own when only the answer was lost', async () => {
    const lane = { lanes: 16, number: 3 };
    const freeze = { number: 1, attempt: 'aaaaaaaa' };
    const state = { freeze, phase: 'apply', until: epoch, countedUntil: 0, chunks: 2, applied: 0 } as const;
    for (const _ of ['first', 'again']) expect(await journalOn(stack).freeze(lane, newLane, state, signal)).toBe(true);
    for (const _ of ['first', 'again']) expect(await journalOn(stack).advance(lane, state, 1, signal)).toBe(true);
  });

  it('lets the refusals of a key expire with their chunk', async () => {
    const lane = { lanes: 16, number: 4 };
    const freeze = { number: 1, attempt: 'aaaaaaaa' };
    await journalOn(stack).recordRefusal(lane, freeze, 0, epoch, 'src#a', signal);
    const key = keyItem(refusalKey(lane, freeze, 0, 'src#a')) as never;
    const get = new GetItemCommand({ TableName: journalOn(stack).seed, Key: key });
    const { Item: item } = await stack.clients.dynamoDb.send(get);
    expect(item?.expiresAt).toEqual({ N: String(epoch + chunkRetentionSeconds) });
  });

  it('records a set of lanes once an hour', async () => {
    const journal = journalOn(stack);
    let requests = 0;
    stack.clients.dynamoDb.middlewareStack.add(
      (next) => (args) => {
        requests += 1;
        return next(args);
      },
      { step: 'build', name: 'counting' },
    );
    for (const seconds of [0, 10, 3599, 3600, 3700]) await journal.register(128, epoch + seconds, signal);
    stack.clients.dynamoDb.middlewareStack.remove('counting');
    expect(requests).toBe(2);
  });
});

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!));
  }, 60_000);
  afterAll(() => stack?.stop());

  journalContract('DynamoDB Local', () => journalOn(stack));
});
