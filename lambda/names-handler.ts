import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import pMap from 'p-map';
import type { Environment } from './adapters.ts';
import { createEc2Client, ec2Describe } from './aws/ec2-describe.ts';
import { NameTelemetry } from './aws/name-telemetry.ts';
import { readNameEntries } from './aws/read-name-entries.ts';
import { FlowError } from './common/errors.ts';
import { environmentNames } from './config.ts';
import { isDue, type NameEntry } from './names/name-entry.ts';
import { entryItem, readRequestItem } from './names/name-items.ts';
import { type NameKey, nameKeyText } from './names/name-key.ts';
import { lookUpNames } from './names/name-lookup.ts';

/** The function that looks names up; the stream of the table of names invokes it with requests. */
export type NamesHandler = (event: unknown) => Promise<void>;

/** The clients of the function. Their SDK comes with Lambda's runtime. */
export interface NameClients {
  readonly dynamoDb: DynamoDBClient;
  readonly ec2: EC2Client;
}

/** The most keys of an invocation: the most of one BatchGetItem, and half of the values that a filter may have. */
export const maxNamesPerInvocation = 100;

/** The time for all calls of EC2, in milliseconds. No alert waits for them. */
const maxMilliseconds = 3000;

/** The time for a request to the table, in milliseconds. */
const tableMilliseconds = 2000;

/** The writes in flight. */
const concurrency = 10;

/**
 * Creates the function: reads the configuration and creates the clients once per process. The function looks each name up
 * with one attempt, and writes down what it found, or why it found nothing.
 *
 * @param environment `NAME_TABLE_NAME` is required, `STACK_NAME` is the dimension of the metrics (default: `local`)
 * @param clock epoch seconds
 * @throws FlowError `CONFIG_INVALID` if the table's name is missing. The function rejects if the table fails
 */
export function createNamesHandler(
  environment: Environment,
  clients: NameClients = { dynamoDb: new DynamoDBClient({ maxAttempts: 1 }), ec2: createEc2Client() },
  clock: () => number = () => Math.floor(Date.now() / 1000),
): NamesHandler {
  const tableName = environment[environmentNames.nameTableName];
  if (!tableName) {
    const problem = `${environmentNames.nameTableName} is missing: expected the table of names`;
    throw new FlowError('CONFIG_INVALID', problem);
  }
  const telemetry = new NameTelemetry(environment[environmentNames.stackName] || 'local');
  return async (event) => {
    const wanted = requestedKeys(event).slice(0, maxNamesPerInvocation);
    if (wanted.length === 0) return;
    const now = clock();
    const { read, entries } = await readNameEntries(tableName, wanted, (input) =>
      clients.dynamoDb.send(new BatchGetItemCommand(input), { abortSignal: AbortSignal.timeout(tableMilliseconds) }),
    );
    const due = read.filter((key) => isDue(entries.get(nameKeyText(key)), now));
    if (due.length === 0) return;
    const describe = ec2Describe(clients.ec2, AbortSignal.timeout(maxMilliseconds), (error) =>
      telemetry.refused(error),
    );
    const found = await lookUpNames(due, entries, describe, now);
    const abortSignal = AbortSignal.timeout(tableMilliseconds);
    const put = (key: NameKey) => {
      const Item = entryItem(key, found.get(nameKeyText(key))!, now);
      return clients.dynamoDb.send(new PutItemCommand({ TableName: tableName, Item }), { abortSignal });
    };
    await pMap(due, put, { concurrency });
    telemetry.lookedUp([...found.values()].map(resultOf));
  };
}

/** Returns the distinct keys of an event of the table's stream (DynamoDB API Reference, "Record"). */
function requestedKeys(event: unknown): NameKey[] {
  const { Records } = (event ?? {}) as { readonly Records?: unknown };
  const records = Array.isArray(Records) ? (Records as { dynamodb?: { NewImage?: unknown } }[]) : [];
  const keys = records.flatMap((record) => readRequestItem(record?.dynamodb?.NewImage) ?? []);
  return [...new Map(keys.map((key) => [nameKeyText(key), key])).values()];
}

function resultOf({ missing }: NameEntry) {
  return missing?.reason ?? 'found';
}
