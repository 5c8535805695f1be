import { Agent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { createDefaultUserAgentProvider } from '@aws-sdk/core/client';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { concurrency } from '../count/counter-store.ts';
import { PatientRetryStrategy } from './patient-retry-strategy.ts';
import { PlainJsonProtocol } from './plain-json-protocol.ts';
import { Sha256 } from './sha256.ts';

/** The clients of the AWS services that the function calls. */
export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly sns: SNSClient;
  /**
   * Returns the client for network lists and the geo table in S3. Its SDK comes with Lambda's runtime and is not in the
   * bundle.
   */
  readonly s3: () => Promise<S3Client>;
}

/**
 * Creates the clients for the environment's account, region and endpoints. A request without a response in five seconds
 * is retried; requests to the table until the deadline of the function, after which Firehose retries the batch.
 */
export function createClients(): Clients {
  const timeouts = { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true };
  const httpsAgent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const requestHandler = new NodeHttpHandler({ httpsAgent, ...timeouts });
  const settings = { requestHandler, sha256: Sha256 };
  let s3: Promise<S3Client> | undefined;
  return {
    dynamoDb: withOneSigner(
      new DynamoDBClient({
        ...settings,
        ...userAgentOf('DynamoDB'),
        protocol: PlainJsonProtocol,
        retryStrategy: new PatientRetryStrategy(),
      }),
    ),
    sns: new SNSClient({ ...settings, ...userAgentOf('SNS'), maxAttempts: 5 }),
    s3: () => {
      s3 ??= import('@aws-sdk/client-s3').then(({ S3Client }) => new S3Client({ requestHandler: timeouts }));
      return s3;
    },
  };
}

/** The version of the SDK's clients, for their user agent: the bundle does not contain their package.json. */
export const sdkVersion = '3.1164.0';

function userAgentOf(serviceId: string) {
  return { defaultUserAgentProvider: createDefaultUserAgentProvider({ serviceId, clientVersion: sdkVersion }) };
}

/** Reuses one signer; the client would create one from its complete configuration for each command. */
function withOneSigner(client: DynamoDBClient): DynamoDBClient {
  const { signer: createSigner } = client.config;
  let signer: ReturnType<typeof createSigner> | undefined;
  client.config.signer = (authScheme) => {
    signer ??= createSigner(authScheme);
    return signer;
  };
  return client;
}
