import { RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, type ITable, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainedOnceCreated } from '../security/retain-with-policy.ts';
import type { Settings } from '../settings/settings.ts';

export interface CounterTableProps
  extends Partial<Pick<Settings, 'counting' | 'provisionedWrites' | 'warmWrites' | 'maxWrites'>> {
  /**
   * The key that encrypts the table.
   *
   * @default a key that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /**
   * Whether the table outlives the stack.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * The percentage of provisioned capacity that autoscaling aims to use; the rest absorbs a burst. A flush of the journal can
 * wait for capacity, and delays no batch: DynamoDB allows at most 90 (Developer Guide, "Managing throughput capacity").
 */
const targetUtilization = { direct: 70, journal: 90 } as const;

/**
 * A retried batch reads items, and each process reads a slot of presence once (lambda/count/known-slots.ts). A tenth of the
 * writes is enough for a few processes; autoscaling adds reads for many.
 */
const writesPerRead = 10;

/**
 * The table of all counters: one item for each pair of addresses, and for each other key that a rule groups by. Capacity
 * is on demand, since traffic has no schedule; `provisionedWrites` costs less for predictable traffic. CloudFormation
 * changes the capacity in place.
 */
export class CounterTable extends Construct {
  readonly table: ITable;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, props: CounterTableProps = {}) {
    super(scope, id);
    const { encryptionKey, protect = true, counting = 'direct', provisionedWrites, warmWrites, maxWrites } = props;
    this.#encryptionKey = encryptionKey;
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      ...(provisionedWrites
        ? {
            billingMode: BillingMode.PROVISIONED,
            writeCapacity: provisionedWrites.min,
            readCapacity: readsFor(provisionedWrites.min),
          }
        : { billingMode: BillingMode.PAY_PER_REQUEST }),
      // Without warming, a new table accepts 4,000 writes a second and scales with its load (DynamoDB Developer Guide,
      // "On-demand capacity mode, initial throughput").
      ...(warmWrites !== undefined && { warmThroughput: { writeUnitsPerSecond: warmWrites } }),
      // Requests above the maximum are throttled, so that they cost nothing (same guide, "Maximum throughput for on-demand
      // tables"). It is not exact: a burst may exceed it for a moment.
      ...(maxWrites !== undefined && { maxWriteRequestUnits: maxWrites }),
      timeToLiveAttribute: 'expiresAt',
      // Counters cannot be computed again: any second of the last 35 days can be restored (same guide, "Point-in-time
      // backups").
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }),
      // Without `deletionProtection`: CloudFormation could not take the table back when a first deployment fails. An operator
      // switches the protection on after it, and no later deployment changes it (docs/decisions/0025).
      removalPolicy: protect ? retainedOnceCreated : RemovalPolicy.DESTROY,
    });
    if (provisionedWrites) {
      const { min, max } = provisionedWrites;
      const scaled = { targetUtilizationPercent: targetUtilization[counting] };
      table.autoScaleWriteCapacity({ minCapacity: min, maxCapacity: max }).scaleOnUtilization(scaled);
      table.autoScaleReadCapacity({ minCapacity: readsFor(min), maxCapacity: max }).scaleOnUtilization(scaled);
    }
    this.table = table as ITable;
  }

  /**
   * Returns a metric of the table as sums.
   *
   * @param operation the API operation, for metrics that DynamoDB publishes only per operation
   */
  metric(metricName: string, operation?: string): Metric {
    const dimensionsMap = { TableName: this.table.tableName, ...(operation !== undefined && { Operation: operation }) };
    return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum' });
  }

  /**
   * Grants the permissions for counting: updating an item, reading it after a failed condition, and looking up which
   * batches are completely counted.
   */
  grantCount(grantee: IGrantable): Grant {
    const onTable = Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:UpdateItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem'],
      resourceArns: [this.table.tableArn],
    });
    return this.#encryptionKey ? onTable.combine(this.#encryptionKey.grant(grantee, 'count')) : onTable;
  }
}

/** Returns the read units to provision for a number of write units. */
function readsFor(writes: number): number {
  return Math.ceil(writes / writesPerRead);
}
