import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { S3NetworkLists } from '../../../lambda/aws/s3-network-lists.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { countedReads } from '../../support/counted-reads.ts';
import { readLists } from '../../support/rules.ts';
import { sharedStack } from '../../support/shared-stack.ts';

const signal = new AbortController().signal;
const minute = 60_000;
const [Bucket, Key] = ['some-bucket', 'lists/threats.csv'];

const stack = sharedStack();
let s3: S3Client;
let time: number;
let log: string[];
let requests: readonly (string | undefined)[];

beforeEach(async () => {
  s3 = await stack().clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket }));
  time = 1000;
  log = [];
  requests = countedReads(s3);
});

const put = (body: string | Uint8Array) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentLength: body.length }));

/** Creates a list in S3, optionally with a bundled file, and its reader. */
function createLists(file?: string): { rules: LoadedRules; source: S3NetworkLists } {
  const copy = file === undefined ? '' : 'file: a.csv, ';
  const lists = readLists(`threats: {${copy}s3: 's3://${Bucket}/${Key}'}\ninside: [10.0.0.0/8]`, {
    'a.csv': file ?? '',
  });
  const rules = loadRules(compileRules([], lists));
  const listLog = {
    listRead: (list: string, { entries, unreadable }: { entries: readonly unknown[]; unreadable: number }) =>
      log.push(`${list}: ${entries.length} networks, ${unreadable} bad lines`),
    listFailed: (list: string, problem: string) => log.push(`${list}: ${problem}`),
  };
  return {
    rules,
    source: new S3NetworkLists(
      rules.lists.values(),
      async () => s3,
      listLog,
      () => time,
    ),
  };
}

const contains = (rules: LoadedRules, address: string) =>
  rules.lists.get('threats')!.current.lookup(address, undefined) !== undefined;

describe('S3NetworkLists', () => {
  it('reads a list before the first batch and ignores invalid lines', async () => {
    await put('203.0.113.7,bot\nbad\n');
    const { rules, source } = createLists();
    expect(contains(rules, '203.0.113.7')).toBe(false);
    await source.refresh(signal);
    expect(contains(rules, '203.0.113.7')).toBe(true);
    expect(log).toEqual(['threats: 1 networks, 1 bad lines']);
  });

  it('reads the object of a list that has a bundled file', async () => {
    await put('203.0.113.7');
    const { rules, source } = createLists('203.0.113.8');
    expect(contains(rules, '203.0.113.8')).toBe(true);
    await source.refresh(signal);
    expect([contains(rules, '203.0.113.7'), contains(rules, '203.0.113.8')]).toEqual([true, false]);
  });

  it('checks an object once a minute and reads it only when it has changed', async () => {
    await put('203.0.113.7');
    const { rules, source } = createLists();
    await source.refresh(signal);
    const table = rules.lists.get('threats')!.current;
    time += minute - 1;
    await source.refresh(signal);
    expect(requests).toEqual([undefined]);
    time += 1;
    await source.refresh(signal);
    expect(requests).toEqual([undefined, expect.stringMatching(/^"\w+"$/)]);
    expect(rules.lists.get('threats')!.current).toBe(table);
    await put('203.0.113.9');
    time += minute;
    await source.refresh(signal);
    expect([contains(rules, '203.0.113.7'), contains(rules, '203.0.113.9')]).toEqual([false, true]);
    expect(log).toHaveLength(2);
  });

  it('reads once when batches are concurrent', async () => {
    await put('203.0.113.7');
    const { rules, source } = createLists();
    await Promise.all([source.refresh(signal), source.refresh(signal)]);
    expect(requests).toHaveLength(1);
    expect(contains(rules, '203.0.113.7')).toBe(true);
  });

  it('fails the batch while a list is empty, and reads the object once it exists', async () => {
    const { rules, source } = createLists();
    await expect(source.refresh(signal)).rejects.toMatchObject({
      code: 'LIST_FAILED',
      message: expect.stringMatching(
        /^the list threats has no networks yet, and s3:\/\/some-bucket\/lists\/threats\.csv cannot be read: NoSuchKey/,
      ),
    });
    await put('203.0.113.7');
    await source.refresh(signal);
    expect(contains(rules, '203.0.113.7')).toBe(true);
    expect(log).toEqual(['threats: 1 networks, 0 bad lines']);
  });

  it('uses the bundled file when the object cannot be read, logs that, and retries a minute later', async () => {
    const { rules, source } = createLists('203.0.113.8');
    await source.refresh(signal);
    await source.refresh(signal);
    expect(contains(rules, '203.0.113.8')).toBe(true);
    expect(log).toEqual([
      expect.stringContaining('threats: s3://some-bucket/lists/threats.csv cannot be read: NoSuchKey'),
    ]);
    await put('203.0.113.7');
    time += minute;
    await source.refresh(signal);
    expect(contains(rules, '203.0.113.7')).toBe(true);
  });

  it('reports that an object is possibly missing when access is denied', async () => {
    s3.middlewareStack.add(
      (() => () => {
        const $metadata = { httpStatusCode: 403 };
        return Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata }));
      }) as never,
      { step: 'deserialize', name: 'denied' },
    );
    await expect(createLists().source.refresh(signal)).rejects.toThrow(
      'cannot be read: AccessDenied: no; or the object is missing',
    );
  });

  it.each([
    ['is empty', '', 'the object has no networks'],
    ['has only comments', '# soon\n', 'the object has no networks'],
    [
      'is a page',
      '<html>\n<p>Not found',
      'the object has no networks and 2 invalid lines, such as line 1: the network is invalid',
    ],
    ['is compressed', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe]), 'cannot be read: '],
    ['is a picture', Buffer.from('203.0.113.9\n\0\0'), 'the object is not text'],
  ])('retains a list when the object %s', async (_, body, problem) => {
    await put('203.0.113.7');
    const { rules, source } = createLists();
    await source.refresh(signal);
    await put(body);
    time += minute;
    await source.refresh(signal);
    expect(log[1]).toContain(problem);
    expect(contains(rules, '203.0.113.7')).toBe(true);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    time += minute;
    await source.refresh(signal);
    expect(contains(rules, '203.0.113.7')).toBe(true);
  });

  it('rejects an object above the maximum size', async () => {
    await put('203.0.113.7');
    s3.middlewareStack.add(
      ((next: (args: object) => Promise<{ output: object }>) => async (args: object) => {
        const response = await next(args);
        return { ...response, output: { ...response.output, ContentLength: 16 * 1024 * 1024 + 1 } };
      }) as never,
      { step: 'initialize', name: 'long' },
    );
    await expect(createLists().source.refresh(signal)).rejects.toThrow(
      'the object has 16777217 bytes, expected at most 16777216',
    );
  });

  it('rejects with DEADLINE_NEAR after the deadline', async () => {
    const { source } = createLists();
    await expect(source.refresh(AbortSignal.abort())).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
  });

  it('creates no client when no list is in S3', async () => {
    const rules = loadRules(compileRules([], readLists('inside: [10.0.0.0/8]')));
    const source = new S3NetworkLists(rules.lists.values(), () => Promise.reject(new Error('not needed')), {
      listRead() {},
      listFailed() {},
    });
    await source.refresh(signal);
  });
});
