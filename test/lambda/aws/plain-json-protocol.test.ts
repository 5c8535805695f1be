import { Readable } from 'node:stream';
import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { HttpRequest } from '@smithy/core/protocols';
import { HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PlainJsonProtocol } from '../../../lambda/aws/plain-json-protocol.ts';

const text = fc.string({ unit: 'binary' });
const name = fc.string({ unit: 'binary', minLength: 1 }).filter((key) => key !== '__proto__');
const bytes = fc.uint8Array();
const { attribute } = fc.letrec<{ attribute: AttributeValue }>((tie) => ({
  attribute: fc.oneof(
    { maxDepth: 3 },
    fc.record({ S: text }),
    fc.record({ N: fc.bigInt().map(String) }),
    fc.record({ B: bytes }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true) }),
    fc.record({ SS: fc.array(text) }),
    fc.record({ NS: fc.array(fc.integer().map(String)) }),
    fc.record({ BS: fc.array(bytes) }),
    fc.record({ L: fc.array(tie('attribute')) }),
    fc.record({ M: fc.dictionary(name, tie('attribute'), { noNullPrototype: true }) }),
  ) as fc.Arbitrary<AttributeValue>,
}));
const input = fc.record(
  {
    TableName: fc.constant('counters'),
    Key: fc.record({ pk: fc.record({ S: text }) }),
    UpdateExpression: text,
    ConditionExpression: fc.option(text, { nil: undefined }),
    ExpressionAttributeNames: fc.dictionary(name, text, { noNullPrototype: true }),
    ExpressionAttributeValues: fc.dictionary(name, attribute, { noNullPrototype: true }),
  },
  { requiredKeys: ['TableName', 'Key'] },
);

interface Client {
  readonly client: DynamoDBClient;
  readonly requests: HttpRequest[];
}

/** Creates a client that records its requests and receives the same response to each. */
function clientOf(settings: { readonly protocol?: typeof PlainJsonProtocol }): Client {
  const requests: HttpRequest[] = [];
  const client = new DynamoDBClient({
    ...settings,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: {
      async handle(request: HttpRequest) {
        requests.push(request);
        const body = Readable.from([Buffer.from('{"Attributes":{"p":{"B":"AAEC"},"n":{"N":"1"}}}')]);
        return { response: new HttpResponse({ statusCode: 200, headers: {}, body }) };
      },
    },
  });
  return { client, requests };
}

it('sends the same request as the SDK’s protocol, and reads the same response', async () => {
  const [plain, sdk] = [clientOf({ protocol: PlainJsonProtocol }), clientOf({})];
  await fc.assert(
    fc.asyncProperty(input, async (parameters) => {
      const responses = [];
      for (const { client } of [plain, sdk])
        responses.push(await client.send(new UpdateItemCommand(parameters as never)));
      const [ours, theirs] = [plain, sdk].map(({ requests }) => requests.pop()!);

      expect(JSON.parse(ours!.body)).toEqual(JSON.parse(new TextDecoder().decode(theirs!.body)));
      for (const header of ['content-type', 'x-amz-target', 'host']) {
        expect(ours!.headers[header]).toBe(theirs!.headers[header]);
      }
      expect(Number(ours!.headers['content-length'])).toBe(Buffer.byteLength(ours!.body));
      expect(responses[0]!.Attributes).toEqual(responses[1]!.Attributes);
      expect(responses[0]!.Attributes).toEqual({ p: { B: Uint8Array.of(0, 1, 2) }, n: { N: '1' } });
    }),
  );
});

it('replaces a lone surrogate, for which the SDK sends invalid UTF-8', async () => {
  const { client, requests } = clientOf({ protocol: PlainJsonProtocol });
  await client.send(new UpdateItemCommand({ TableName: 'counters', Key: { pk: { S: 'a\ud83d' } } }));

  expect(JSON.parse(requests[0]!.body).Key).toEqual({ pk: { S: 'a\ufffd' } });
});
