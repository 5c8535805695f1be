import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestSigner } from '../../../lambda/io/request-signer.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const region = 'eu-central-1';
const service = 'dynamodb';

/** The SDK's own signer, which is the oracle. */
function ofSdk(credentials: Credentials) {
  return new DynamoDBClient({ region, credentials }).config.signer({
    name: 'sigv4',
    signingName: service,
    signingRegion: region,
    properties: {},
  });
}

async function signersFor(credentials: Credentials) {
  const sdk = await ofSdk(credentials);
  return { sdk, ours: new RequestSigner({ credentials: async () => credentials, region, service }, sdk) };
}

interface Parts {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly path?: string;
  readonly method?: string;
  readonly query?: Record<string, string>;
}

function requestOf({ headers, ...parts }: Parts = {}): HttpRequest {
  return new HttpRequest({
    hostname: 'dynamodb.eu-central-1.amazonaws.com',
    method: 'POST',
    path: '/',
    body: '{}',
    ...parts,
    headers: {
      host: 'dynamodb.eu-central-1.amazonaws.com',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.UpdateItem',
      ...headers,
    },
  });
}

const letters = fc.stringMatching(/^[\w+/=-]{1,80}$/);
const anyCredentials = fc.record(
  { accessKeyId: letters, secretAccessKey: letters, sessionToken: letters },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const anyBody = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array());
const anyDate = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });

describe('a signer of requests', () => {
  it("signs as the SDK's own does, whatever the body, the credentials and the time", async () => {
    const property = fc.asyncProperty(
      anyCredentials,
      fc.array(fc.record({ body: anyBody, signingDate: anyDate, more: letters }), { minLength: 1, maxLength: 4 }),
      async (credentials, requests) => {
        const { sdk, ours } = await signersFor(credentials);
        for (const { body, signingDate, more } of requests) {
          const parts = { body, headers: { 'x-amz-more': more } };
          const { headers } = await ours.sign(requestOf(parts), { signingDate });
          expect(headers).toEqual((await sdk.sign(requestOf(parts), { signingDate })).headers);
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('takes the region and the service that it is asked for', async () => {
    const { sdk, ours } = await signersFor({ accessKeyId: 'id', secretAccessKey: 'secret' });
    const options = { signingDate: new Date(0), signingRegion: 'us-gov-west-1', signingService: 'other' };
    await ours.sign(requestOf());

    expect(await ours.sign(requestOf(), options)).toMatchObject({
      headers: (await sdk.sign(requestOf(), options)).headers,
    });
  });

  it('takes credentials that have changed, and signs a request anew that is tried again', async () => {
    let credentials: Credentials = { accessKeyId: 'one', secretAccessKey: 'secret', sessionToken: 'token' };
    const ours = new RequestSigner({ credentials: async () => credentials, region, service }, await ofSdk(credentials));
    const request = requestOf();
    await ours.sign(request, { signingDate: new Date(0) });
    credentials = { accessKeyId: 'two', secretAccessKey: 'other', sessionToken: 'newer' };
    const signingDate = new Date(1000);

    const { headers } = await (await ofSdk(credentials)).sign(requestOf(), { signingDate });
    expect((await ours.sign(request, { signingDate })).headers).toEqual(headers);
  });

  it('leaves headers out of the signature that others may change', async () => {
    const { ours } = await signersFor({ accessKeyId: 'id', secretAccessKey: 'secret' });
    const signingDate = new Date(0);
    const { authorization } = (await ours.sign(requestOf(), { signingDate })).headers;
    const headers = {
      'user-agent': 'any',
      'amz-sdk-request': 'attempt=2',
      'X-Amzn-Trace-Id': 'Root=1',
      connection: 'x',
    };

    expect((await ours.sign(requestOf({ headers }), { signingDate })).headers).toMatchObject({
      authorization,
      ...headers,
    });
  });

  it.each<[string, Parts]>([
    ['method', { method: 'GET' }],
    ['path', { path: '/table/../other path' }],
    ['query', { query: { list: '2' } }],
    ['body', { body: undefined as never }],
  ])("leaves a request of another %s to the SDK's signer", async (_, parts) => {
    const { sdk, ours } = await signersFor({ accessKeyId: 'id', secretAccessKey: 'secret' });
    const options = { signingDate: new Date(0) };

    expect((await ours.sign(requestOf(parts), options)).headers).toEqual(
      (await sdk.sign(requestOf(parts), options)).headers,
    );
  });
});
