import { SQSClient } from '@aws-sdk/client-sqs';
import { createClients } from './aws/clients.ts';
import { createEc2Client } from './aws/ec2-describe.ts';
import { createContextFollowUps } from './context-follow-ups.ts';
import { createContextHandler } from './context-handler.ts';

const clients = createClients();

/** The handler that Lambda calls with context events, from their queue. */
export const handler = createContextHandler(
  process.env,
  { dynamoDb: clients.dynamoDb, ec2: createEc2Client(), sqs: new SQSClient({}) },
  createContextFollowUps(process.env, clients),
);
