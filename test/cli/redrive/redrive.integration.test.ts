import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LakeBucket } from '../../../cli/redrive/lake.ts';
import { type RedriveOptions, redrive } from '../../../cli/redrive/redrive.ts';
import { type ErrorRecord, runFirehose } from '../../../emulators/firehose.ts';
import { wrapLines } from '../../../emulators/firehose-event.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { lineOf } from '../../support/flows.ts';
import { type Laptop, startLaptop } from '../../support/handler-on-laptop.ts';
import { run } from '../../support/run-program.ts';
import { describeStacksAnswer, refusedAnswer } from '../deployment/describe-stacks-answer.ts';

/** Lambda and CloudFormation over HTTP, with the real handler behind them. */
let laptop: Laptop;
let server: Server;
let s3: S3Client;
let sqs: SQSClient;
let lake: LakeBucket;
let requests: { url: string; headers: IncomingHttpHeaders; body: string }[];
/** Responses of Lambda that replace the function's responses, in order. */
let replacements: { status: number; headers?: Record<string, string>; body: string }[];
const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-redrive-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The queue of failed records; undefined for a stack of an earlier version. */
let queueUrl: string | undefined;

const outputs = {
  FlowLakeBucketName: 'flow-lake',
  DetectorFunctionName: 'detector',
  CounterRetentionDays: '30',
  DeliveryStreamArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/s',
};
const options: RedriveOptions = {
  stack: 'FlowSentinel',
  prefix: '',
  targetPrefix: 'redriven/',
  expired: 'skip',
  overflowed: 'store',
};

async function start(lanes = 0) {
  const countLanes: Record<string, string> = lanes > 0 ? { [environmentNames.countLanes]: String(lanes) } : {};
  laptop = await startLaptop(undefined, undefined, countLanes);
  s3 = await laptop.clients.s3();
  await s3.send(new CreateBucketCommand({ Bucket: outputs.FlowLakeBucketName }));
  lake = new LakeBucket(s3, outputs.FlowLakeBucketName);
  const { protocol, hostname, port } = await laptop.clients.sns.config.endpoint!();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ region: 'us-east-1', credentials, endpoint: `${protocol}//${hostname}:${port}` });
  queueUrl = undefined;
  requests = [];
  replacements = [];
  server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push({ url: request.url!, headers: request.headers, body });
    if (request.url === '/') {
      const journal = lanes > 0 && { JournalTableName: laptop.environment[environmentNames.journalTableName]! };
      response.end(
        describeStacksAnswer({ ...outputs, ...journal, ...(queueUrl && { FailedRecordsQueueUrl: queueUrl }) }),
      );
      return;
    }
    const replacement = replacements.shift();
    if (replacement) response.writeHead(replacement.status, replacement.headers).end(replacement.body);
    else response.end(JSON.stringify(await laptop.send(JSON.parse(body))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', endpoint);
  const dynamoDb = await laptop.clients.dynamoDb.config.endpoint!();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `${dynamoDb.protocol}//${dynamoDb.hostname}:${dynamoDb.port}`);
}

beforeEach(() => start());
afterEach(stop);

async function stop() {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  sqs.destroy();
  await laptop.stop();
}

/** Runs the command, and returns its output. */
async function runRedrive(more: Partial<RedriveOptions> = {}): Promise<{ isDone: boolean; printed: string }> {
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    return { isDone: await redrive({ ...options, ...more }, { s3, sqs }), printed };
  } finally {
    spy.mockRestore();
  }
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of lake.list(prefix)) found.push(key);
  return found;
}

