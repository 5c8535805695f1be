import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  Runtime,
  StartingPosition,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { environmentNames } from '../../lambda/config.ts';
import { wantedAttribute } from '../../lambda/names/name-items.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';
import { bundling } from './bundling.ts';
import { functionRole } from './function-role.ts';
import type { NameTable } from './name-table.ts';

const root = join(import.meta.dirname, '../..');

/** The function's memory in MB: EC2's client is large. */
const memory = 512;

/** The most requests of an invocation: lambda/names-handler.ts looks up as many. */
const batchSize = 100;

export interface NamesFunctionProps {
  readonly names: NameTable;
  /**
   * The key that encrypts the log.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  readonly settings: Pick<Settings, 'tracing'>;
}

/**
 * The function that looks names of addresses up, and writes them into their table. The requests in the table's stream
 * invoke it. An invocation that fails is not repeated: the next alert asks again.
 *
 * Lambda invokes it once at a time for each shard of the stream, so no concurrency is reserved: docs/decisions/0048.
 */
export class NamesFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { names, encryptionKey, settings }: NamesFunctionProps) {
    super(scope, id);
    const { role, logGroup } = functionRole(this, encryptionKey);
    this.function = new NodejsFunction(this, 'Function', {
      description: 'Looks up who has the addresses of alerts',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        [environmentNames.nameTableName]: names.tableName,
        [environmentNames.stackName]: Stack.of(this).stackName,
        NODE_OPTIONS: '--enable-source-maps',
      },
      entry: join(root, 'lambda/names-index.ts'),
      depsLockFilePath: join(root, 'package-lock.json'),
      memorySize: memory,
      timeout: Duration.seconds(10),
      role,
      logGroup,
      bundling: {
        ...bundling,
        // Both clients come from the runtime: no alert waits for this function to start.
        externalModules: ['@aws-sdk/client-dynamodb', '@aws-sdk/client-ec2'],
      },
    });
    names.grantReadAndPut(role);
    names.grantReadStream(role);
    // The calls have no resource names (Service Authorization Reference, "Actions defined by Amazon EC2").
    Grant.addToPrincipal({
      grantee: role,
      actions: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'],
      resourceArns: ['*'],
    });
    const mapping = new EventSourceMapping(this, 'Requests', {
      target: this.function,
      eventSourceArn: names.streamArn,
      startingPosition: StartingPosition.LATEST,
      batchSize,
      // The requests of one batch of alerts come together: one look-up for all.
      maxBatchingWindow: Duration.seconds(1),
      retryAttempts: 0,
      maxRecordAge: Duration.minutes(1),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or('INSERT', 'MODIFY'),
          dynamodb: { NewImage: { [wantedAttribute]: { S: FilterRule.exists() } } },
        }),
      ],
    });
    // Lambda checks at the creation of the mapping that the role may read the stream.
    mapping.node.addDependency(role);
  }
}
