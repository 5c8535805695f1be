import type { CloudFormationResource } from './cloudformation-schema.ts';
import { textOf } from './policy-statements.ts';

/** The actions that CloudFormation needs to create, read, update, tag and delete a resource, and on which ARNs. */
export interface DeploymentNeed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

interface Named {
  /** The explicit name of the resource, or a name as CloudFormation makes it. */
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const regional = 'eu-central-1:111122223333';

function needs(prefix: string, names: string, ...resources: string[]): DeploymentNeed {
  return { actions: names.split(' ').map((name) => `${prefix}:${name}`), resources };
}

/**
 * The needs of each resource type of the stack, from the handlers of CloudFormation's resource schemas and from the
 * Service Authorization Reference. A resource of another type has no entry, and the test fails.
 */
const needsOfType: Readonly<Record<string, (resource: Named) => DeploymentNeed[]>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': () => [
    needs(
      'application-autoscaling',
      'RegisterScalableTarget DeregisterScalableTarget TagResource UntagResource',
      `arn:aws:application-autoscaling:${regional}:scalable-target/0ab1`,
    ),
    needs('application-autoscaling', 'DescribeScalableTargets DescribeScheduledActions', '*'),
    needs('iam', 'CreateServiceLinkedRole PassRole', serviceLinkedRole('dynamodb.application-autoscaling')),
  ],
  'AWS::ApplicationAutoScaling::ScalingPolicy': () => [
    needs(
      'application-autoscaling',
      'PutScalingPolicy DeleteScalingPolicy',
      `arn:aws:application-autoscaling:${regional}:scalable-target/0ab1`,
    ),
    needs('application-autoscaling', 'DescribeScalingPolicies', '*'),
    needs('cloudwatch', 'DescribeAlarms', '*'),
    needs(
      'cloudwatch',
      'PutMetricAlarm DeleteAlarms',
      `arn:aws:cloudwatch:${regional}:alarm:TargetTracking-table/FlowSentinel-prod-CounterTable-1A2B-AlarmHigh`,
    ),
  ],
  'AWS::Athena::NamedQuery': ({ properties }) => [
    needs(
      'athena',
      'CreateNamedQuery GetNamedQuery DeleteNamedQuery ListNamedQueries UpdateNamedQuery',
      // The workgroup has the stack's name.
      `arn:aws:athena:${regional}:workgroup/${/^</.test(textOf(properties.WorkGroup)) ? 'FlowSentinel-prod' : textOf(properties.WorkGroup)}`,
    ),
  ],
  'AWS::Athena::WorkGroup': ({ name }) => [
    needs(
      'athena',
      'CreateWorkGroup GetWorkGroup UpdateWorkGroup DeleteWorkGroup TagResource UntagResource ListTagsForResource',
      `arn:aws:athena:${regional}:workgroup/${name}`,
    ),
  ],
  'AWS::Budgets::Budget': ({ properties }) => [
    needs(
      'budgets',
      'ModifyBudget ViewBudget TagResource UntagResource ListTagsForResource',
      `arn:aws:budgets::111122223333:budget/${textOf((properties.Budget as Record<string, unknown>).BudgetName)}`,
    ),
  ],
  'AWS::CloudWatch::Alarm': ({ name }) => [
    needs(
      'cloudwatch',
      'PutMetricAlarm DeleteAlarms TagResource UntagResource ListTagsForResource',
      `arn:aws:cloudwatch:${regional}:alarm:${name}`,
    ),
    needs('cloudwatch', 'DescribeAlarms', '*'),
  ],
  'AWS::CloudWatch::Dashboard': ({ name }) => [
    needs(
      'cloudwatch',
      'PutDashboard GetDashboard DeleteDashboards',
      `arn:aws:cloudwatch::111122223333:dashboard/${name}`,
    ),
  ],
  'AWS::DynamoDB::Table': ({ name, properties }) => [
    needs(
      'dynamodb',
      'CreateTable DescribeTable UpdateTable DeleteTable TagResource UntagResource ListTagsOfResource ' +
        'UpdateTimeToLive DescribeTimeToLive UpdateContinuousBackups DescribeContinuousBackups',
      `arn:aws:dynamodb:${regional}:table/${name}`,
    ),
    // DynamoDB Developer Guide, "DynamoDB encryption at rest: usage notes".
    ...(JSON.stringify(properties.SSESpecification ?? '').includes('KMSMasterKeyId')
      ? [needs('kms', 'CreateGrant Decrypt DescribeKey Encrypt', anyKey)]
      : []),
  ],
  'AWS::EC2::FlowLog': () => [
    needs('ec2', 'CreateFlowLogs DeleteFlowLogs', `arn:aws:ec2:${regional}:vpc-flow-log/*`),
    needs('ec2', 'CreateFlowLogs', `arn:aws:ec2:${regional}:vpc/vpc-01234567`),
    needs('ec2', 'CreateTags DeleteTags', `arn:aws:ec2:${regional}:vpc-flow-log/fl-01234567`),
    needs('ec2', 'DescribeFlowLogs', '*'),
    needs('logs', 'CreateLogDelivery DeleteLogDelivery', '*'),
    needs('firehose', 'TagDeliveryStream', `arn:aws:firehose:${regional}:deliverystream/FlowSentinel-prod-Stream-1A2B`),
    needs('iam', 'CreateServiceLinkedRole', serviceLinkedRole('delivery.logs')),
  ],
  'AWS::Lambda::EventSourceMapping': () => [
    needs('lambda', 'CreateEventSourceMapping', '*'),
    needs(
      'lambda',
      'GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping TagResource UntagResource ListTags',
      `arn:aws:lambda:${regional}:event-source-mapping:0ab1`,
    ),
  ],
  'AWS::Events::EventBus': ({ name }) => [
    needs(
      'events',
      'CreateEventBus DescribeEventBus DeleteEventBus UpdateEventBus TagResource UntagResource ListTagsForResource',
      `arn:aws:events:${regional}:event-bus/${name}`,
    ),
  ],
  'AWS::Events::EventBusPolicy': ({ properties }) => [
    needs(
      'events',
      'PutPermission DescribeEventBus RemovePermission',
      // The bus has the stack's name.
      `arn:aws:events:${regional}:event-bus/${/^</.test(textOf(properties.EventBusName)) ? 'FlowSentinel-prod-Context' : textOf(properties.EventBusName)}`,
    ),
  ],
  'AWS::Events::Rule': ({ name }) => [
    needs(
      'events',
      'PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource',
      `arn:aws:events:${regional}:rule/${name}`,
    ),
  ],
  'AWS::Glue::Database': ({ properties }) => [
    needs('glue', 'CreateDatabase GetDatabase UpdateDatabase DeleteDatabase', ...databaseArns(properties)),
  ],
  'AWS::Glue::Table': () => [
    needs(
      'glue',
      'CreateTable GetTable UpdateTable DeleteTable',
      `arn:aws:glue:${regional}:catalog`,
      `arn:aws:glue:${regional}:database/flowsentinel_prod`,
      `arn:aws:glue:${regional}:table/flowsentinel_prod/vpc_flow_logs`,
    ),
  ],
  'AWS::IAM::Policy': () => [
    needs(
      'iam',
      'PutRolePolicy GetRolePolicy DeleteRolePolicy',
      'arn:aws:iam::111122223333:role/FlowSentinel-prod-DetectorRole-1A2B',
      'arn:aws:iam::111122223333:role/AWSLogDeliveryFirehoseCrossAccountRole-eu-central-1-01234567',
    ),
  ],
  'AWS::IAM::Role': ({ name }) => [
    needs(
      'iam',
      'CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole PassRole TagRole UntagRole ' +
        'ListRolePolicies ListAttachedRolePolicies PutRolePermissionsBoundary',
      `arn:aws:iam::111122223333:role/${name}`,
    ),
  ],
  'AWS::KMS::Key': () => [
    needs('kms', 'CreateKey', '*'),
    needs(
      'kms',
      'DescribeKey GetKeyPolicy PutKeyPolicy EnableKeyRotation GetKeyRotationStatus UpdateKeyDescription EnableKey ' +
        'DisableKey ScheduleKeyDeletion TagResource UntagResource ListResourceTags',
      anyKey,
    ),
  ],
  'AWS::KinesisFirehose::DeliveryStream': ({ name, properties }) => [
    needs(
      'firehose',
      'CreateDeliveryStream DescribeDeliveryStream UpdateDestination DeleteDeliveryStream StartDeliveryStreamEncryption ' +
        'StopDeliveryStreamEncryption ListTagsForDeliveryStream TagDeliveryStream UntagDeliveryStream',
      `arn:aws:firehose:${regional}:deliverystream/${name}`,
    ),
    ...(JSON.stringify(properties.DeliveryStreamEncryptionConfigurationInput).includes('KeyARN')
      ? [needs('kms', 'CreateGrant RevokeGrant DescribeKey', anyKey)]
      : []),
  ],
  'AWS::Lambda::EventInvokeConfig': () => [
    needs(
      'lambda',
      'PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig ' +
        'DeleteFunctionEventInvokeConfig',
      `arn:aws:lambda:${regional}:function:FlowSentinel-prod-FlushFunction-1A2B`,
    ),
  ],
  'AWS::Lambda::Permission': () => [
    needs(
      'lambda',
      'AddPermission GetPolicy RemovePermission',
      `arn:aws:lambda:${regional}:function:FlowSentinel-prod-FlushFunction-1A2B`,
    ),
  ],
  'AWS::Lambda::Function': ({ name }) => [
    needs(
      'lambda',
      'CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction ' +
        'TagResource UntagResource ListTags GetFunctionCodeSigningConfig GetRuntimeManagementConfig',
      `arn:aws:lambda:${regional}:function:${name}`,
    ),
    // CloudFormation reads the code from the bucket of the bootstrap stack.
    needs('s3', 'GetObject', 'arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-central-1/01234567.zip'),
  ],
  'AWS::Logs::LogGroup': ({ name }) => [
    needs(
      'logs',
      'CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource ' +
        'ListTagsForResource AssociateKmsKey DisassociateKmsKey',
      `arn:aws:logs:${regional}:log-group:${name}`,
    ),
    needs('logs', 'DescribeLogGroups', '*'),
  ],
  'AWS::Logs::LogStream': () => [
    needs(
      'logs',
      'CreateLogStream DeleteLogStream DescribeLogStreams',
      `arn:aws:logs:${regional}:log-group:FlowSentinel-prod-Log-1A2B:log-stream:one`,
    ),
  ],
  'AWS::Logs::QueryDefinition': () => [
    needs('logs', 'PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition', '*'),
  ],
  'AWS::Logs::SubscriptionFilter': ({ properties }) => [
    needs(
      'logs',
      'PutSubscriptionFilter DescribeSubscriptionFilters DeleteSubscriptionFilter',
      `arn:aws:logs:${regional}:log-group:${textOf(properties.LogGroupName)}:*`,
    ),
  ],
  'AWS::S3::Bucket': ({ name }) => [
    needs(
      's3',
      'CreateBucket DeleteBucket ListBucket GetBucketLocation PutBucketPublicAccessBlock GetBucketPublicAccessBlock ' +
        'PutEncryptionConfiguration GetEncryptionConfiguration PutLifecycleConfiguration GetLifecycleConfiguration ' +
        'PutBucketNotification GetBucketNotification PutBucketTagging GetBucketTagging GetBucketOwnershipControls ' +
        'GetMetricsConfiguration GetBucketVersioning GetReplicationConfiguration',
      `arn:aws:s3:::${name.toLowerCase()}`,
    ),
  ],
  'AWS::S3::BucketPolicy': () => [
    needs('s3', 'PutBucketPolicy GetBucketPolicy DeleteBucketPolicy', 'arn:aws:s3:::flowsentinel-prod-lakebucket-1a2b'),
  ],
  'AWS::SNS::Subscription': () => [
    needs('sns', 'Subscribe ListSubscriptionsByTopic', `arn:aws:sns:${regional}:FlowSentinel-prod-AlertTopic-1A2B`),
    needs('sns', 'Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes', '*'),
  ],
  'AWS::SNS::Topic': ({ name }) => [
    needs(
      'sns',
      'CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic TagResource UntagResource ListTagsForResource ' +
        'ListSubscriptionsByTopic GetDataProtectionPolicy',
      `arn:aws:sns:${regional}:${name}`,
    ),
  ],
  'AWS::SNS::TopicPolicy': () => [
    needs('sns', 'SetTopicAttributes GetTopicAttributes', `arn:aws:sns:${regional}:FlowSentinel-prod-AlertTopic-1A2B`),
  ],
  'AWS::SQS::Queue': ({ name }) => [
    needs(
      'sqs',
      'CreateQueue GetQueueAttributes SetQueueAttributes GetQueueUrl DeleteQueue TagQueue UntagQueue ListQueueTags',
      `arn:aws:sqs:${regional}:${name}`,
    ),
  ],
  'AWS::SQS::QueuePolicy': () => [
    needs('sqs', 'SetQueueAttributes GetQueueAttributes', `arn:aws:sqs:${regional}:FlowSentinel-prod-Queue-1A2B`),
  ],
};

