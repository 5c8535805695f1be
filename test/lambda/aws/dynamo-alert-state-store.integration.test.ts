import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { DynamoAlertStateStore } from '../../../lambda/aws/dynamo-alert-state-store.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { alertStateStoreContract } from '../alert/alert-state-store.contract.ts';

const signal = new AbortController().signal;

function stateOn({ clients, environment }: LocalStack): DynamoAlertStateStore {
  return new DynamoAlertStateStore(clients.dynamoDb, { tableName: environment[environmentNames.tableName]! });
}

describe('on dynalite', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack();
  });
  afterAll(() => stack.stop());

  alertStateStoreContract(
    'dynalite',
    () => stateOn(stack),
    () => stack.clear(),
  );

  it('schedules no more re-evaluations than fit into an item, and no long one', async () => {
    await stack.clear();
    const state = stateOn(stack);
    const reEvaluation = (n: number, length: number) => {
      const pk = `pair#${n}#${'x'.repeat(length)}`;
      return { rule: 'rule', token: 'AAAAAAAA', key: { pk, fields: new Map([['srcaddr', '10.0.0.1']]) } };
    };
    await state.schedule([reEvaluation(0, 400), { ...reEvaluation(0, 1), rule: '\u{1f480}'.repeat(100) }], signal);
    expect(await state.dueReEvaluations({ dedupToken: 'BBBBBBB1', arrival: 1 * 60 }, signal)).toEqual([]);
    await state.schedule(
      Array.from({ length: 1000 }, (_, n) => reEvaluation(n, 300)),
      signal,
    );
    expect(await state.dueReEvaluations({ dedupToken: 'BBBBBBB2', arrival: 2 * 60 }, signal)).toHaveLength(900);
    await state.schedule([reEvaluation(2000, 1)], signal);
    expect(await state.dueReEvaluations({ dedupToken: 'BBBBBBB3', arrival: 3 * 60 }, signal)).toHaveLength(900);
  });
});

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!));
  }, 60_000);
  afterAll(() => stack?.stop());

  alertStateStoreContract(
    'DynamoDB Local',
    () => stateOn(stack),
    () => stack.clear(),
  );
});
