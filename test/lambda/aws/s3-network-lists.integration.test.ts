import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { S3NetworkLists } from '../../../lambda/aws/s3-network-lists.ts';
import { loadRules } from '../../../lambda/rules/load.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { compileRules } from '../../../sigma/compile/compile-rules.ts';
import { readLists } from '../../support/rules.ts';
import { sharedStack } from '../../support/shared-stack.ts';

const signal = new AbortController().signal;
const minute = 60_000;
const [Bucket, Key] = ['some-bucket', 'lists/threats.csv'];

const stack = sharedStack();
let s3: S3Client;
let time: number;
let log: string[];
let requests: (string | undefined)[];

beforeEach(async () => {
  s3 = await stack().clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket }));
  time = 1000;
  log = [];
  requests = [];
  s3.middlewareStack.add(
    ((next: (args: object) => Promise<object>, context: { commandName?: string }) =>
      async (args: { input: { IfNoneMatch?: string } }) => {
        if (context.commandName === 'GetObjectCommand') requests.push(args.input.IfNoneMatch);
        return next(args);
      }) as never,
    { step: 'initialize', name: 'counted' },
  );
});

const put = (body: string | Uint8Array) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentLength: body.length }));

/** A list that is in S3, with or without a file to start with, and what keeps it. */
function started(file?: string): { rules: LoadedRules; source: S3NetworkLists } {
  const copy = file === undefined ? '' : 'file: a.csv, ';
  const lists = readLists(`threats: {${copy}s3: 's3://${Bucket}/${Key}'}\ninside: [10.0.0.0/8]`, {
    'a.csv': file ?? '',
  });
  const rules = loadRules(compileRules([], lists));
  const tellers = {
    listRead: (list: string, { entries, unreadable }: { entries: readonly unknown[]; unreadable: number }) =>
      log.push(`${list}: ${entries.length} networks, ${unreadable} bad lines`),
    listFailed: (list: string, problem: string) => log.push(`${list}: ${problem}`),
  };
  return {
    rules,
    source: new S3NetworkLists(
      rules.lists.values(),
      async () => s3,
      tellers,
      () => time,
    ),
  };
}

const holds = (rules: LoadedRules, address: string) =>
  rules.lists.get('threats')!.current.lookup(address, undefined) !== undefined;

describe('ListSource', () => {
  it('reads a list before the first batch, and leaves out what is none', async () => {
    await put('203.0.113.7,bot\nbad\n');
    const { rules, source } = started();
    expect(holds(rules, '203.0.113.7')).toBe(false);
    await source.refresh(signal);
    expect(holds(rules, '203.0.113.7')).toBe(true);
    expect(log).toEqual(['threats: 1 networks, 1 bad lines']);
  });

  it('reads a list that came with a file all the same', async () => {
    await put('203.0.113.7');
    const { rules, source } = started('203.0.113.8');
    expect(holds(rules, '203.0.113.8')).toBe(true);
    await source.refresh(signal);
    expect([holds(rules, '203.0.113.7'), holds(rules, '203.0.113.8')]).toEqual([true, false]);
  });

  it('asks once a minute whether the object has changed, and reads it only then', async () => {
    await put('203.0.113.7');
    const { rules, source } = started();
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
    expect([holds(rules, '203.0.113.7'), holds(rules, '203.0.113.9')]).toEqual([false, true]);
    expect(log).toHaveLength(2);
  });

  it('reads once for batches that come at the same time', async () => {
    await put('203.0.113.7');
    const { rules, source } = started();
    await Promise.all([source.refresh(signal), source.refresh(signal)]);
    expect(requests).toHaveLength(1);
    expect(holds(rules, '203.0.113.7')).toBe(true);
  });

  it('fails the batch while a list has no networks at all, and reads it as soon as it is there', async () => {
    const { rules, source } = started();
    await expect(source.refresh(signal)).rejects.toMatchObject({
      code: 'LIST_FAILED',
      message: expect.stringMatching(
        /^the list threats has no networks yet, and s3:\/\/some-bucket\/lists\/threats\.csv cannot be read: NoSuchKey/,
      ),
    });
    await put('203.0.113.7');
    await source.refresh(signal);
    expect(holds(rules, '203.0.113.7')).toBe(true);
    expect(log).toEqual(['threats: 1 networks, 0 bad lines']);
  });

  it('stays with the file when the object cannot be read, says so, and tries again a minute later', async () => {
    const { rules, source } = started('203.0.113.8');
    await source.refresh(signal);
    await source.refresh(signal);
    expect(holds(rules, '203.0.113.8')).toBe(true);
    expect(log).toEqual([
      expect.stringContaining('threats: s3://some-bucket/lists/threats.csv cannot be read: NoSuchKey'),
    ]);
    await put('203.0.113.7');
    time += minute;
    await source.refresh(signal);
    expect(holds(rules, '203.0.113.7')).toBe(true);
  });

  it('says that an object to which access is denied may also not be there', async () => {
    s3.middlewareStack.add(
      (() => () => {
        const $metadata = { httpStatusCode: 403 };
        return Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata }));
      }) as never,
      { step: 'deserialize', name: 'denied' },
    );
    await expect(started().source.refresh(signal)).rejects.toThrow(
      'cannot be read: AccessDenied: no; it may also not be there',
    );
  });

  it.each([
    ['has nothing in it', '', 'it holds no network'],
    ['has only comments', '# soon\n', 'it holds no network'],
    ['is a page', '<html>\n<p>Not found', 'it holds no network, and 2 lines that are none, such as line 1: "<html>"'],
    ['is compressed', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe]), 'cannot be read: '],
    ['is a picture', Buffer.from('203.0.113.9\n\0\0'), 'it is no text'],
  ])('stays as it was when the object %s', async (_, body, problem) => {
    await put('203.0.113.7');
    const { rules, source } = started();
    await source.refresh(signal);
    await put(body);
    time += minute;
    await source.refresh(signal);
    expect(log[1]).toContain(problem);
    expect(holds(rules, '203.0.113.7')).toBe(true);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    time += minute;
    await source.refresh(signal);
    expect(holds(rules, '203.0.113.7')).toBe(true);
  });

  it('does not read an object that is too long', async () => {
    await put('203.0.113.7');
    s3.middlewareStack.add(
      ((next: (args: object) => Promise<{ output: object }>) => async (args: object) => {
        const answer = await next(args);
        return { ...answer, output: { ...answer.output, ContentLength: 16 * 1024 * 1024 + 1 } };
      }) as never,
      { step: 'initialize', name: 'long' },
    );
    await expect(started().source.refresh(signal)).rejects.toThrow('it has 16777217 bytes, at most 16777216');
  });

  it('gives up at the deadline', async () => {
    const { source } = started();
    await expect(source.refresh(AbortSignal.abort())).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
  });

  it('makes no client where no list is in S3', async () => {
    const rules = loadRules(compileRules([], readLists('inside: [10.0.0.0/8]')));
    const source = new S3NetworkLists(rules.lists.values(), () => Promise.reject(new Error('not needed')), {
      listRead() {},
      listFailed() {},
    });
    await source.refresh(signal);
  });
});