const anyKey = `arn:aws:kms:${regional}:key/01234567-89ab-cdef-0123-456789abcdef`;

function serviceLinkedRole(service: string): string {
  return `arn:aws:iam::111122223333:role/aws-service-role/${service}.amazonaws.com/AWSServiceRole`;
}

function databaseArns(properties: Readonly<Record<string, unknown>>): string[] {
  const { Name: name } = properties.DatabaseInput as { Name: unknown };
  return [`arn:aws:glue:${regional}:catalog`, `arn:aws:glue:${regional}:database/${textOf(name)}`];
}

/**
 * Returns what CloudFormation needs to deploy a resource; undefined if the type is unknown.
 *
 * @param id the logical id, from which CloudFormation makes a name that begins with the stack's name
 */
export function deploymentNeeds(
  stackName: string,
  id: string,
  { Type, Properties = {} }: CloudFormationResource,
): readonly DeploymentNeed[] | undefined {
  const properties = Properties as Record<string, unknown>;
  const explicit = ['AlarmName', 'DashboardName', 'RoleName', 'Name'].map((name) => properties[name]).find(Boolean);
  const name = explicit === undefined ? `${stackName}-${id}-1A2B3C4D` : textOf(explicit);
  return needsOfType[Type]?.({ name, properties });
}
