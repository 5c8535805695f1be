import { Readable } from 'node:stream';
import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { HttpRequest } from '@smithy/core/protocols';
import { HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PlainJsonProtocol } from '../../../lambda/aws/plain-json-protocol.ts';

const text = fc.string({ unit: 'binary' });
const name = fc.string({ unit: 'binary', minLength: 1 }).filter((one) => one !== '__proto__');
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

/** A client that keeps its requests to itself, and is answered with an item. */
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

it('says to DynamoDB what the SDK would say, and reads its answer as the SDK does', async () => {
  const [own, sdk] = [clientOf({ protocol: PlainJsonProtocol }), clientOf({})];
  await fc.assert(
    fc.asyncProperty(input, async (parameters) => {
      const answers = [];
      for (const { client } of [own, sdk]) answers.push(await client.send(new UpdateItemCommand(parameters as never)));
      const [ours, theirs] = [own, sdk].map(({ requests }) => requests.pop()!);

      expect(JSON.parse(ours!.body)).toEqual(JSON.parse(new TextDecoder().decode(theirs!.body)));
      for (const header of ['content-type', 'x-amz-target', 'host']) {
        expect(ours!.headers[header]).toBe(theirs!.headers[header]);
      }
      expect(Number(ours!.headers['content-length'])).toBe(Buffer.byteLength(ours!.body));
      expect(answers[0]!.Attributes).toEqual(answers[1]!.Attributes);
      expect(answers[0]!.Attributes).toEqual({ p: { B: Uint8Array.of(0, 1, 2) }, n: { N: '1' } });
    }),
  );
});

it('replaces half a character, for which UTF-8 has nothing, where the SDK would send bytes that are no text', async () => {
  const { client, requests } = clientOf({ protocol: PlainJsonProtocol });
  await client.send(new UpdateItemCommand({ TableName: 'counters', Key: { pk: { S: 'a\ud83d' } } }));

  expect(JSON.parse(requests[0]!.body).Key).toEqual({ pk: { S: 'a\ufffd' } });
});
