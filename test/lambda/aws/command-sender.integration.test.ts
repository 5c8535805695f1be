import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandSender } from '../../../lambda/aws/command-sender.ts';

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let client: DynamoDBClient;
let requests: Request[];
/** Writes the server's response. */
let respond: (response: ServerResponse, nth: number) => void;

const type = { 'content-type': 'application/x-amz-json-1.0' };
const item = {
  pk: { S: 'pair#10.0.0.1#10.0.0.2' },
  bytes: { N: '12345678901234567890' },
  ports: { NS: ['22', '443'] },
};
const input = {
  TableName: 'counters',
  Key: { pk: item.pk },
  UpdateExpression: 'SET #a = :a',
  ExpressionAttributeNames: { '#a': 'ä"\\' },
  ExpressionAttributeValues: { ':a': { SS: ['x', 'ÿ\u2028'] } },
};

beforeEach(async () => {
  requests = [];
  respond = (response) => response.writeHead(200, type).end(JSON.stringify({ Attributes: item }));
  server = createServer(async (request, response) => {
    requests.push({ headers: request.headers, body: (await buffer(request)).toString() });
    respond(response, requests.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'token' },
    requestHandler: new NodeHttpHandler(),
  });
});
afterEach(() => {
  client.destroy();
  server.close();
  server.closeAllConnections();
});

const signal = () => new AbortController().signal;

describe('CommandSender', () => {
  it('sends the same request as the client, and returns the same output', async () => {
    const answers = [
      await client.send(new UpdateItemCommand(input)),
      await new CommandSender(client).send(UpdateItemCommand, input, signal()),
    ];

    const [ofClient, ofSender] = requests.map(({ headers, body }) => ({ headers: stableHeaders(headers), body }));
    expect(ofSender).toEqual(ofClient);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[1]).toMatchObject({ Attributes: item });
  });

  it('signs each request and sends the client’s user agent without the part per command', async () => {
    await client.send(new UpdateItemCommand(input));
    await new CommandSender(client).send(UpdateItemCommand, input, signal());

    const [ofClient, ofSender] = requests.map(({ headers }) => headers);
    expect(ofSender!.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
    );
    expect(ofSender!['user-agent']!.toLowerCase()).toBe(ofClient!['user-agent']!.replace(/ m\/.*/, '').toLowerCase());
  });

  it('resolves the middleware once per signal', async () => {
    let times = 0;
    client.middlewareStack.add(
      (next) => {
        times += 1;
        return next;
      },
      { step: 'initialize', name: 'counted' },
    );
    const sender = new CommandSender(client);
    for (const shared of [signal(), signal()]) {
      await Promise.all(Array.from({ length: 20 }, () => sender.send(UpdateItemCommand, input, shared)));
    }

    expect(requests).toHaveLength(40);
    expect(times).toBe(2);
  });

  it('returns each response to its command when many are in flight', async () => {
    respond = (response, nth) =>
      response.writeHead(200, type).end(JSON.stringify({ Attributes: { nth: { N: `${nth}` } } }));
    const sender = new CommandSender(client);
    const shared = signal();
    const answers = await Promise.all(Array.from({ length: 50 }, () => sender.send(UpdateItemCommand, input, shared)));

    const numbers = answers.map(({ Attributes }) => Number(Attributes?.nth?.N));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('retries a request after an error of the server', async () => {
    respond = (response, nth) =>
      nth === 1 ? response.writeHead(500, type).end('{}') : response.writeHead(200, type).end('{}');
    await new CommandSender(client).send(UpdateItemCommand, input, signal());

    expect(requests).toHaveLength(2);
  });

  it("rejects with the service's error and its item", async () => {
    const error = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Item: item };
    respond = (response) => response.writeHead(400, type).end(JSON.stringify(error));
    const failure = new CommandSender(client).send(UpdateItemCommand, input, signal());

    await expect(failure).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(failure).rejects.toMatchObject({ Item: item });
  });

  it('aborts the request in flight, and every later one, when the signal fires', async () => {
    const controller = new AbortController();
    respond = () => controller.abort();
    const sender = new CommandSender(client);

    for (let nth = 0; nth < 2; nth += 1) {
      await expect(sender.send(UpdateItemCommand, input, controller.signal)).rejects.toMatchObject({
        name: 'AbortError',
      });
    }
    expect(requests).toHaveLength(1);
  });

  it('reads a response in chunks, and retries a truncated one', async () => {
    const [text, cut] = [Buffer.from(JSON.stringify({ Attributes: { name: { S: 'größer' } } })), 27];
    respond = (response, nth) => {
      response.writeHead(200, { ...type, 'content-length': text.length });
      response.write(text.subarray(0, cut), () => (nth === 1 ? response.destroy() : response.end(text.subarray(cut))));
    };
    const sender = new CommandSender(client);
    const { Attributes } = await sender.send(UpdateItemCommand, input, signal());

    expect(Attributes).toEqual({ name: { S: 'größer' } });
    expect(requests).toHaveLength(2);
  });

  it('sends one request when one attempt is allowed, and the same bytes otherwise', async () => {
    respond = (response) => response.writeHead(500, type).end('{}');
    const once = new CommandSender(client, { attempts: 'one' });
    await expect(once.send(UpdateItemCommand, input as never, AbortSignal.timeout(60_000))).rejects.toThrow();
    expect(requests).toHaveLength(1);
    respond = (response) => response.writeHead(200, type).end(JSON.stringify({ Attributes: item }));
    const signal = AbortSignal.timeout(60_000);
    expect(await once.send(UpdateItemCommand, input as never, signal)).toMatchObject({ Attributes: item });
    expect(requests[1]!.body).toBe(requests[0]!.body);
  });
});

/** Returns the headers without the user agent and those that differ between requests. */
function stableHeaders({ host: _host, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  const variable = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'user-agent', 'x-amz-user-agent'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !variable.includes(name)));
}
