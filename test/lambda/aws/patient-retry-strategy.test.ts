import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { HttpResponse } from '@smithy/core/protocols';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DynamoCounterStore } from '../../../lambda/aws/dynamo-counter-store.ts';
import { backoffMilliseconds, PatientRetryStrategy } from '../../../lambda/aws/patient-retry-strategy.ts';
import { countBatch } from '../../../lambda/count/count-batch.ts';
import type { Item } from '../../../lambda/count/counter-item.ts';
import { tokenAttribute } from '../../../lambda/count/counter-item.ts';
import { tokenSlotSeconds } from '../../../lambda/counters/counter.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

const rules = rulesOf();
const batch = { dedupToken: 'IAAAAAAA', arrival: epoch };

/** Creates the deltas of a number of pairs. */
function deltasOfPairs(count: number) {
  const flows = Array.from({ length: count }, (_, n) => ({
    flow: flowOf({ dstaddr: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, bytes: 1 }),
    arrival: epoch,
  }));
  return deltasOf(flows, rules);
}

/** The keys of a request that the table reads; the others are left unprocessed. */
const keysPerRead = 60;

interface Request {
  readonly Key?: Item;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
}

/**
 * A table that takes a number of writes a second, as DynamoDB does, and answers each request after some time. It stores
 * only which counters hold the batch's token: this test is about the throughput, the contract of the store about counts.
 */
class SlowTable {
  /** Writes that were carried out, and those that the table refused because the counter holds the token. */
  writes = 0;
  repeated = 0;
  requests = 0;
  readonly counted = new Set<string>();
  #attempts = 0;
  #units: number;
  #refilledAt = Date.now();

  readonly unitsPerSecond: number;
  readonly answerMilliseconds: number;
  readonly refuses: (pk: string) => boolean;

  constructor({ unitsPerSecond = 1e6, answerMilliseconds = 0, refuses = (_pk: string) => false }) {
    this.unitsPerSecond = unitsPerSecond;
    this.answerMilliseconds = answerMilliseconds;
    this.refuses = refuses;
    this.#units = unitsPerSecond;
  }

  readonly requestHandler = {
    handle: async ({ body }: { body: unknown }) => {
      this.requests += 1;
      if (this.answerMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, this.answerMilliseconds));
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
      return { response: this.#answer(JSON.parse(text) as Request) };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };

  #answer({ Key, RequestItems }: Request): HttpResponse {
    if (RequestItems) {
      const [[table, { Keys }] = ['', { Keys: [] }]] = Object.entries(RequestItems);
      const found = Keys.slice(0, keysPerRead).map(pkOf);
      const unread = Keys.slice(keysPerRead);
      return respond(200, {
        Responses: { [table]: found.filter((pk) => this.counted.has(pk)).map(itemOf) },
        UnprocessedKeys: unread.length > 0 ? { [table]: { Keys: unread } } : {},
      });
    }
    const pk = pkOf(Key!);
    const second = Date.now();
    this.#units = Math.min(
      this.unitsPerSecond,
      this.#units + ((second - this.#refilledAt) / 1000) * this.unitsPerSecond,
    );
    this.#refilledAt = second;
    if (this.#units < 1 || this.refuses(pk)) return refusal('ProvisionedThroughputExceededException');
    this.#units -= 1;
    if (pk.startsWith('batch#')) {
      this.#attempts += 1;
      return respond(200, { Attributes: { ...Key, attempts: { N: String(this.#attempts) } } });
    }
    if (this.counted.has(pk)) {
      this.repeated += 1;
      return refusal('ConditionalCheckFailedException', { Item: itemOf(pk) });
    }
    this.writes += 1;
    this.counted.add(pk);
    return respond(200, { Attributes: itemOf(pk) });
  }
}

function pkOf({ pk }: Item): string {
  return pk && 'S' in pk ? pk.S : '';
}

function itemOf(pk: string): Item {
  const time = { N: String(epoch) };
  const token = tokenAttribute(Math.floor(epoch / tokenSlotSeconds));
  return { pk: { S: pk }, bytes: { N: '1' }, firstSeen: time, lastSeen: time, [token]: { SS: [batch.dedupToken] } };
}

function refusal(kind: string, more: object = {}): HttpResponse {
  return respond(400, { __type: `com.amazonaws.dynamodb.v20120810#${kind}`, message: 'not now', ...more });
}

function respond(statusCode: number, body: object): HttpResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) });
}

/** Attempts to count a batch, each in the given time, until an attempt succeeds. @returns the number of attempts */
async function countWithin(table: SlowTable, pairs: number, seconds: number, maxAttempts = 4): Promise<number> {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: table.requestHandler as unknown as NonNullable<DynamoDBClientConfig['requestHandler']>,
    retryStrategy: new PatientRetryStrategy(),
  });
  const store = new DynamoCounterStore(client, { tableName: 'counters', retentionSeconds: 86_400 }, rules.series);
  const deltas = deltasOfPairs(pairs);
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), seconds * 1000);
    const ports = { counters: store, deadline: deadline.signal };
    const counted = store
      .begin(batch, deadline.signal)
      .then((start) => countBatch(deltas, batch, start, ports, () => 1))
      .then(
        (results) => results.length === deltas.length,
        () => false,
      );
    let result: boolean | undefined;
    counted.then((isCounted) => {
      result = isCounted;
    });
    // The client reads its configuration before its first request.
    for (const before = table.requests; table.requests === before; ) await setImmediate();
    while (result === undefined) {
      await settled(table);
      if (result === undefined) await vi.advanceTimersToNextTimerAsync();
    }
    clearTimeout(timer);
    if (result) return attempt;
  }
  return Number.POSITIVE_INFINITY;
}

