import { RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, type ITable, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainedOnceCreated } from '../security/retain-with-policy.ts';

export interface JournalTableProps {
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
 * The table of the journal: pages of batches that are not counted yet, and the state of its lanes. It exists with both
 * values of `counting`, so that a change of the setting loses nothing. Without pages it costs nothing.
 */
export class JournalTable extends Construct {
  readonly table: ITable;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, { encryptionKey, protect = true }: JournalTableProps = {}) {
    super(scope, id);
    this.#encryptionKey = encryptionKey;
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      // Pages follow the traffic, and a batch that is throttled is late. `maxWrites` limits the counters, not the journal.
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      // Without point-in-time recovery: pages are counted within minutes, and the lake has every record. A restored journal
      // would hold pages that are counted already.
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }),
      // As the counter table: the journal may hold pages that are not counted yet.
      removalPolicy: protect ? retainedOnceCreated : RemovalPolicy.DESTROY,
    });
    this.table = table as ITable;
  }

  /** Returns a metric of the table as sums. */
  metric(metricName: string): Metric {
    const dimensionsMap = { TableName: this.table.tableName };
    return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum' });
  }

  /** Grants the permissions for batches: putting pages, and recording that a set of lanes is in use. */
  grantPutPages(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['dynamodb:PutItem', 'dynamodb:UpdateItem']);
  }

  /** Grants the permissions for a flush: reading pages, freezing lanes, and recording what is counted. */
  grantFlush(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
  }

  #grant(grantee: IGrantable, actions: string[]): Grant {
    const onTable = Grant.addToPrincipal({ grantee, actions, resourceArns: [this.table.tableArn] });
    return this.#encryptionKey ? onTable.combine(this.#encryptionKey.grant(grantee, 'count')) : onTable;
  }
}
