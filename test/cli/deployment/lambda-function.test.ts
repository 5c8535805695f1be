import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLambdaClient, type Invoke, lambdaFunction } from '../../../cli/deployment/lambda-function.ts';

let server: Server;
let requests: { url: string; headers: IncomingMessage['headers']; body: string }[];
/** Responses that replace the default response, in order. */
let answers: { status: number; headers?: Record<string, string>; body: string }[];
let pauses: unknown[];
let invoke: Invoke;

beforeEach(async () => {
  requests = [];
  answers = [];
  pauses = [];
  server = createServer(async (request, response) => {
    requests.push({ url: request.url!, headers: request.headers, body: await text(request) });
    const { status, headers, body } = answers.shift() ?? { status: 200, body: '{"records":[]}' };
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await createLambdaClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const pause = (async (milliseconds: number) => void pauses.push(milliseconds)) as never;
  invoke = lambdaFunction(client, 'detector', pause);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('lambdaFunction', () => {
  it('sends the event and resolves to the answer of the function', async () => {
    answers = [{ status: 200, body: '{"records":[{"recordId":"0"}]}' }];
    expect(await invoke({ records: ['ü'] })).toEqual({ records: [{ recordId: '0' }] });
    expect(requests.map(({ url, body }) => [url, JSON.parse(body)])).toEqual([
      ['/2015-03-31/functions/detector/invocations', { records: ['ü'] }],
    ]);
  });

  it('invokes again when Lambda throttles it, with longer and longer pauses', async () => {
    answers = new Array(3).fill({ status: 429, body: '{"Message":"Rate Exceeded."}' });
    expect(await invoke({ records: [] })).toEqual({ records: [] });
    expect(pauses).toEqual([500, 1000, 2000]);
  });

  it('rejects with NotRun when Lambda throttles all six attempts', async () => {
    answers = new Array(6).fill({ status: 429, body: '{"Message":"Rate Exceeded."}' });
    await expect(invoke({})).rejects.toMatchObject({
      name: 'NotRun',
      message: 'the function detector was not run: 429 Rate Exceeded.',
    });
    expect(requests).toHaveLength(6);
  });

  it.each([
    [403, '{"Message":"not authorized"}', 'NotRun', '403 not authorized'],
    [404, '{"Message":"no such function"}', 'NotRun', '404 no such function'],
    [413, '{"message":"too large"}', 'NotRun', '413 too large'],
    [404, '<html>', 'NotRun', '404 '],
    [500, 'out of order', 'Error', 'out of order'],
    [502, '{"Message":"the network of the function"}', 'Error', '502 the network of the function'],
  ])('rejects with NotRun only when Lambda refused the invocation: %s', async (status, body, name, message) => {
    answers = [{ status, body }];
    await expect(invoke({ records: [] })).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(requests).toHaveLength(1);
  });

  it('invokes once and rejects with another error when the connection breaks', async () => {
    server.removeAllListeners('request');
    let seen = 0;
    server.on('request', (request) => {
      seen += 1;
      request.socket.destroy();
    });
    await expect(invoke({})).rejects.not.toMatchObject({ name: 'NotRun' });
    expect(seen).toBe(1);
  });

  it.each([
    ['{"errorType":"FlowError","errorMessage":"the table is gone"}', 'the table is gone'],
    ['not JSON', 'not JSON'],
  ])('rejects with the message of the function when the function failed: %s', async (body, message) => {
    answers = [{ status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body }];
    await expect(invoke({})).rejects.toMatchObject({
      name: 'Error',
      message: `the function detector failed: ${message}`,
    });
  });
});
