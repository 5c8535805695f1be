import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { environmentNames, readContextConfig } from '../../lambda/config.ts';
import { bundling, loaders, stubAliases } from '../detector/bundling.ts';
import type { ContextTable } from '../detector/context-table.ts';
import type { CounterTable } from '../detector/counter-table.ts';
import { type Detector, withRules } from '../detector/detector.ts';
import { functionRole } from '../detector/function-role.ts';
import type { NameTable } from '../detector/name-table.ts';
import { grantReadObjects } from '../detector/s3-object-access.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';
import { type ContextQueue, contextTimeout } from './context-queue.ts';

const root = join(import.meta.dirname, '../..');

/** The function's memory in MB: as that of the detector, since it has the same rules and lists. */
const memory = 1024;

/** Lambda's default and most without a wait for a batch (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const batchSize = 10;

/** The least that SQS may have: a burst waits in the queue, and takes no concurrency of the functions that count. */
const maxConcurrency = 2;

export interface ContextFunctionProps {
  readonly table: ContextTable;
  readonly queue: ContextQueue;
  /** The function whose environment and rules this function shares. */
  readonly detector: Detector;
  readonly counters: CounterTable;
  readonly topic: AlertTopic;
  /**
   * The names of addresses in alerts.
   *
   * @default none
   */
  readonly names?: NameTable | undefined;
  /**
   * The key that encrypts the log.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  readonly settings: Pick<Settings, 'guardDutyAnswers'>;
}

/**
 * The function that stores GuardDuty findings and network changes by the hosts that they concern, and follows them up: rules on
 * events, updates of alerts, and answers to findings. It runs beside the functions that count: docs/decisions/0049. No concurrency
 * is reserved, since that fails in accounts with the least quota.
 */
export class ContextFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: ContextFunctionProps) {
    super(scope, id);
    const { table, queue, detector, counters, topic, names, encryptionKey, settings } = props;
    const { role, logGroup } = functionRole(this, encryptionKey);
    const { code: _, environment: shared, ...common } = detector.shared;
    const environment = {
      ...shared,
      [environmentNames.contextQueueUrl]: queue.queue.queueUrl,
      [environmentNames.guardDutyAnswers]: settings.guardDutyAnswers,
    };
    // An environment that the function would reject at its start fails the synth.
    readContextConfig(environment);
    this.function = withRules(
      JSON.stringify(detector.ruleSet),
      (commandHooks) =>
        new NodejsFunction(this, 'Function', {
          ...common,
          environment,
          description: 'Stores findings and network changes by their hosts',
          entry: join(root, 'lambda/context-index.ts'),
          depsLockFilePath: join(root, 'package-lock.json'),
          memorySize: memory,
          timeout: contextTimeout,
          role,
          logGroup,
          bundling: {
            ...bundling,
            // These clients come from the runtime: no alert waits for this function to start.
            externalModules: ['@aws-sdk/client-ec2', '@aws-sdk/client-s3', '@aws-sdk/client-sqs'],
            loader: { ...loaders },
            esbuildArgs: { '--alias': [...stubAliases] },
            commandHooks,
          },
        }),
    );
    table.grantStore(role);
    queue.grantHandle(role);
    counters.grantCount(role);
    topic.grantPublish(role);
    names?.grantReadAndPut(role);
    grantReadObjects(role, detector.objectsRead);
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
