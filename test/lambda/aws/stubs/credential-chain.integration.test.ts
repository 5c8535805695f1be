import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultProvider as ofSdk } from '@aws-sdk/credential-provider-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultProvider as ofFunction } from '../../../../lambda/aws/stubs/credential-chain.ts';

const names = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];
const start = Date.parse('2026-01-01T00:00:00Z');
const minutes = (count: number) => start + 60_000 * count;

let server: Server;
let requests: number;

beforeEach(async () => {
  for (const name of names) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere');
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  requests = 0;
  server = createServer((_request, response) => {
    requests += 1;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.end(
      JSON.stringify({ AccessKeyId: `id${requests}`, SecretAccessKey: 'secret', Token: 'token', Expiration }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function startContainer(): void {
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/credentials`);
}

// Both must behave alike: the function's provider replaces the SDK's chain.
describe.each([
  ['the function', ofFunction],
  ['the SDK', ofSdk],
])('the credentials of %s', (_of, defaultProvider) => {
  it('come from the environment when a container has others', async () => {
    startContainer();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');

    const credentials = await defaultProvider()();
    expect(credentials).toMatchObject({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' });
    expect(requests).toBe(0);
  });

  it('are requested once and cached until five minutes before they expire', async () => {
    startContainer();
    const provider = defaultProvider();
    const first = await Promise.all([provider(), provider()]);
    vi.setSystemTime(minutes(55));

    const all = [...first, await provider()];
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['id1', 'id1', 'id1']);
    expect(requests).toBe(1);
  });

  it('are returned in their last minutes while they are renewed', async () => {
    startContainer();
    const provider = defaultProvider();
    await provider();
    vi.setSystemTime(minutes(56));

    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    await vi.waitFor(async () => expect(await provider()).toMatchObject({ accessKeyId: 'id2' }));
    expect(requests).toBe(2);
  });

  it('are returned until they expire when they cannot be renewed', async () => {
    startContainer();
    const provider = defaultProvider();
    await provider();
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://192.0.2.1/');
    vi.setSystemTime(minutes(59));

    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    vi.setSystemTime(minutes(61));
    await expect(provider()).rejects.toMatchObject({ name: 'CredentialsProviderError' });
    startContainer();
    expect(await provider()).toMatchObject({ accessKeyId: 'id2' });
  });
});

describe('missing credentials', () => {
  it('are an error that lists the expected variables', async () => {
    await expect(ofFunction()()).rejects.toThrow(
      /^credentials are missing: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or /,
    );
  });

  it('are an error with the reason when a container is named', async () => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://192.0.2.1/');

    await expect(ofFunction()()).rejects.toThrow('URL not accepted');
  });
});
