import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoSilences } from '../../../cli/counter-table/silences.ts';
import { type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { DynamoCounterStore, type MaintenanceOptions } from '../../../lambda/aws/dynamo-counter-store.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { planCompaction } from '../../../lambda/count/compaction.ts';
import { compactionUpdate } from '../../../lambda/count/counter-update.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';
import { deltasOf } from '../../support/deltas.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import {
  contractRules,
  counterStoreContract,
  eagerMaintenance,
  maintenanceContract,
} from '../count/counter-store.contract.ts';

const retentionSeconds = 30 * 86_400;

function storeOn(
  { clients, environment }: Pick<LocalStack, 'clients' | 'environment'>,
  upkeep?: MaintenanceOptions,
): DynamoCounterStore {
  const tableName = environment[environmentNames.tableName]!;
  return new DynamoCounterStore(clients.dynamoDb, { tableName, retentionSeconds }, contractRules.series, upkeep);
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
  maintenanceContract('dynalite', () => storeOn(stack, eagerMaintenance));

  it('counts a batch directly when an attempt of a version without the journal has begun', async () => {
    const batch = { dedupToken: 'ABCDEFGH', check: 'abcdefgh', arrival: epoch };
    const [TableName, signal] = [stack.environment[environmentNames.tableName]!, new AbortController().signal];
    await stack.clients.dynamoDb.send(
      new UpdateItemCommand({
        ...{ TableName, Key: { pk: { S: 'batch#ABCDEFGH' } } },
        UpdateExpression: 'SET #c = :c, attempts = :one',
        ExpressionAttributeNames: { '#c': 'check' },
        ExpressionAttributeValues: { ':c': { S: 'abcdefgh' }, ':one': { N: '1' } },
      }),
    );
    const started = await store.begin(batch, signal, { lanes: 16, firstAttempt: epoch });
    expect(started).toEqual({ counting: 'direct', isRetry: true, isCounted: false });
    const other = await store.begin({ ...batch, check: 'other' }, signal, { lanes: 16, firstAttempt: epoch });
    expect(other).toEqual({ counting: 'direct', isRetry: true, isCounted: false });
  });

  it('stores the endpoints and the expiry as readable attributes', async () => {
    const [delta] = deltasOf([{ flow: flowOf({ srcaddr: '10.77.0.1', bytes: 5 }), arrival: epoch }], contractRules);
    await store.add(delta!, { dedupToken: '0000000000ff', arrival: epoch + 100 }, new AbortController().signal);
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

  it('retains an item until its silence ends when later batches are counted', async () => {
    const flow = (day: number) => {
      const end = epoch + day * 86_400;
      const values = { srcaddr: '10.77.0.3', start: end, end };
      return deltasOf([{ flow: flowOf(values), arrival: end }], contractRules)[0]!;
    };
    const count = (day: number, token: string) =>
      store.add(flow(day), { dedupToken: token, arrival: epoch + day * 86_400 }, new AbortController().signal);
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

  it('writes once per counter and batch when flows arrive in order', async () => {
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
      await store.add(delta!, { dedupToken: `0000000000${10 + n}`, arrival: epoch }, new AbortController().signal);
    }
    stack.clients.dynamoDb.middlewareStack.remove('callCounter');
    expect(calls).toEqual(new Array(10).fill('UpdateItemCommand'));
  });

  it('writes the marker of a batch twice and looks up other batches at most once', async () => {
    const signal = new AbortController().signal;
    const calls: string[] = [];
    const counting = storeOn(stack);
    stack.clients.dynamoDb.middlewareStack.add(
      (next, context) => (args) => {
        calls.push(context.commandName ?? '');
        return next(args);
      },
      { step: 'initialize', name: 'callCounter' },
    );
    const countBatch = async (token: string, hosts: readonly number[]) => {
      const batch = { dedupToken: token, arrival: epoch };
      const flows = hosts.map((host) => ({ flow: flowOf({ srcaddr: `10.78.0.${host}` }), arrival: epoch }));
      await counting.begin(batch, signal);
      for (const delta of deltasOf(flows, contractRules)) await counting.add(delta, batch, signal);
      await counting.complete(batch, signal);
      return calls.splice(0).sort();
    };
    const updates = (count: number) => new Array<string>(count).fill('UpdateItemCommand');
    expect(await countBatch('calls000', [1, 2, 3, 4, 5])).toEqual(updates(5 + 2));
    const other = storeOn(stack);
    const [delta] = deltasOf([{ flow: flowOf({ srcaddr: '10.78.0.1' }), arrival: epoch }], contractRules);
    await other.add(delta!, { dedupToken: 'calls001', arrival: epoch }, signal);
    calls.splice(0);
    expect(await countBatch('calls002', [1, 2, 3])).toEqual(['BatchGetItemCommand', ...updates(3 + 2)]);
    expect(await countBatch('calls003', [1])).toEqual(updates(1 + 2));
    stack.clients.dynamoDb.middlewareStack.remove('callCounter');
  });

  it('retains the token of a batch for the lifetime of an attempt when a request was retried', async () => {
    const inner = new NodeHttpHandler({});
    let isLost = false;
    const requestHandler = {
      handle: async (...request: Parameters<NodeHttpHandler['handle']>) => {
        if (isLost) {
          isLost = false;
          throw Object.assign(new Error('the connection was reset'), { name: 'ECONNRESET', code: 'ECONNRESET' });
        }
        return inner.handle(...request);
      },
    };
    let now = 0;
    const maintenance = { ...eagerMaintenance, finishing: { now: () => now, attemptMilliseconds: 60_000 } };
    const retryStrategy = new ConfiguredRetryStrategy(3, () => 0);
    const clients = stack.createClients({ requestHandler: requestHandler as never, retryStrategy });
    const flaky = storeOn({ clients, environment: stack.environment }, maintenance);
    now += 60_000;
    const signal = new AbortController().signal;
    const tokensAfter = async (batch: Batch, pause: number) => {
      const [delta] = deltasOf([{ flow: flowOf({ srcaddr: '10.79.0.3' }), arrival: epoch }], contractRules);
      await flaky.begin(batch, signal);
      isLost = pause > 0;
      await flaky.add(delta!, batch, signal);
      await flaky.complete(batch, signal);
      now += pause;
      await flaky.add(delta!, { dedupToken: 'last0000', arrival: epoch }, signal);
      const counter = await flaky.read(delta!.key.pk, signal);
      return [...counter!.dedupTokens.values()].flatMap((tokens) => [...tokens]).sort();
    };
    expect(await tokensAfter({ dedupToken: 'sure0000', arrival: epoch }, 0)).toEqual(['last0000']);
    expect(await tokensAfter({ dedupToken: 'lost0000', arrival: epoch }, 59_999)).toEqual(['last0000', 'lost0000']);
    now += 1;
    expect(await tokensAfter({ dedupToken: 'sure0001', arrival: epoch }, 0)).toEqual(['last0000']);
    inner.destroy();
  });

  it('rejects a packing when slots changed, or were packed, since the plan', async () => {
    const signal = new AbortController().signal;
    const { compaction } = eagerMaintenance;
    const never = storeOn(stack, { ...eagerMaintenance, compaction: { ...compaction, minParts: 1000 } });
    const [eager, tableName] = [storeOn(stack, eagerMaintenance), stack.environment[environmentNames.tableName]!];
    let tokens = 0;
    const addTo = (on: DynamoCounterStore, slot: number) => {
      const end = epoch + slot * 180;
      const flow = flowOf({ srcaddr: '10.79.0.4', action: 'REJECT', start: end, end });
      const [delta] = deltasOf([{ flow, arrival: epoch }], contractRules);
      tokens += 1;
      return on
        .add(delta!, { dedupToken: `pack${String(tokens).padStart(4, '0')}`, arrival: epoch }, signal)
        .then((counter) => {
          const plan = planCompaction({
            counter,
            delta: delta!,
            arrival: epoch,
            series: contractRules.series,
            isFinished: () => false,
            options: compaction,
          });
          return plan && new UpdateItemCommand(compactionUpdate(delta!.key.pk, plan, tableName) as never);
        });
    };
    for (const slot of [0, 1, 2]) await addTo(never, slot);
    const before = await addTo(never, 3);
    await addTo(never, 0);
    await expect(stack.clients.dynamoDb.send(before!)).rejects.toThrow(ConditionalCheckFailedException);
    const beforeOthers = await addTo(never, 4);
    await addTo(eager, 4);
    // Late amounts equal those before, so that only the version differs.
    for (const slot of [0, 0, 1, 2, 3]) await addTo(never, slot);
    await expect(stack.clients.dynamoDb.send(beforeOthers!)).rejects.toThrow(ConditionalCheckFailedException);
    const counter = await never.read('pair#10.79.0.4#10.0.2.7', signal);
    const sums = [...counter!.slots.values()].flatMap((slots) => [...slots].sort(([a], [b]) => a - b));
    expect(sums.map(([, amount]) => amount)).toEqual([4, 2, 2, 2, 2]);
  });

  it('distinguishes batches that share a dedup token', async () => {
    const signal = new AbortController().signal;
    const [batch, other] = ['check001', 'check002'].map((check) => ({ dedupToken: 'shared00', check, arrival: epoch }));
    expect(await store.begin(batch!, signal)).toMatchObject({ isCounted: false });
    await store.complete(batch!, signal);
    expect(await store.begin(other!, signal)).toMatchObject({ isCounted: false });
    await store.complete(other!, signal);
    expect(await store.begin({ ...batch! }, signal)).toMatchObject({ isCounted: true });
    expect(await store.begin({ ...other! }, signal)).toMatchObject({ isCounted: false });
  });

  it('rejects with different codes after the deadline and when the table fails', async () => {
    const [delta] = deltasOf([{ flow: flowOf(), arrival: epoch }], contractRules);
    const batch = { dedupToken: '0000000000aa', arrival: epoch };
    await expect(store.add(delta!, batch, AbortSignal.abort())).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
    const missing = new DynamoCounterStore(
      stack.clients.dynamoDb,
      { tableName: 'missing', retentionSeconds },
      contractRules.series,
    );
    await expect(missing.add(delta!, batch, new AbortController().signal)).rejects.toMatchObject({
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
  maintenanceContract('DynamoDB Local', () => storeOn(stack, eagerMaintenance));
});
