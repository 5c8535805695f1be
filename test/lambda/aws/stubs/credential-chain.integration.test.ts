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
let asked: number;

beforeEach(async () => {
  for (const name of names) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere');
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  asked = 0;
  server = createServer((_request, answer) => {
    asked += 1;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    answer.end(JSON.stringify({ AccessKeyId: `id${asked}`, SecretAccessKey: 'secret', Token: 'token', Expiration }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function haveContainer(): void {
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/credentials`);
}

// The SDK's own chain is what the function's has the place of.
describe.each([
  ['the function', ofFunction],
  ['the SDK', ofSdk],
])('the credentials of %s', (_of, defaultProvider) => {
  it('are those of the environment, before those of a container', async () => {
    haveContainer();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');

    const credentials = await defaultProvider()();
    expect(credentials).toMatchObject({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' });
    expect(asked).toBe(0);
  });

  it('are asked for once, and remembered until five minutes before they expire', async () => {
    haveContainer();
    const provider = defaultProvider();
    const first = await Promise.all([provider(), provider()]);
    vi.setSystemTime(minutes(55));

    const all = [...first, await provider()];
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['id1', 'id1', 'id1']);
    expect(asked).toBe(1);
  });

  it('are answered in their last minutes while others are on their way', async () => {
    haveContainer();
    const provider = defaultProvider();
    await provider();
    vi.setSystemTime(minutes(56));

    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    await vi.waitFor(async () => expect(await provider()).toMatchObject({ accessKeyId: 'id2' }));
    expect(asked).toBe(2);
  });

  it('are those that there are as long as they hold, where there are no others', async () => {
    haveContainer();
    const provider = defaultProvider();
    await provider();
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://192.0.2.1/');
    vi.setSystemTime(minutes(59));

    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    expect(await provider()).toMatchObject({ accessKeyId: 'id1' });
    vi.setSystemTime(minutes(61));
    await expect(provider()).rejects.toMatchObject({ name: 'CredentialsProviderError' });
    haveContainer();
    expect(await provider()).toMatchObject({ accessKeyId: 'id2' });
  });
});

describe('credentials that cannot be had', () => {
  it('are an error that says what is taken', async () => {
    await expect(ofFunction()()).rejects.toThrow(
      /^no credentials: the function takes those of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or of /,
    );
  });

  it('are an error that says why, where a container is named', async () => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://192.0.2.1/');

    await expect(ofFunction()()).rejects.toThrow('URL not accepted');
  });
});
