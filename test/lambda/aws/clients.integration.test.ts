import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, vi } from 'vitest';
import { createClients, sdkVersion } from '../../../lambda/aws/clients.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('signs with the region and the credentials of the environment', async () => {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    requests.push(headers);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-south-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  const { dynamoDb } = createClients();
  try {
    await dynamoDb.send(new UpdateItemCommand({ TableName: 'counters', Key: { pk: { S: 'pair' } } }));
  } finally {
    dynamoDb.destroy();
    server.close();
  }

  expect(requests).toHaveLength(1);
  expect(requests[0]!['x-amz-security-token']).toBe('token');
  expect(requests[0]!.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-south-2\/dynamodb\/aws4_request, SignedHeaders=\S*host;\S*, Signature=[0-9a-f]{64}$/,
  );
});

it('names the installed version of the SDK in the user agent', () => {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(sdkVersion).toBe(dependencies['@aws-sdk/client-dynamodb']);
  expect(sdkVersion).toBe(dependencies['@aws-sdk/client-sns']);
});
