import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { DynamoJournal } from '../../../lambda/aws/dynamo-journal.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { newLane } from '../../../lambda/journal/journal.ts';
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
