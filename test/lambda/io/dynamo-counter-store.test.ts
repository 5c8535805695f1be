import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoSilences } from '../../../cli/live/silences.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { DynamoCounterStore } from '../../../lambda/io/dynamo-counter-store.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { deltasOf } from '../../deltas.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../dynamodb-local.ts';
import { epoch, flowOf } from '../../flows.ts';
import { contractRules, counterStoreContract } from './counter-store.contract.ts';

const retentionSeconds = 30 * 86_400;

function storeOn({ clients, environment }: LocalStack): DynamoCounterStore {
  const tableName = environment[environmentNames.tableName]!;
  return new DynamoCounterStore(clients.dynamoDb, { tableName, retentionSeconds }, contractRules.series);
}

function silencesOn({ clients, environment }: LocalStack): DynamoSilences {
  return new DynamoSilences(clients.dynamoDb, environment[environmentNames.tableName]!);
}

describe('on dynalite', () => {
  let stack: LocalStack;
  let store: DynamoCounterStore;

  beforeAll(async () => {
    stack = await startLocalStack();
    store = storeOn(stack);
  });
  afterAll(() => stack.stop());

  counterStoreContract(
    'dynalite',
    () => store,
    () => silencesOn(stack),
  );

  it('says in plain words what it counts, and when it may go', async () => {
    const [delta] = deltasOf([{ flow: flowOf({ srcaddr: '10.77.0.1', bytes: 5 }), arrival: epoch }], contractRules);
    await store.add(delta!, { token: '0000000000ff', arrival: epoch + 100 }, new AbortController().signal);
    const item = (await stack.items()).find(({ src }) => src && 'S' in src && src.S === '10.77.0.1');
    expect(item).toMatchObject({
      pk: { S: 'pair#10.77.0.1#10.0.2.7' },
      dst: { S: '10.0.2.7' },
      bytes: { N: '5' },
      rejects: { N: '0' },
      firstSeen: { N: String(epoch) },
      lastSeen: { N: String(epoch + 50) },
      expiresAt: { N: String(epoch + 100 + retentionSeconds) },
    });
  });

  it('keeps an item at least until a silence on it ends, whatever is counted meanwhile', async () => {
    const flow = (day: number) => {
      const end = epoch + day * 86_400;
      const values = { srcaddr: '10.77.0.3', start: end, end };
      return deltasOf([{ flow: flowOf(values), arrival: end }], contractRules)[0]!;
    };
    const count = (day: number, token: string) =>
      store.add(flow(day), { token, arrival: epoch + day * 86_400 }, new AbortController().signal);
    const expiry = async () => {
      const item = (await stack.items()).find(({ src }) => src && 'S' in src && src.S === '10.77.0.3');
      return (Number((item!.expiresAt as { N: string }).N) - epoch) / 86_400;
    };
    const silence = (days: number) =>
      silencesOn(stack).silence('pair#10.77.0.3#10.0.2.7', {
        ...{ rule: 'rule_0', reason: 'away', since: epoch },
        until: epoch + days * 86_400,
      });
    await count(0, 'AAAAAAAA');
    await silence(20);
    expect(await expiry()).toBe(30);
    await silence(40);
    expect(await expiry()).toBe(40);
    await count(1, 'BBBBBBBB');
    expect(await expiry()).toBe(40);
    await count(11, 'CCCCCCCC');
    expect(await expiry()).toBe(41);
  });

  it('counts with one write per counter and batch while flows come in order', async () => {
    const calls: string[] = [];
    stack.clients.dynamoDb.middlewareStack.add(
      (next, context) => (args) => {
        calls.push(context.commandName ?? '');
        return next(args);
      },
      { step: 'initialize', name: 'callCounter' },
    );
    for (let n = 0; n < 10; n += 1) {
      const flow = flowOf({ srcaddr: '10.77.0.2', start: epoch + n * 60, end: epoch + n * 60 + 50 });
      const [delta] = deltasOf([{ flow, arrival: epoch }], contractRules);
      await store.add(delta!, { token: `0000000000${10 + n}`, arrival: epoch }, new AbortController().signal);
    }
    stack.clients.dynamoDb.middlewareStack.remove('callCounter');
    expect(calls).toEqual(new Array(10).fill('UpdateItemCommand'));
  });

  it('tells a deadline from a store that fails', async () => {
    const [delta] = deltasOf([{ flow: flowOf(), arrival: epoch }], contractRules);
    const batch = { token: '0000000000aa', arrival: epoch };
    await expect(store.add(delta!, batch, AbortSignal.abort())).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
    const elsewhere = new DynamoCounterStore(
      stack.clients.dynamoDb,
      { tableName: 'missing', retentionSeconds },
      contractRules.series,
    );
    await expect(elsewhere.add(delta!, batch, new AbortController().signal)).rejects.toMatchObject({
      code: 'COUNT_FAILED',
    });
  });
});

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () => {
  let stack: LocalStack;
  let store: DynamoCounterStore;

  beforeAll(async () => {
    stack = await startLocalStack(() => startDynamoDbLocal(dynamoDbLocal!));
    store = storeOn(stack);
  }, 60_000);
  afterAll(() => stack?.stop());

  counterStoreContract(
    'DynamoDB Local',
    () => store,
    () => silencesOn(stack),
  );
});