/** Sends flows and garbage through a stream whose function fails after some updates, and writes the error object. */
async function runFailingStream(arrival: number, failing = 'UpdateItemCommand'): Promise<void> {
  const lines = Array.from({ length: 8 }, (_, n) => lineOf({ dstaddr: `10.0.2.${n}`, bytes: 7 }));
  let updates = 0;
  laptop.clients.dynamoDb.middlewareStack.add(
    ((next: (args: object) => Promise<object>, context: { commandName?: string }) => async (args: object) => {
      if (context.commandName === failing && updates++ > 3) throw new Error('the table did not answer');
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
  it('reprocesses a partly counted batch, and does nothing when it runs again', async () => {
    const now = Math.floor(Date.now() / 1000);
    await runFailingStream(now - 600);
    const counted = (await pairs()).filter((bytes) => bytes === 7).length;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(8);

    const survey = await runRedrive({ dryRun: true, json: true });
    expect(JSON.parse(survey.printed)).toMatchObject({
      objects: 1,
      batchesInTime: 1,
      batchesLate: 0,
      recordsInBatches: 9,
    });

    const { isDone, printed } = await runRedrive();
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

    const again = await runRedrive({ json: true });
    expect(JSON.parse(again.printed)).toMatchObject({ objects: 0, recordsCounted: 0, problems: [] });
    expect(await pairs()).toEqual(new Array(8).fill(7));
  });

  it('puts the rest of a batch into the journal, and says that a flush counts it, when batches count by a journal', async () => {
    await stop();
    await start(16);
    await runFailingStream(Math.floor(Date.now() / 1000) - 600, 'PutItemCommand');
    const { isDone, printed } = await runRedrive();
    expect(isDone).toBe(true);
    expect(printed).toMatch(/records counted, or put into the journal +8\n/);
    expect(printed).toContain('the next flush counts these batches and alerts, within countEvery and a minute');
    expect(await pairs()).toEqual(new Array(8).fill(undefined));
    const report = await laptop.flush();
    expect(report).toMatchObject({ problems: [] });
    expect(await pairs()).toEqual(new Array(8).fill(7));
    expect(JSON.parse((await runRedrive({ json: true })).printed)).not.toHaveProperty('counting');
  });

  it('clears the signal of an object only when the object is gone, and none in a dry run', async () => {
    const QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'failed-records' }))).QueueUrl!;
    queueUrl = QueueUrl;
    await runFailingStream(Math.floor(Date.now() / 1000) - 30 * 86_400);
    for (const key of [...(await keys('errors/processing-failed/')), 'errors/processing-failed/gone']) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ key }) }));
    }

    expect((await runRedrive({ dryRun: true })).printed).toMatch(/\nsignals cleared: 0, left: 2\n$/);
    const left = await runRedrive();
    expect(left.printed).toMatch(/\nsignals cleared: 1, left: 1\n$/);
    expect(left.isDone).toBe(false);
    const done = await runRedrive({ expired: 'store', json: true });
    expect(done.isDone).toBe(true);
    expect(JSON.parse(done.printed)).toMatchObject({ recordsLeft: 0, signals: { cleared: 1, left: 0 } });
  });

  it('leaves a batch and reports that it is not done when the table no longer remembers it', async () => {
    await runFailingStream(Math.floor(Date.now() / 1000) - 30 * 86_400);
    const { isDone, printed } = await runRedrive();
    expect(isDone).toBe(false);
    expect(printed).toContain('1 batches are left');
    expect(await keys('errors/')).toHaveLength(1);
  });

  it('signs the requests to Lambda and CloudFormation', async () => {
    await runFailingStream(Math.floor(Date.now() / 1000) - 600);
    await runRedrive();
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

  it('keeps the object and prints the error when the function fails, and finishes when it runs again', async () => {
    await runFailingStream(Math.floor(Date.now() / 1000) - 600);
    const body = JSON.stringify({ errorType: 'FlowError', errorMessage: 'the table is gone' });
    replacements = [{ status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body }];
    const { isDone, printed } = await runRedrive();
    expect(isDone).toBe(false);
    expect(printed).toContain('the function detector failed: the table is gone');
    expect((await runRedrive()).isDone).toBe(true);
    expect(await pairs()).toEqual(new Array(8).fill(7));
  });

  it('names the prefix when it has no objects', async () => {
    const expected = `There is nothing under errors/processing-failed/day=2026-11-25/.
signals cleared: 0, left: 0; not all were handled: the stack has no output FailedRecordsQueueUrl: deploy it again with this version
`;
    expect(await runRedrive({ prefix: 'day=2026-11-25/' })).toEqual({ isDone: true, printed: expected });
    expect(await runRedrive({ prefix: 'day=2026-11-25/', dryRun: true })).toEqual({ isDone: true, printed: expected });
  });

  it('selects the objects of the days that a range touches', async () => {
    const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000;
    for (const text of ['2026-11-23', '2026-11-24', '2026-11-25']) {
      await lake.write(`errors/processing-failed/day=${text}/broken`, Uint8Array.of(0x1f, 0x8b, 0));
    }
    await lake.write('errors/processing-failed/broken', Uint8Array.of(0x1f, 0x8b, 0));
    const found = async (range: { from?: number; to?: number }) => {
      const { printed } = await runRedrive({ ...range, dryRun: true, json: true });
      const { problems } = JSON.parse(printed) as { problems: { key: string }[] };
      return problems.map(({ key }) => key.slice('errors/processing-failed/'.length));
    };
    expect(await found({ from: day('2026-11-24') })).toEqual(['day=2026-11-24/broken', 'day=2026-11-25/broken']);
    expect(await found({ to: day('2026-11-24') })).toEqual(['day=2026-11-23/broken']);
    const noon = day('2026-11-24') + 12 * 3600;
    expect(await found({ from: noon, to: noon + 60 })).toEqual(['day=2026-11-24/broken']);
    expect(await found({})).toHaveLength(4);
    const { printed } = await runRedrive({ from: day('2026-12-01'), dryRun: true });
    expect(printed).toContain('There is nothing under errors/processing-failed/ from 2026-12-01 00:00:00.\n');
    await expect(runRedrive({ from: 5, to: 5 })).rejects.toThrow('--from is invalid');
  });

  it('names an unreadable object, and reports the content of the others', async () => {
    await runFailingStream(Math.floor(Date.now() / 1000) - 600);
    await lake.write('errors/processing-failed/day=2026-11-24/broken', Uint8Array.of(0x1f, 0x8b, 0));
    const { isDone, printed } = await runRedrive({ dryRun: true });
    expect(isDone).toBe(false);
    expect(printed).toMatch(/records in these batches +9\n/);
    expect(printed).toMatch(/1 objects cannot be read:\n {2}errors\/processing-failed\/day=2026-11-24\/broken: /);
  });

  it('throws an InputError when the prefix is that of error objects or of Parquet', async () => {
    await expect(runRedrive({ targetPrefix: 'flows/parquet/', dryRun: true })).rejects.toThrow(
      '--target-prefix is invalid',
    );
    await expect(runRedrive({ targetPrefix: 'errors/x/' })).rejects.toThrow('--target-prefix is invalid');
    await expect(runRedrive({ targetPrefix: 'flows' })).rejects.toThrow('--target-prefix is invalid');
  });

  it.each([
    ['not JSON', 'nothing', 'is not JSON'],
    ['without the stack', '{"Other":{}}', 'has no stack FlowSentinel; there is Other'],
    ['that is a list', '[{}]', 'is invalid: got other JSON, expected the file that cdk deploy --outputs-file writes'],
    ['with other values', '{"records":1}', 'is invalid: got other JSON, expected the file that cdk deploy'],
    [
      'without an output',
      '{"FlowSentinel":{}}',
      'has no output FlowLakeBucketName, DetectorFunctionName, DeliveryStreamArn, CounterRetentionDays',
    ],
  ])('exits with 2 when the file of outputs is %s', async (_, content, message) => {
    const path = join(folder, 'outputs.json');
    writeFileSync(path, content);
    const { code, stderr } = await run('redrive', '--outputs', path);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('exits with 2 when CloudFormation does not know the stack', async () => {
    server.removeAllListeners('request');
    server.on('request', (_, response) =>
      response.writeHead(400).end(refusedAnswer('ValidationError', 'Stack with id &quot;x&quot; does not exist')),
    );
    const { code, stderr } = await run('redrive', '--stack', 'x');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Stack with id "x" does not exist') });
  });
});

describe('LakeBucket', () => {
  it('lets one of two callers claim a key', async () => {
    expect(await lake.claim('errors/marker')).toBe(true);
    expect(await lake.claim('errors/marker')).toBe(false);
    await lake.remove('errors/marker');
    expect(await lake.exists('errors/marker')).toBe(false);
    expect(await lake.claim('errors/marker')).toBe(true);
  });
});
