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

export interface CustomerManagedKeyProps {
  /** Whether the key stays when the stack goes: without it, what it encrypted is lost. */
  readonly protect: boolean;
}

/** Services that use the key in the name of who calls them. */
type Service = 'dynamodb' | 's3' | 'sns';

/** What each service asks of the key for its caller, by the permissions that its developer guide lists. */
const uses = {
  // DynamoDB Developer Guide, "DynamoDB encryption at rest: usage notes", without the grants of who makes the table.
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

/** What whoever manages the key may be allowed by IAM: all but to use it, and no action by a wildcard. */
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
 * The one key of ours that encrypts the counters, the lake, the topics, the stream and the logs, with new key material
 * each year. Its policy leaves the account's principals to IAM, yet nobody decrypts with it but through the services that
 * hold the data; and only AWS's services get grants (AWS Control Tower, CT.KMS.PR.3).
 *
 * Firehose and DynamoDB use it by grants that they are given when stream and table are made; the delivery of flow logs
 * puts records into the stream without it. So neither needs a statement of its own.
 */
export class CustomerManagedKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { protect }: CustomerManagedKeyProps) {
    super(scope, id);
    const { account, region, stackName } = Stack.of(this);
    const key = new Key(this, 'Key', {
      description: 'flow-sentinel: counters, flow lake, topics, stream and logs',
      enableKeyRotation: true,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      policy: new PolicyDocument({
        statements: [
          ofKey('Management', { principals: [new AccountRootPrincipal()], actions: management }),
          ofKey('UseThroughServices', {
            principals: [new AccountRootPrincipal()],
            actions: [...uses.count.actions],
            conditions: { StringEquals: { 'kms:ViaService': this.#endpoints('dynamodb', 's3', 'sns') } },
          }),
          ofKey('GrantsToServices', {
            principals: [new AccountRootPrincipal()],
            actions: ['kms:CreateGrant'],
            conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          }),
          ofKey('GrantsToNobodyElse', {
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ['kms:CreateGrant'],
            conditions: {
              BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
            },
          }),
          // The names that CloudFormation gives start with the stack's (CloudWatch Logs User Guide, "Encrypt log data in
          // CloudWatch Logs using AWS KMS").
          ofKey('Logs', {
            principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
            actions: [...uses.count.actions],
            conditions: {
              ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.#arn('logs', `log-group:${stackName}-*`) },
            },
          }),
          // What lets an alarm publish to a topic with this key (SNS Developer Guide, "Enable compatibility between event
          // sources from AWS services and encrypted topics").
          ofKey('Alarms', {
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

  /** Lets a role use the key through the one service that it needs it for, and only for what the conditions name. */
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

/** In a key's policy `*` is that key, and the only resource that can be said (KMS Developer Guide, "Key policies"). */
function ofKey(sid: string, statement: PolicyStatementProps): PolicyStatement {
  return new PolicyStatement({ sid, resources: ['*'], ...statement });
}
