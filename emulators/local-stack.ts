import { once } from 'node:events';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import dynalite from 'dynalite';
import type { FauxqsServer } from 'fauxqs';
import type { Clients } from '../lambda/aws/clients.ts';
import { environmentNames } from '../lambda/config.ts';
import type { Item } from '../lambda/count/counter-item.ts';

const tableName = 'counters';
const journalTableName = 'journal';
const topicName = 'alerts';
const queueName = 'alert-inbox';
const region = 'us-east-1';
/** The account of the embedded SNS. */
const account = '000000000000';
const topicArn = `arn:aws:sns:${region}:${account}:${topicName}`;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The CreateTable parameters of the counter table; a test compares them with the table of lib/detector/counter-table.ts. */
export const counterTableSchema = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

/** The CreateTable parameters of the context table; a test compares them with the table of lib/detector/context-table.ts. */
export const contextTableSchema = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'S' as const },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

/** The CreateTable parameters of the table of the journal; a test compares them with that of lib/detector/journal-table.ts. */
export const journalTableSchema = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'S' as const },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

/** One alert as a queue receives it from the topic. */
export interface ReceivedAlert {
  readonly subject: string;
  /** The text of an e-mail subscription. */
  readonly text: string;
  /** The JSON of a queue subscription. */
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The transport and the retries of a client. */
export type ClientOptions = Required<Pick<DynamoDBClientConfig, 'requestHandler' | 'retryStrategy'>>;

/** AWS on a laptop: DynamoDB with the counter table and the journal's, SNS with the alert topic and a subscribed queue, and S3 without buckets. */
export interface LocalStack {
  readonly clients: Clients;
  /** The functions' environment variables that name the tables and the topic. */
  readonly environment: Readonly<Record<string, string>>;
  /** Creates further clients, with other options. */
  createClients(options: ClientOptions): Clients;
  /** Reads all items of the counter table. */
  items(): Promise<Item[]>;
  /** Returns the alerts that the queue has received so far, in order. */
  alerts(): ReceivedAlert[];
  /** Empties the tables and the queue. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** A DynamoDB server that replaces the embedded one. */
export interface DynamoDbServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts an empty stack in this process; the clients reach it over HTTP on loopback. SNS, SQS and S3 start at their first
 * request: they take a quarter of a short run, and most runs send no alert.
 */
export async function startLocalStack(
  startDynamoDb: () => Promise<DynamoDbServer> = startDynalite,
): Promise<LocalStack> {
  const dynamoServer = await startDynamoDb();
  let messaging: FauxqsServer | undefined;
  let starting: Promise<FauxqsServer> | undefined;
  const messagingEndpoint = async () => {
    starting ??= startMessaging();
    messaging = await starting;
    return { url: new URL(`http://127.0.0.1:${messaging.port}`) };
  };
  const agent = new Agent({ keepAlive: true });
  const inFlight = new Set<Promise<unknown>>();
  const requestHandler = trackRequests(new NodeHttpHandler({ httpAgent: agent }), inFlight);
  const client = { region, credentials, requestHandler };
  const dynamoDb = new DynamoDBClient({ ...client, endpoint: dynamoServer.endpoint });
  const sns = new SNSClient({ ...client, endpoint: messagingEndpoint });
  const s3 = async (options?: ClientOptions): Promise<S3Client> => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    return new S3Client({ ...client, ...options, endpoint: messagingEndpoint, forcePathStyle: true });
  };
  await dynamoDb.send(new CreateTableCommand({ TableName: tableName, ...counterTableSchema }));
  await dynamoDb.send(new CreateTableCommand({ TableName: journalTableName, ...journalTableSchema }));
  for (const name of [tableName, journalTableName]) while (!(await isActive(dynamoDb, name)));
  return {
    clients: { dynamoDb, sns, s3 },
    createClients: (options) => ({
      dynamoDb: new DynamoDBClient({ ...client, ...options, endpoint: dynamoServer.endpoint }),
      sns: new SNSClient({ ...client, ...options, endpoint: messagingEndpoint }),
      s3: () => s3(options),
    }),
    environment: {
      [environmentNames.tableName]: tableName,
      [environmentNames.journalTableName]: journalTableName,
      [environmentNames.topicArn]: topicArn,
    },
    items: () => scan(dynamoDb, tableName),
    alerts: () => (messaging ? receivedAlerts(messaging) : []),
    async clear() {
      messaging?.reset();
      for (const name of [tableName, journalTableName]) {
        for (const { pk, sk } of await scan(dynamoDb, name)) {
          const key = { pk, ...(name === journalTableName && { sk }) } as Record<string, AttributeValue>;
          await dynamoDb.send(new DeleteItemCommand({ TableName: name, Key: key }));
        }
      }
    },
    async stop() {
      await Promise.allSettled(inFlight);
      agent.destroy();
      dynamoDb.destroy();
      sns.destroy();
      await messaging?.stop();
      await dynamoServer.stop();
    },
  };
}

/** Starts SNS with the alert topic and a subscribed queue. Its server is imported only here: it has 400 modules. */
async function startMessaging(): Promise<FauxqsServer> {
  const { startFauxqs } = await import('fauxqs');
  const messaging = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: region });
  const created = messaging.createTopic(topicName);
  if (created.topicArn !== topicArn) throw new Error(`the topic is ${created.topicArn}, expected ${topicArn}`);
  messaging.createQueue(queueName);
  messaging.subscribe({ topic: topicName, queue: queueName });
  return messaging;
}

/** Tracks the requests in flight: dynalite ends the process if it is closed during a request. */
function trackRequests(handler: NodeHttpHandler, inFlight: Set<Promise<unknown>>): NodeHttpHandler {
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options) => {
    const response = handle(request, options);
    inFlight.add(response);
    response.catch(() => {}).finally(() => inFlight.delete(response));
    return response;
  };
  return handler;
}

async function startDynalite(): Promise<DynamoDbServer> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Returns whether the table exists; dynalite creates it in about a millisecond. */
async function isActive(client: DynamoDBClient, name: string): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  return Table?.TableStatus === 'ACTIVE';
}

async function scan(client: DynamoDBClient, name: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: name })) items.push(...(Items as Item[]));
  return items;
}

interface Notification {
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageAttributes?: Record<string, { readonly Value: string }>;
}

/** Reads the queue. fauxqs delivers all texts of a message; this picks the subscription's text, as SNS does. */
function receivedAlerts(messaging: FauxqsServer): ReceivedAlert[] {
  const messages = messaging.inspectQueue(queueName)?.messages.ready ?? [];
  return messages.map(({ body }) => {
    const { Subject = '', Message, MessageAttributes = {} } = JSON.parse(body) as Notification;
    const texts = JSON.parse(Message) as { default: string; email: string };
    const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]);
    return { subject: Subject, text: texts.email, body: texts.default, attributes: Object.fromEntries(attributes) };
  });
}
