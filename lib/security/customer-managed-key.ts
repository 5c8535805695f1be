import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  Grant,
  type IGrantable,
  PolicyDocument,
  PolicyStatement,
  type PolicyStatementProps,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { retainedOnceCreated } from './retain-with-policy.ts';

export interface CustomerManagedKeyProps {
  /** Whether the key outlives the stack. Data that it encrypted is lost without it. */
  readonly protect: boolean;
}

/** Services that use the key on behalf of their caller. */
type Service = 'dynamodb' | 's3' | 'sns';

/** The permissions on the key that a caller needs for each use, as listed in the service's developer guide. */
const uses = {
  // DynamoDB Developer Guide, "DynamoDB encryption at rest: usage notes", without the grants for creating the table.
  count: {
    service: 'dynamodb',
    actions: [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
  },
  // Firehose Developer Guide, "Grant Firehose access to an Amazon S3 destination".
  deliver: { service: 's3', actions: ['kms:Decrypt', 'kms:GenerateDataKey'] },
  // SNS Developer Guide, "Managing Amazon SNS encryption keys and costs".
  publish: { service: 'sns', actions: ['kms:Decrypt', 'kms:GenerateDataKey'] },
} as const satisfies Record<string, { service: Service; actions: readonly string[] }>;

/** The actions that IAM may allow to managers of the key: all except its use, and without wildcards. */
const management = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/**
 * The customer-managed KMS key of the counters, journal, lake, topics, stream and logs, rotated every year. Its policy
 * leaves the account's principals to IAM, but allows decryption only through the services that store the data. Only AWS
 * services get grants (AWS Control Tower, CT.KMS.PR.3).
 */
export class CustomerManagedKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { protect }: CustomerManagedKeyProps) {
    super(scope, id);
    const { account, region, stackName } = Stack.of(this);
    const key = new Key(this, 'Key', {
      description: 'flow-sentinel: counters, flow lake, topics, stream and logs',
      enableKeyRotation: true,
      removalPolicy: protect ? retainedOnceCreated : RemovalPolicy.DESTROY,
      // Firehose and DynamoDB use grants that they get when the stream and the tables are created. Log delivery puts
      // records into the stream without the key. Neither needs a statement.
      policy: new PolicyDocument({
        statements: [
          statement('Management', { principals: [new AccountRootPrincipal()], actions: management }),
          statement('UseThroughServices', {
            principals: [new AccountRootPrincipal()],
            actions: [...uses.count.actions],
            conditions: { StringEquals: { 'kms:ViaService': this.#endpoints('dynamodb', 's3', 'sns') } },
          }),
          statement('GrantsToServices', {
            principals: [new AccountRootPrincipal()],
            actions: ['kms:CreateGrant'],
            conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          }),
          statement('GrantsToNobodyElse', {
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ['kms:CreateGrant'],
            conditions: {
              BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
            },
          }),
          // CloudFormation's names start with the name of the stack (CloudWatch Logs User Guide, "Encrypt log data in
          // CloudWatch Logs using AWS KMS").
          statement('Logs', {
            principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
            actions: [...uses.count.actions],
            conditions: {
              ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.#arn('logs', `log-group:${stackName}-*`) },
            },
          }),
          // An alarm needs this to publish to a topic with the key (SNS Developer Guide, "Enable compatibility between
          // event sources from AWS services and encrypted topics").
          statement('Alarms', {
            principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
            actions: [...uses.publish.actions],
            conditions: {
              StringEquals: { 'aws:SourceAccount': account },
              ArnLike: { 'aws:SourceArn': this.#arn('cloudwatch', 'alarm:*') },
            },
          }),
        ],
      }),
    });
    this.key = key as IKey;
  }

  /** Lets budgets of the account publish to a topic with the key, as alarms may. */
  allowBudgets(): void {
    const { account, partition } = Stack.of(this);
    this.key.addToResourcePolicy(
      statement('Budgets', {
        principals: [new ServicePrincipal('budgets.amazonaws.com')],
        actions: [...uses.publish.actions],
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:budgets::${account}:*` },
        },
      }),
    );
  }

  /** Grants one use of the key, only through the service of that use and under the conditions. */
  grant(grantee: IGrantable, use: keyof typeof uses, conditions: Record<string, Record<string, unknown>> = {}): Grant {
    const { service, actions } = uses[use];
    return Grant.addToPrincipal({
      grantee,
      actions: [...actions],
      resourceArns: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': this.#endpoints(service)[0] }, ...conditions },
    });
  }

  #endpoints(...services: readonly Service[]): string[] {
    return services.map((service) => `${service}.${Stack.of(this).region}.amazonaws.com`);
  }

  #arn(service: string, resource: string): string {
    const { partition, account, region } = Stack.of(this);
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }
}

/** Returns a statement of the key policy, where `*` means the key itself (KMS Developer Guide, "Key policies"). */
function statement(sid: string, props: PolicyStatementProps): PolicyStatement {
  return new PolicyStatement({ sid, resources: ['*'], ...props });
}
