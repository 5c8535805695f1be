import { Agent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { concurrency } from '../count/counter-store.ts';
import { PlainJsonProtocol } from './plain-json-protocol.ts';
import { Sha256 } from './sha256.ts';

/** The AWS services that the function talks to. */
export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly sns: SNSClient;
  /** Makes one when a list of networks is in S3: its SDK is Lambda's own, and not in the bundle. */
  readonly s3: () => Promise<S3Client>;
}

/**
 * The clients, for the account, region and endpoints that the environment names. An answer that does not come within
 * seconds is asked for again: the function has its own deadline, and Firehose tries the batch again after it.
 */
export function createClients(): Clients {
  const timeouts = { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true };
  const httpsAgent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const requestHandler = new NodeHttpHandler({ httpsAgent, ...timeouts });
  const settings = { requestHandler, maxAttempts: 5, sha256: Sha256 };
  return {
    dynamoDb: withOneSigner(new DynamoDBClient({ ...settings, protocol: PlainJsonProtocol })),
    sns: new SNSClient(settings),
    s3: async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      return new S3Client({ requestHandler: timeouts });
    },
  };
}

/** The client makes a signer of its whole configuration anew for each command. */
function withOneSigner(client: DynamoDBClient): DynamoDBClient {
  const { signer: createSigner } = client.config;
  let signer: ReturnType<typeof createSigner> | undefined;
  client.config.signer = (authScheme) => {
    signer ??= createSigner(authScheme);
    return signer;
  };
  return client;
}
