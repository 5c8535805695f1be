import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { contextTableSchema, type LocalStack } from '../../emulators/local-stack.ts';
import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { createEc2Client } from '../../lambda/aws/ec2-describe.ts';
import type { EmfTelemetry } from '../../lambda/aws/emf-telemetry.ts';
import { environmentNames } from '../../lambda/config.ts';
import { createContextFollowUps } from '../../lambda/context-follow-ups.ts';
import { createContextHandler } from '../../lambda/context-handler.ts';
import { ContextFeed } from './context-feed.ts';
import type { RunEvents } from './run-event.ts';

/** The name of the context table on an embedded stack. */
const tableName = 'context';

/** The variables by which the functions of a stack find the context table. */
export const contextEnvironment = {
  [environmentNames.contextTableName]: tableName,
  [environmentNames.contextQueueUrl]: 'http://127.0.0.1/context',
};

/** What the context function of a run needs besides its events. */
export interface StackContextOptions {
  readonly stack: LocalStack;
  /** The variables of the functions, with contextEnvironment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sources: AddressSources | undefined;
  readonly createTelemetry: (stackName: string) => EmfTelemetry;
}

/**
 * Creates the context table on an embedded stack, and the context function, which the events of a run reach at their times.
 */
export async function contextOnStack(
  { events, places }: RunEvents,
  { stack, environment, sources, createTelemetry }: StackContextOptions,
): Promise<ContextFeed> {
  const { dynamoDb } = stack.clients;
  await dynamoDb.send(new CreateTableCommand({ TableName: tableName, ...contextTableSchema }));
  const isActive = async () =>
    (await dynamoDb.send(new DescribeTableCommand({ TableName: tableName }))).Table?.TableStatus === 'ACTIVE';
  while (!(await isActive()));
  const following = createContextFollowUps(environment, stack.clients, createTelemetry, () => feed.now, sources);
  let lookAgainSeconds: number | undefined;
  // The queue would bring the event again after its delay in real time; the run has its own time.
  const after: (typeof following)['after'] = async (...given) => {
    ({ lookAgainSeconds } = await following.after(...given));
    return {};
  };
  const options = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const clients = { dynamoDb, ec2: createEc2Client(options), sqs: new SQSClient(options) };
  const handler = createContextHandler(
    environment,
    clients,
    { after },
    () => feed.now,
    () => places,
  );
  const feed = new ContextFeed(events, async ({ time, first, event, raw, isFirst }) => {
    lookAgainSeconds = undefined;
    const record = {
      messageId: event.id,
      body: JSON.stringify(raw),
      attributes: { SentTimestamp: String(time * 1000) },
      messageAttributes: isFirst ? {} : { looks: numberOf(1), firstLook: numberOf(first) },
    };
    const invokedFunctionArn = `arn:aws:lambda:${event.region}:${event.account}:function:context`;
    const { batchItemFailures } = await handler(
      { Records: [record] },
      { getRemainingTimeInMillis: () => 60_000, invokedFunctionArn },
    );
    if (batchItemFailures.length > 0) throw new Error(`the context function failed on event ${event.id}`);
    return lookAgainSeconds;
  });
  return feed;
}

/** Returns an attribute of a message as Lambda gives it. */
function numberOf(value: number) {
  return { dataType: 'Number', stringValue: String(value) };
}
