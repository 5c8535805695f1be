import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';
import { Architecture, EventSourceMapping, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { environmentNames, readContextConfig } from '../../lambda/config.ts';
import { bundling } from '../detector/bundling.ts';
import type { ContextTable } from '../detector/context-table.ts';
import { functionRole } from '../detector/function-role.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';
import { type ContextQueue, contextTimeout } from './context-queue.ts';

const root = join(import.meta.dirname, '../..');

/** The function's memory in MB: EC2's client is large. */
const memory = 512;

/** Lambda's default and most without a wait for a batch (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const batchSize = 10;

/** The least that SQS may have: a burst waits in the queue, and takes no concurrency of the functions that count. */
const maxConcurrency = 2;

export interface ContextFunctionProps {
  readonly table: ContextTable;
  readonly queue: ContextQueue;
  /**
   * The key that encrypts the log.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  readonly settings: Pick<Settings, 'tracing'>;
}

/**
 * The function that stores GuardDuty findings and network changes by the hosts that they concern. It runs beside the functions
 * that count and alert: docs/decisions/0049. No concurrency is reserved, since that fails in accounts with the least quota.
 */
export class ContextFunction extends Construct {
  readonly function: IFunction;
  readonly role: IRole;

  constructor(scope: Construct, id: string, { table, queue, encryptionKey, settings }: ContextFunctionProps) {
    super(scope, id);
    const { role, logGroup } = functionRole(this, encryptionKey);
    const environment = {
      [environmentNames.contextTableName]: table.tableName,
      [environmentNames.contextQueueUrl]: queue.queue.queueUrl,
      [environmentNames.contextDays]: String(table.days),
      [environmentNames.stackName]: Stack.of(this).stackName,
    };
    // An environment that the function would reject at its start fails the synth.
    readContextConfig(environment);
    this.role = role;
    this.function = new NodejsFunction(this, 'Function', {
      description: 'Stores findings and network changes by their hosts',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      entry: join(root, 'lambda/context-index.ts'),
      depsLockFilePath: join(root, 'package-lock.json'),
      memorySize: memory,
      timeout: contextTimeout,
      role,
      logGroup,
      bundling: {
        ...bundling,
        // The clients come from the runtime: no alert waits for this function to start.
        externalModules: ['@aws-sdk/client-dynamodb', '@aws-sdk/client-ec2', '@aws-sdk/client-sqs'],
      },
    });
    table.grantStore(role);
    queue.grantHandle(role);
    // The calls have no resource names (Service Authorization Reference, "Actions defined by Amazon EC2").
    Grant.addToPrincipal({
      grantee: role,
      actions: ['ec2:DescribeNetworkAcls', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeRouteTables'],
      resourceArns: ['*'],
    });
    const mapping = new EventSourceMapping(this, 'Events', {
      target: this.function,
      eventSourceArn: queue.queue.queueArn,
      batchSize,
      // A deployment makes many changes at once: a few seconds later, they are one invocation.
      maxBatchingWindow: Duration.seconds(5),
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    // Lambda checks at the creation of the mapping that the role may receive messages.
    mapping.node.addDependency(role);
  }
}
