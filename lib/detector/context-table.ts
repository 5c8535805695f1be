import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainedOnceCreated } from '../security/retain-with-policy.ts';
import type { Settings } from '../settings/settings.ts';
import type { JournalTableProps } from './journal-table.ts';

export interface ContextTableProps extends JournalTableProps {
  /** The days for which an event or a sent alert is stored. */
  readonly days: Settings['contextDays'];
}

/** The table of what happened around hosts, and of sent alerts: lambda/context/context-table.ts. */
export class ContextTable extends Construct {
  readonly tableName: string;
  readonly days: number;
  readonly #tableArn: string;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, { encryptionKey, protect = true, days }: ContextTableProps) {
    super(scope, id);
    this.days = days;
    this.#encryptionKey = encryptionKey;
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      // Changes of a network come in bursts, and alerts at any time.
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      // Without point-in-time recovery: the events are those of some days, and GuardDuty and CloudTrail have them too.
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }),
      removalPolicy: protect ? retainedOnceCreated : RemovalPolicy.DESTROY,
    });
    this.tableName = table.tableName;
    this.#tableArn = table.tableArn;
  }

  /** Grants the permissions for alerts: reading what happened, and storing what was sent. */
  grantAlert(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['dynamodb:BatchWriteItem', 'dynamodb:PutItem', 'dynamodb:Query']);
  }

  /** Grants the permissions for events: storing them, and reading the alerts that they concern. */
  grantStore(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']);
  }

  #grant(grantee: IGrantable, actions: string[]): Grant {
    const onTable = Grant.addToPrincipal({ grantee, actions, resourceArns: [this.#tableArn] });
    return this.#encryptionKey ? onTable.combine(this.#encryptionKey.grant(grantee, 'count')) : onTable;
  }
}
