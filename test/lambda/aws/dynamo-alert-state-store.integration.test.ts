import type { BatchGetItemCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { placesOfRule, queueCapacity } from '../../../lambda/alert/alert-state-store.ts';
import { DynamoAlertStateStore } from '../../../lambda/aws/dynamo-alert-state-store.ts';
import { environmentNames } from '../../../lambda/config.ts';
import type { ReEvaluation } from '../../../lambda/evaluate/finding.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { alertStateStoreContract } from '../alert/alert-state-store.contract.ts';

const signal = new AbortController().signal;

function stateOn({ clients, environment }: LocalStack): DynamoAlertStateStore {
  return new DynamoAlertStateStore(clients.dynamoDb, {
    tableName: environment[environmentNames.tableName]!,
    retentionSeconds: 30 * 86_400,
  });
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

  it('has no place for an entry that is too long, and for the longest entries of twenty rules when a queue is full', async () => {
    await stack.clear();
    const state = stateOn(stack);
    const reEvaluation = (n: number, length: number, rule = 'rule'): ReEvaluation => {
      const pk = `pair#${n}#${'x'.repeat(length)}`;
      return {
        queue: 'low',
        rule,
        alertId: 'AAAAAAAA',
        key: { pk, fields: new Map([['srcaddr', '10.0.0.1']]) },
      };
    };
    const long = [reEvaluation(0, 400), { ...reEvaluation(0, 1), rule: '\u{1f480}'.repeat(100) }];
    expect(await state.schedule(long, signal)).toEqual(long);
    const many = Array.from({ length: 1000 }, (_, n) => reEvaluation(n, 300));
    expect(await state.schedule(many, signal)).toEqual(many.slice(queueCapacity + placesOfRule));
    const others = Array.from({ length: 19 * placesOfRule }, (_, n) => reEvaluation(n, 300, `rule_${n % 19}`));
    expect(await state.schedule(others, signal)).toEqual([]);
    const due = await state.dueReEvaluations({ dedupToken: 'BBBBBBB3', arrival: 3 * 60 }, signal);
    expect(due).toHaveLength(queueCapacity + 20 * placesOfRule);
  });

  it('returns the entries of every queue when DynamoDB leaves queues out of its response', async () => {
    await stack.clear();
    const entries = (['critical', 'low', 'resolution'] as const).map(
      (queue): ReEvaluation => ({
        ...{ queue, rule: 'rule', alertId: 'AAAAAAAA' },
        key: { pk: 'src#1', fields: new Map() },
      }),
    );
    await stateOn(stack).schedule(entries, signal);
    const { middlewareStack } = stack.clients.dynamoDb;
    const tableName = stack.environment[environmentNames.tableName]!;
    middlewareStack.add(
      (next) => async (call) => {
        const { RequestItems } = call.input as BatchGetItemCommandInput;
        const asked = RequestItems?.[tableName]?.Keys;
        if (!asked) return next(call);
        const input = { RequestItems: { [tableName]: { Keys: asked.slice(0, 1), ConsistentRead: true } } };
        const { response, output } = await next({ ...call, input: input as never });
        return { response, output: { ...output, UnprocessedKeys: { [tableName]: { Keys: asked.slice(1) } } } };
      },
      { step: 'initialize', name: 'partial' },
    );
    const due = await stateOn(stack).dueReEvaluations({ dedupToken: 'BBBBBBB1', arrival: 60 }, signal);
    middlewareStack.remove('partial');
    expect(new Set(due.map(({ queue }) => queue))).toEqual(new Set(['critical', 'low', 'resolution']));
  });

  it('sends no further update to a full queue until the process has read the queues', async () => {
    await stack.clear();
    const [state, other] = [stateOn(stack), stateOn(stack)];
    const entry = (n: number): ReEvaluation => ({
      ...{ queue: 'low', rule: 'rule', alertId: 'AAAAAAAA' },
      key: { pk: `src#${n}`, fields: new Map([['srcaddr', String(n)]]) },
    });
    const last = queueCapacity + placesOfRule;
    const all = Array.from({ length: last + 1 }, (_, n) => entry(n));
    expect(await state.schedule(all, signal)).toEqual([entry(last)]);
    await other.cancel([entry(0)], signal);
    let calls = 0;
    const { middlewareStack } = stack.clients.dynamoDb;
    middlewareStack.add(
      (next) => (call) => {
        calls += 1;
        return next(call);
      },
      { step: 'initialize', name: 'counting' },
    );
    expect(await state.schedule([entry(1), entry(last)], signal)).toEqual([entry(last)]);
    expect(calls).toBe(0);
    middlewareStack.remove('counting');
    await state.dueReEvaluations({ dedupToken: 'BBBBBBB1', arrival: 60 }, signal);
    expect(await state.schedule([entry(last)], signal)).toEqual([]);
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
