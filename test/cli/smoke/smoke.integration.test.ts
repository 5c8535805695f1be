import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { ListSubscriptionsCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SmokeClients, type SmokeOptions, smoke } from '../../../cli/smoke/smoke.ts';
import { counterKeysOf, pairKeyOf, smokeFlow } from '../../../cli/smoke/smoke-flow.ts';
import { runFirehose } from '../../../emulators/firehose.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { epoch } from '../../support/flows.ts';
import { type Laptop, laptopOn, startLaptop } from '../../support/handler-on-laptop.ts';
import { defaultRules } from '../../support/rules.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-smoke-'));
afterAll(() => rmSync(folder, { recursive: true }));

let laptop: Laptop;
let server: Server;
let clients: SmokeClients;
let outputsFile: string;
/** The invocations of the function that counts the journal, and how it answers. */
let flushes: object[];
let flush: (task: unknown) => Promise<unknown>;
/** Handles a record of the stream; default: sends it through the function. */
let stream: (data: Buffer) => Promise<void>;

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'us-east-1';

/** Starts a delivery stream that answers over HTTP, with the local driver and the real handler behind it. */
async function start(lanes = 0) {
  vi.stubEnv('AWS_REGION', region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  const countLanes: Record<string, string> = lanes > 0 ? { [environmentNames.countLanes]: String(lanes) } : {};
  laptop = await startLaptop(logFormat, undefined, countLanes);
  stream = (data) =>
    runFirehose([{ data, arrival: Date.now() }], laptop.send, {
      delivered() {},
      dropped() {},
      failed({ errorMessage }) {
        throw new Error(errorMessage);
      },
    });
  flushes = [];
  server = createServer(async (request, response) => {
    if (request.url!.includes('/invocations')) {
      const task = JSON.parse(await text(request)) as object;
      flushes.push({ function: request.url!.split('/')[3], ...task });
      response.end(JSON.stringify(await flush(task)));
      return;
    }
    const { Record } = JSON.parse(await text(request)) as { Record: { Data: string } };
    await stream(Buffer.from(Record.Data, 'base64'));
    response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"RecordId":"1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', endpoint);
  flush = laptop.flush;
  const { sns, dynamoDb } = laptop.clients;
  const { protocol, hostname, port } = await sns.config.endpoint!();
  clients = {
    firehose: new FirehoseClient({ region, credentials, endpoint }),
    sqs: new SQSClient({ region, credentials, endpoint: `${protocol}//${hostname}:${port}` }),
    sns,
    dynamoDb,
  };
  outputsFile = join(folder, 'outputs.json');
  const outputs = {
    DeliveryStreamArn: `arn:aws:firehose:${region}:123456789012:deliverystream/s`,
    AlertTopicArn: laptop.environment[environmentNames.topicArn],
    PairTableName: laptop.environment[environmentNames.tableName],
    ...(lanes > 0 && {
      JournalTableName: laptop.environment[environmentNames.journalTableName],
      FlushFunctionName: 'flush',
    }),
  };
  writeFileSync(outputsFile, JSON.stringify({ FlowSentinel: outputs }));
}

beforeEach(() => start());

afterEach(stop);

async function stop() {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  clients.firehose.destroy();
  clients.sqs.destroy();
  await laptop.stop();
}

async function runSmoke(more: Partial<SmokeOptions> = {}, interrupted = new AbortController().signal) {
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  try {
    const options = { stack: 'FlowSentinel', outputs: outputsFile, timeout: 240, ...more };
    return { alive: await smoke(options, interrupted, clients), printed };
  } finally {
    spy.mockRestore();
  }
}

/** Lists what a run left behind: temporary queues and subscriptions, and counters of flows. */
async function leftOvers() {
  const { QueueUrls = [] } = await clients.sqs.send(new ListQueuesCommand({}));
  const { Subscriptions = [] } = await clients.sns.send(new ListSubscriptionsCommand({}));
  const keys = (await laptop.items()).map(({ pk }) => (pk && 'S' in pk ? pk.S : ''));
  return {
    queues: QueueUrls.filter((url) => url.includes('smoke')),
    subscriptions: Subscriptions.filter(({ Endpoint }) => Endpoint?.includes('smoke')),
    counters: keys.filter((pk) => /^(pair|src)#|203\.0\.113|198\.51\.100|eni-/.test(pk)),
  };
}

const nothing = { queues: [], subscriptions: [], counters: [] };

describe('smoke', () => {
  it('sends a flow through the stack, waits for its alert, and leaves nothing behind', async () => {
    const { alive, printed } = await runSmoke();
    expect(printed).toContain('Alive: a flow went in and its alert came out.');
    expect(alive).toBe(true);
    const steps = [...printed.matchAll(/^ +[\d.]+ s {2}(.*)$/gm)].map(([, what]) => what);
    expect(steps).toEqual([
      'created a queue and subscribed it to the alerts',
      expect.stringMatching(/^sent a flow 203\.0\.113\.\d+ -> 198\.51\.100\.\d+ to the stream$/),
      'the function counted the flow',
      'the alert arrived',
      'cleaned up',
    ]);
    expect(laptop.alerts().map(({ attributes }) => attributes.rule)).toEqual(['rejects_from_suspicious_ranges']);
    expect(await leftOvers()).toEqual(nothing);
  });

  it('finds and removes the counters of a stack with a scope', async () => {
    const { FlowSentinel } = JSON.parse(readFileSync(outputsFile, 'utf8')) as { FlowSentinel: object };
    writeFileSync(outputsFile, JSON.stringify({ FlowSentinel: { ...FlowSentinel, CounterScope: 'vpc' } }));
    laptop = laptopOn(laptop, logFormat, { ...compileRuleDirectory(), scope: 'vpc' });
    const { alive, printed } = await runSmoke();
    expect(alive).toBe(true);
    expect(printed).toContain('the function counted the flow');
    expect(await leftOvers()).toEqual(nothing);
    // Without an alert, only the key of the counter shows that the flow was counted.
    const unmatched = await runSmoke({ timeout: 1, source: '192.88.99.1' });
    expect(unmatched.printed).toContain('the flow was counted, but no alert');
    expect(pairKeyOf(smokeFlow('203.0.113.9', '123456789012', epoch), { scope: 'vpc' })).toMatch(
      /^pair#203\.0\.113\.9#198\.51\.100\.\d+#123456789012\/-$/,
    );
  });

  it.each([
    [16, [{ function: 'flush', index: 0, processes: 1, force: true }]],
    [128, Array.from({ length: 32 }, (_, index) => ({ function: 'flush', index, processes: 32, force: true }))],
  ])('flushes the journal of %i lanes instead of waiting for the schedule', async (lanes, expected) => {
    await stop();
    await start(lanes);
    const { alive, printed } = await runSmoke();
    expect(alive).toBe(true);
    const steps = [...printed.matchAll(/^ +[\d.]+ s {2}(.*)$/gm)].map(([, what]) => what);
    expect(steps.slice(2)).toEqual([
      'the function put the flow into the journal',
      'invoked the function that counts the journal',
      'the function counted the flow',
      'the alert arrived',
      'cleaned up',
    ]);
    const byIndex = (a: { index?: number }, b: { index?: number }) => a.index! - b.index!;
    expect(flushes.toSorted(byIndex)).toEqual(expected);
    expect(await leftOvers()).toEqual(nothing);
  });

  it('says that the flow is in the journal when flushes do not count it', async () => {
    await stop();
    await start(16);
    flush = async () => ({ problems: ['lane 3 of 16 is not flushed'] });
    const { alive, printed } = await runSmoke({ timeout: 1 });
    expect(alive).toBe(false);
    expect(printed).toContain('Not alive: the flow is in the journal, and was not counted within 1 s.');
    expect(printed).toContain('The flush said: lane 3 of 16 is not flushed');
  });

  it('succeeds when it runs again at once', async () => {
    expect(await runSmoke({ json: true })).toMatchObject({ alive: true });
    const { printed } = await runSmoke({ json: true });
    expect(JSON.parse(printed)).toMatchObject({ alive: true, left: [] });
  });

  it('notes the number of pending signals when failed records wait, and why it is unknown', async () => {
    expect((await runSmoke()).printed).toMatch(
      /\nNote: the stack has no output FailedRecordsQueueUrl: deploy it again .*\n$/,
    );

    const QueueUrl = (await clients.sqs.send(new CreateQueueCommand({ QueueName: 'failed-records' }))).QueueUrl!;
    const { FlowSentinel } = JSON.parse(readFileSync(outputsFile, 'utf8')) as { FlowSentinel: object };
    const withQueue = (url: string) =>
      JSON.stringify({ FlowSentinel: { ...FlowSentinel, FailedRecordsQueueUrl: url } });
    writeFileSync(outputsFile, withQueue(QueueUrl));
    expect((await runSmoke()).printed).not.toContain('Note:');
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"key":"errors/processing-failed/x"}' }));
    const { alive, printed } = await runSmoke();
    expect(alive).toBe(true);
    expect(printed).toMatch(/\nNote: signals of failed records pending: 1; run redrive\n$/);
    writeFileSync(outputsFile, withQueue(QueueUrl.replace('failed-records', 'other')));
    expect((await runSmoke()).printed).toMatch(/\nNote: the queue of failed records cannot be read: .*not exist/);
  });

  it('reports that the flow was not counted when it did not reach the table', async () => {
    stream = async () => {};
    const { alive, printed } = await runSmoke({ timeout: 1 });
    expect(alive).toBe(false);
    expect(printed).toContain('Not alive: the flow was not counted within 1 s');
    expect(printed).toContain('Not cleaned up: the flow may still arrive');
    expect(await leftOvers()).toEqual(nothing);
  });

  it('reports that no alert arrived when the rule does not match the source', async () => {
    const { alive, printed } = await runSmoke({ timeout: 1, source: '192.88.99.1' });
    expect(alive).toBe(false);
    expect(printed).toContain('Check that 192.88.99.1 is in suspicious_ranges');
    const { queues, subscriptions, counters } = await leftOvers();
    expect({ queues, subscriptions }).toEqual({ queues: [], subscriptions: [] });
    // Counters of the source alone may belong to other flows.
    for (const pk of counters) expect(pk).not.toMatch(/198\.51\.100|eni-/);
  });

  it('cleans up when the command is interrupted', async () => {
    const controller = new AbortController();
    stream = async () => controller.abort(new Error('enough'));
    const { alive, printed } = await runSmoke({}, controller.signal);
    expect(alive).toBe(false);
    expect(printed).toContain('Not alive: the command was interrupted');
    expect(await leftOvers()).toEqual(nothing);
  });

  it('cleans up when the stream cannot be reached', async () => {
    clients = {
      ...clients,
      firehose: new FirehoseClient({ region, credentials, endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }),
    };
    const { alive, printed } = await runSmoke();
    expect(alive).toBe(false);
    expect(printed).toContain('ECONNREFUSED');
    expect(await leftOvers()).toEqual(nothing);
  });

  it('names the resources that it could not remove', async () => {
    const send = clients.sqs.send.bind(clients.sqs);
    clients.sqs.send = ((command: object, options: object) => {
      if (command.constructor.name === 'DeleteQueueCommand') return Promise.reject(new Error('access was denied'));
      return send(command as never, options);
    }) as never;
    const { alive, printed } = await runSmoke();
    expect(alive).toBe(true);
    expect(printed).toMatch(/Not cleaned up: the queue http.*flow-sentinel-smoke-.*access was denied/);
  });

  it('exits with 2 before it sends anything when the timeout is 0', async () => {
    const { code, stderr } = await run('smoke', '--outputs', outputsFile, '--timeout', '0');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('a number of seconds above 0') });
  });

  it('throws an InputError when the source is not an address', async () => {
    await expect(runSmoke({ source: '203.0.113.999' })).rejects.toThrow(
      '--source is invalid: got "203.0.113.999", expected an IP address',
    );
  });
});

describe('counterKeysOf', () => {
  it('returns the counters of the pair and the interface, without shared counters', () => {
    const flow = smokeFlow(undefined, '123456789012', epoch);
    const keys = counterKeysOf(flow, defaultRules, epoch);
    expect(keys).toContain(`pair#${flow.source}#${flow.destination}`);
    for (const pk of keys) expect(pk).toMatch(/203\.0\.113|198\.51\.100|eni-smoke/);
  });
});
