import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LakeBucket } from '../../../cli/redrive/lake.ts';
import { type RedriveOptions, redrive } from '../../../cli/redrive/redrive.ts';
import { type ErrorRecord, runFirehose } from '../../../emulators/firehose.ts';
import { wrapLines } from '../../../emulators/firehose-event.ts';
import { epoch, lineOf } from '../../support/flows.ts';
import { type Laptop, startLaptop } from '../../support/handler-on-laptop.ts';
import { run } from '../../support/run-program.ts';
import { describeStacksAnswer, refusedAnswer } from '../deployment/describe-stacks-answer.ts';

/** A Lambda and a CloudFormation that answer over HTTP, with the very handler behind them. */
let laptop: Laptop;
let server: Server;
let s3: S3Client;
let lake: LakeBucket;
let requests: { url: string; headers: IncomingHttpHeaders; body: string }[];
/** What Lambda answers in place of the function's answer, while there is something. */
let instead: { status: number; headers?: Record<string, string>; body: string }[];
const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-redrive-'));
afterAll(() => rmSync(folder, { recursive: true }));

const outputs = {
  FlowLakeBucketName: 'flow-lake',
  DetectorFunctionName: 'detector',
  DeliveryStreamArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/s',
};
const options: RedriveOptions = {
  stack: 'FlowSentinel',
  prefix: '',
  targetPrefix: 'redriven/',
  expired: 'skip',
  overflowed: 'store',
};

beforeEach(async () => {
  laptop = await startLaptop();
  s3 = await laptop.clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket: outputs.FlowLakeBucketName }));
  lake = new LakeBucket(s3, outputs.FlowLakeBucketName);
  requests = [];
  instead = [];
  server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push({ url: request.url!, headers: request.headers, body });
    if (request.url === '/') {
      response.end(describeStacksAnswer(outputs));
      return;
    }
    const other = instead.shift();
    if (other) response.writeHead(other.status, other.headers).end(other.body);
    else response.end(JSON.stringify(await laptop.send(JSON.parse(body))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', endpoint);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await laptop.stop();
});

/** Runs the command, and catches what it prints. */
async function redriven(more: Partial<RedriveOptions> = {}): Promise<{ isDone: boolean; printed: string }> {
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    return { isDone: await redrive({ ...options, ...more }, { s3 }), printed };
  } finally {
    spy.mockRestore();
  }
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of lake.list(prefix)) found.push(key);
  return found;
}

/** Sends flows and garbage through a stream whose function fails after some updates, and puts down what it gave up. */
async function troubledStream(arrival: number): Promise<void> {
  const lines = Array.from({ length: 8 }, (_, n) => lineOf({ dstaddr: `10.0.2.${n}`, bytes: 7 }));
  let updates = 0;
  laptop.clients.dynamoDb.middlewareStack.add(
    ((next: (args: object) => Promise<object>, context: { commandName?: string }) => async (args: object) => {
      if (context.commandName === 'UpdateItemCommand' && updates++ > 3) throw new Error('the table did not answer');
      return next(args);
    }) as never,
    { step: 'initialize', name: 'broken' },
  );
  const errors: ErrorRecord[] = [];
  await runFirehose(wrapLines([...lines, 'garbage'], 'json', arrival * 1000), laptop.send, {
    delivered() {},
    dropped() {},
    failed: (error) => errors.push(error),
  });
  laptop.clients.dynamoDb.middlewareStack.remove('broken');
  const place = 'errors/processing-failed/day=2026-11-24/s-1';
  await lake.write(place, errors.map((error) => `${JSON.stringify(error)}\n`).join(''));
}

const pairs = async () =>
  Promise.all(Array.from({ length: 8 }, async (_, n) => (await laptop.counter(`pair#10.0.1.5#10.0.2.${n}`))?.bytes));

