import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { DynamoCounterStore } from '../../../lambda/aws/dynamo-counter-store.ts';
import { DynamoRefusedPairBudget } from '../../../lambda/aws/dynamo-refused-pair-budget.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { everyPair } from '../../../lambda/count/refused-pair-budget.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { contractRules } from '../count/counter-store.contract.ts';
import { refusedPairBudgetContract } from '../count/refused-pair-budget.contract.ts';

const signal = new AbortController().signal;

const tableOf = ({ environment }: LocalStack) => environment[environmentNames.tableName]!;
const budgetOn = (stack: LocalStack, perMinute: number) =>
  new DynamoRefusedPairBudget(
    stack.clients.dynamoDb,
    { tableName: tableOf(stack), retentionSeconds: 2_592_000 },
    perMinute,
  );

describe('on dynalite', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack();
  });
  afterAll(() => stack.stop());

  refusedPairBudgetContract('dynalite', (perMinute) => budgetOn(stack, perMinute));

  it('leaves the marker of a batch usable when the grant is stored before and after an attempt starts', async () => {
    const batch = { dedupToken: 'MARKERA1', check: 'AAAAAAAA', arrival: 1_795_510_800 };
    const table = { tableName: tableOf(stack), retentionSeconds: 86_400 };
    const store = new DynamoCounterStore(stack.clients.dynamoDb, table, contractRules.series);
    const grant = { granted: 100, networks: 'networks' };
    expect(await budgetOn(stack, 100).settle(batch, grant, signal)).toEqual(grant);
    await store.begin(batch, signal);
    await store.complete(batch, signal);
    expect(await budgetOn(stack, 1000).settle(batch, { ...grant, granted: 150 }, signal)).toEqual(grant);
    const marker = (await stack.items()).find(({ pk }) => pk && 'S' in pk && pk.S === 'batch#MARKERA1');
    expect(marker).toMatchObject({ granted: { N: '100' }, attempts: { N: '1' }, check: { S: 'AAAAAAAA' } });
    expect(Number((marker!.expiresAt as { N: string }).N)).toBeGreaterThan(batch.arrival);
  });

  it('grants every pair when the marker is that of another batch with the same token', async () => {
    const batch = { dedupToken: 'MARKERB1', check: 'AAAAAAAA', arrival: 1_795_520_800 };
    const grant = { granted: 100, networks: 'networks' };
    expect(await budgetOn(stack, 100).settle(batch, grant, signal)).toEqual(grant);
    expect(await budgetOn(stack, 100).settle({ ...batch, check: 'BBBBBBBB' }, grant, signal)).toEqual({
      ...grant,
      granted: everyPair,
    });
  });
});

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!));
  }, 60_000);
  afterAll(() => stack?.stop());

  refusedPairBudgetContract('DynamoDB Local', (perMinute) => budgetOn(stack, perMinute));
});
