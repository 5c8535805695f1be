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
/** How the server answers. */
let answer: (response: ServerResponse, nth: number) => void;

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
  answer = (response) => response.writeHead(200, type).end(JSON.stringify({ Attributes: item }));
  server = createServer(async (request, response) => {
    requests.push({ headers: request.headers, body: (await buffer(request)).toString() });
    answer(response, requests.length);
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

describe('a sender of commands', () => {
  it('sends what the client itself sends, and answers what it answers', async () => {
    const answers = [
      await client.send(new UpdateItemCommand(input)),
      await new CommandSender(client).send(UpdateItemCommand, input, signal()),
    ];

    const [ofClient, ofSender] = requests.map(({ headers, body }) => ({ headers: lasting(headers), body }));
    expect(ofSender).toEqual(ofClient);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[1]).toMatchObject({ Attributes: item });
  });

  it('signs each request, and says what sends it, but for what differs by command', async () => {
    await client.send(new UpdateItemCommand(input));
    await new CommandSender(client).send(UpdateItemCommand, input, signal());

    const [ofClient, ofSender] = requests.map(({ headers }) => headers);
    expect(ofSender!.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
    );
    expect(ofSender!['user-agent']!.toLowerCase()).toBe(ofClient!['user-agent']!.replace(/ m\/.*/, '').toLowerCase());
  });

  it('puts the steps together once for each signal', async () => {
    let times = 0;
    client.middlewareStack.add(
      (next) => {
        times += 1;
        return next;
      },
      { step: 'initialize', name: 'counted' },
    );
    const sender = new CommandSender(client);
    for (const under of [signal(), signal()]) {
      await Promise.all(Array.from({ length: 20 }, () => sender.send(UpdateItemCommand, input, under)));
    }

    expect(requests).toHaveLength(40);
    expect(times).toBe(2);
  });

  it('keeps answers to commands that are under way at once apart', async () => {
    answer = (response, nth) =>
      response.writeHead(200, type).end(JSON.stringify({ Attributes: { nth: { N: `${nth}` } } }));
    const sender = new CommandSender(client);
    const under = signal();
    const answers = await Promise.all(Array.from({ length: 50 }, () => sender.send(UpdateItemCommand, input, under)));

    const numbers = answers.map(({ Attributes }) => Number(Attributes?.nth?.N));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('tries again what the service could not take', async () => {
    answer = (response, nth) =>
      nth === 1 ? response.writeHead(500, type).end('{}') : response.writeHead(200, type).end('{}');
    await new CommandSender(client).send(UpdateItemCommand, input, signal());

    expect(requests).toHaveLength(2);
  });

  it("rejects with the service's error, and what it tells of the item", async () => {
    const error = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Item: item };
    answer = (response) => response.writeHead(400, type).end(JSON.stringify(error));
    const failure = new CommandSender(client).send(UpdateItemCommand, input, signal());

    await expect(failure).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(failure).rejects.toMatchObject({ Item: item });
  });

  it('gives up when the signal fires: a request under way, and all that come after it', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    const sender = new CommandSender(client);

    for (let nth = 0; nth < 2; nth += 1) {
      await expect(sender.send(UpdateItemCommand, input, controller.signal)).rejects.toMatchObject({
        name: 'AbortError',
      });
    }
    expect(requests).toHaveLength(1);
  });

  it('reads an answer that comes in pieces, and takes none that ends too early', async () => {
    const [text, cut] = [Buffer.from(JSON.stringify({ Attributes: { name: { S: 'größer' } } })), 27];
    answer = (response, nth) => {
      response.writeHead(200, { ...type, 'content-length': text.length });
      response.write(text.subarray(0, cut), () => (nth === 1 ? response.destroy() : response.end(text.subarray(cut))));
    };
    const sender = new CommandSender(client);
    const { Attributes } = await sender.send(UpdateItemCommand, input, signal());

    expect(Attributes).toEqual({ name: { S: 'größer' } });
    expect(requests).toHaveLength(2);
  });
});

/** Headers but those that differ from one request to the next, and the user agent. */
function lasting({ host: _host, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  const passing = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'user-agent', 'x-amz-user-agent'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.includes(name)));
}