describe('redrive', () => {
  it('puts a given-up batch through again, of which part was counted, and does nothing when run again', async () => {
    const now = Math.floor(Date.now() / 1000);
    await troubledStream(now - 600);
    const counted = (await pairs()).filter((bytes) => bytes === 7).length;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(8);

    const survey = await redriven({ dryRun: true, json: true });
    expect(JSON.parse(survey.printed)).toMatchObject({
      objects: 1,
      batchesInTime: 1,
      batchesLate: 0,
      recordsInBatches: 9,
    });

    const { isDone, printed } = await redriven();
    expect(isDone).toBe(true);
    expect(printed).toMatch(/records counted +8\n/);
    expect(await pairs()).toEqual(new Array(8).fill(7));
    const [decoded, ...others] = await keys('redriven/');
    expect(others).toEqual([]);
    expect(decoded).toMatch(/^redriven\/day=2026-11-24\/s-1\.[0-9a-f]{16}\.json\.gz$/);
    const lines = gunzipSync(await lake.read(decoded!))
      .toString()
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(
      new Array(8).fill({ bytes: 7, counted: true }),
    );
    expect(await keys('errors/')).toEqual([expect.stringMatching(/^errors\/unreadable\/day=2026-11-24\/.*\.json$/)]);

    const again = await redriven({ json: true });
    expect(JSON.parse(again.printed)).toMatchObject({ objects: 0, recordsCounted: 0, problems: [] });
    expect(await pairs()).toEqual(new Array(8).fill(7));
  });

  it('leaves what came more than an hour ago, and answers that it is not done', async () => {
    await troubledStream(epoch - 86_400);
    const { isDone, printed } = await redriven();
    expect(isDone).toBe(false);
    expect(printed).toContain('1 batches are left');
    expect(await keys('errors/')).toHaveLength(1);
  });

  it('signs what it asks Lambda and CloudFormation for', async () => {
    await troubledStream(Math.floor(Date.now() / 1000) - 600);
    await redriven();
    const [describe, ...invokes] = requests;
    expect(describe!.body).toContain('Action=DescribeStacks');
    expect(describe!.body).toContain('StackName=FlowSentinel');
    expect(describe!.headers.authorization).toMatch(/Credential=local\/\d{8}\/us-east-1\/cloudformation\/aws4_request/);
    expect(invokes.length).toBeGreaterThan(0);
    for (const { url, headers } of invokes) {
      expect(url).toBe('/2015-03-31/functions/detector/invocations');
      expect(headers.authorization).toMatch(/Credential=local\/\d{8}\/us-east-1\/lambda\/aws4_request/);
    }
  });

  it('keeps the object when the function fails, says why, and is done when run again', async () => {
    await troubledStream(Math.floor(Date.now() / 1000) - 600);
    const body = JSON.stringify({ errorType: 'FlowError', errorMessage: 'the table is gone' });
    instead = [{ status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body }];
    const { isDone, printed } = await redriven();
    expect(isDone).toBe(false);
    expect(printed).toContain('the function detector failed: the table is gone');
    expect((await redriven()).isDone).toBe(true);
    expect(await pairs()).toEqual(new Array(8).fill(7));
  });

  it('says where it looked when there is nothing', async () => {
    const said = 'There is nothing under errors/processing-failed/day=2026-11-25/.\n';
    expect(await redriven({ prefix: 'day=2026-11-25/' })).toEqual({ isDone: true, printed: said });
    expect(await redriven({ prefix: 'day=2026-11-25/', dryRun: true })).toEqual({ isDone: true, printed: said });
  });

  it('names an object that cannot be read, and says what the others hold', async () => {
    await troubledStream(Math.floor(Date.now() / 1000) - 600);
    await lake.write('errors/processing-failed/day=2026-11-24/broken', Uint8Array.of(0x1f, 0x8b, 0));
    const { isDone, printed } = await redriven({ dryRun: true });
    expect(isDone).toBe(false);
    expect(printed).toMatch(/records in these batches +9\n/);
    expect(printed).toMatch(/1 objects cannot be read:\n {2}errors\/processing-failed\/day=2026-11-24\/broken: /);
  });

  it('refuses a prefix that would be taken for what failed, or for Parquet', async () => {
    await expect(redriven({ targetPrefix: 'flows/parquet/', dryRun: true })).rejects.toThrow(
      '--target-prefix is invalid',
    );
    await expect(redriven({ targetPrefix: 'errors/x/' })).rejects.toThrow('--target-prefix is invalid');
    await expect(redriven({ targetPrefix: 'flows' })).rejects.toThrow('--target-prefix is invalid');
  });

  it.each([
    ['not JSON', 'nothing', 'is not JSON'],
    ['without the stack', '{"Other":{}}', 'has no stack FlowSentinel; there is Other'],
    [
      'without an output',
      '{"FlowSentinel":{}}',
      'has no output FlowLakeBucketName, DetectorFunctionName, DeliveryStreamArn',
    ],
  ])('exits with 2 when the file of outputs is %s', async (_, content, message) => {
    const path = join(folder, 'outputs.json');
    writeFileSync(path, content);
    const { code, stderr } = await run('redrive', '--outputs', path);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('exits with 2 when CloudFormation knows no such stack', async () => {
    server.removeAllListeners('request');
    server.on('request', (_, response) =>
      response.writeHead(400).end(refusedAnswer('ValidationError', 'Stack with id &quot;x&quot; does not exist')),
    );
    const { code, stderr } = await run('redrive', '--stack', 'x');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Stack with id "x" does not exist') });
  });
});

describe('LakeBucket', () => {
  it('lets one of two make a mark', async () => {
    expect(await lake.claim('errors/mark')).toBe(true);
    expect(await lake.claim('errors/mark')).toBe(false);
    await lake.remove('errors/mark');
    expect(await lake.exists('errors/mark')).toBe(false);
    expect(await lake.claim('errors/mark')).toBe(true);
  });
});