/** Waits until the requests of this moment are answered: simulated time stands still meanwhile. */
async function settled(table: SlowTable): Promise<void> {
  for (let quiet = 0, seen = table.requests; quiet < 3; quiet += 1) {
    await setImmediate();
    if (table.requests !== seen) quiet = 0;
    seen = table.requests;
  }
}

describe('PatientRetryStrategy, in a counter store with simulated time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: epoch * 1000, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['20 units a second in one attempt', 20, 1, 10],
    ['20 units a second in four attempts', 20, 4, 5],
    ['200 units a second in two attempts', 200, 2, 2],
  ])('counts a batch of four fifths of what the table takes when it takes %s', async (_, rate, attempts, seconds) => {
    const table = new SlowTable({ unitsPerSecond: rate });
    const pairs = Math.floor(0.8 * rate * attempts * seconds);
    expect(await countWithin(table, pairs, seconds, attempts)).toBeLessThanOrEqual(attempts);
    expect(table.counted.size).toBe(pairs);
    expect({ writes: table.writes, repeated: table.repeated }).toEqual({ writes: pairs, repeated: 0 });
  });

  it('continues where the last attempt stopped when each answer takes 400 ms', async () => {
    const table = new SlowTable({ answerMilliseconds: 400 });
    const pairs = 1500;
    expect(await countWithin(table, pairs, 4)).toBeLessThanOrEqual(3);
    expect({ writes: table.writes, repeated: table.repeated }).toEqual({ writes: pairs, repeated: 0 });
  });

  it('counts each counter in one attempt when the table refuses half of the requests', async () => {
    let requests = 0;
    const table = new SlowTable({ refuses: () => requests++ % 2 === 0 });
    expect(await countWithin(table, 1000, 60)).toBe(1);
  });

  it('ends at the deadline when the table refuses every request', async () => {
    const table = new SlowTable({ refuses: () => true });
    expect(await countWithin(table, 3, 5, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(Date.now()).toBeLessThan((epoch + 11) * 1000);
  });
});

describe('backoffMilliseconds', () => {
  it('doubles the longest delay, up to a second', () => {
    const longest = [1, 2, 3, 5, 6, 40, 5000].map((retries) => backoffMilliseconds(retries, () => 1 - Number.EPSILON));
    expect(longest).toEqual([49, 99, 199, 799, 999, 999, 999]);
    expect(backoffMilliseconds(40, () => 0)).toBe(0);
  });
});
