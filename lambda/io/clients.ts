import { Agent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { concurrency } from '../ports.ts';

/** The AWS services that the function talks to. */
export interface Clients {
  readonly dynamoDb: DynamoDBClient;
  readonly sns: SNSClient;
}

/**
 * The clients, for the account, region and endpoints that the environment names. An answer that does not come within
 * seconds is asked for again: the function has its own deadline, and Firehose tries the batch again after it.
 */
export function createClients(): Clients {
  const requestHandler = new NodeHttpHandler({
    httpsAgent: new Agent({ keepAlive: true, maxSockets: concurrency }),
    connectionTimeout: 2000,
    requestTimeout: 5000,
    throwOnRequestTimeout: true,
  });
  return {
    dynamoDb: new DynamoDBClient({ requestHandler, maxAttempts: 5 }),
    sns: new SNSClient({ requestHandler, maxAttempts: 5 }),
  };
}
