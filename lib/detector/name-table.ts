import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { nameTableKey } from '../../lambda/names/name-items.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainedOnceCreated } from '../security/retain-with-policy.ts';
import type { JournalTableProps } from './journal-table.ts';

/** The table with names of addresses, and with requests for them, which are in its stream. */
export class NameTable extends Construct {
  readonly tableName: string;
  readonly streamArn: string;
  readonly #tableArn: string;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, { encryptionKey, protect = true }: JournalTableProps = {}) {
    super(scope, id);
    this.#encryptionKey = encryptionKey;
    const table = new Table(this, 'Table', {
      partitionKey: { name: nameTableKey, type: AttributeType.STRING },
      // Alerts come at any time, and seldom.
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      stream: StreamViewType.NEW_IMAGE,
      // Without point-in-time recovery: names are looked up again.
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }),
      removalPolicy: protect ? retainedOnceCreated : RemovalPolicy.DESTROY,
    });
    this.tableName = table.tableName;
    this.streamArn = table.tableStreamArn!;
    this.#tableArn = table.tableArn;
  }

  /** Grants the permissions for alerts, and for the function that looks names up: reading names, and putting items. */
  grantReadAndPut(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], this.#tableArn);
  }

  /** Grants the permissions for Lambda to read the stream (Lambda Developer Guide, "Using AWS Lambda with DynamoDB"). */
  grantReadStream(grantee: IGrantable): Grant {
    const read = [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ];
    return this.#grant(grantee, read, this.streamArn);
  }

  #grant(grantee: IGrantable, actions: string[], resource: string): Grant {
    const onTable = Grant.addToPrincipal({ grantee, actions, resourceArns: [resource] });
    return this.#encryptionKey ? onTable.combine(this.#encryptionKey.grant(grantee, 'count')) : onTable;
  }
}
