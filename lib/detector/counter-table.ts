import { RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import type { Settings } from '../settings/settings.ts';

export interface CounterTableProps extends Partial<Pick<Settings, 'provisionedWrites' | 'warmWrites'>> {
  /** What encrypts it, in place of a key that AWS owns. */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /** Whether it cannot be deleted, and stays when the stack goes. */
  readonly protect?: boolean;
}

/** Where autoscaling keeps what is used of what is bought, in percent: the rest takes a burst. */
const targetUtilization = 70;

/** An item is read only where an update did not hold, as in a batch that comes again: a tenth is enough to begin with. */
const writesPerRead = 10;

/**
 * The counters: one item for each pair of addresses, and for whatever else the rules group by. On demand, since traffic
 * has no schedule: a new table takes 4,000 writes a second at once (DynamoDB Developer Guide, "On-demand capacity mode,
 * initial throughput"), or as many as `warmWrites` says, and grows with its load. With `provisionedWrites` the capacity is
 * bought ahead, which costs less where the traffic is known. Both can be changed in place.
 *
 * Counters are history that cannot be made again, so the table can be restored to any second of its last 35 days (same
 * guide, "Point-in-time backups"), and is protected unless said otherwise.
 */
export class CounterTable extends Construct {
  readonly tableName: string;
  readonly #table: Table;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, props: CounterTableProps = {}) {
    super(scope, id);
    const { encryptionKey, protect = true, provisionedWrites, warmWrites } = props;
    this.#encryptionKey = encryptionKey;
    this.#table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      ...(provisionedWrites
        ? {
            billingMode: BillingMode.PROVISIONED,
            writeCapacity: provisionedWrites.min,
            readCapacity: readsFor(provisionedWrites.min),
          }
        : { billingMode: BillingMode.PAY_PER_REQUEST }),
      ...(warmWrites !== undefined && { warmThroughput: { writeUnitsPerSecond: warmWrites } }),
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }),
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    if (provisionedWrites) {
      const { min, max } = provisionedWrites;
      const scaled = { targetUtilizationPercent: targetUtilization };
      this.#table.autoScaleWriteCapacity({ minCapacity: min, maxCapacity: max }).scaleOnUtilization(scaled);
      this.#table.autoScaleReadCapacity({ minCapacity: readsFor(min), maxCapacity: max }).scaleOnUtilization(scaled);
    }
    this.tableName = this.#table.tableName;
  }

  /** The sums of a metric of the table, or of one kind of requests to it where DynamoDB has it by those only. */
  metric(metricName: string, operation?: string): Metric {
    const dimensionsMap = { TableName: this.tableName, ...(operation !== undefined && { Operation: operation }) };
    return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum' });
  }

  /**
   * To count is to update one item, and to read it again where a condition did not hold; and to look up which batches were
   * counted in whole: nothing else.
   */
  grantCount(grantee: IGrantable): Grant {
    const onTable = Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:UpdateItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem'],
      resourceArns: [this.#table.tableArn],
    });
    return this.#encryptionKey ? onTable.combine(this.#encryptionKey.grant(grantee, 'count')) : onTable;
  }
}

function readsFor(writes: number): number {
  return Math.ceil(writes / writesPerRead);
}
