import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { logFormat } from '../lambda/flow-log/deployed-format.ts';
import { CounterTable } from './detector/counter-table.ts';
import { Detector } from './detector/detector.ts';
import { CrossAccountDeliveryRole } from './ingest/cross-account-delivery-role.ts';
import { DeliveryStream } from './ingest/delivery-stream.ts';
import { FlowLogSource } from './ingest/flow-log-source.ts';
import { LogGroupSource } from './ingest/log-group-source.ts';
import { loggedVpcs } from './ingest/logged-vpcs.ts';
import { streamFormats } from './ingest/stream-formats.ts';
import { LakeBucket } from './lake/lake-bucket.ts';
import { LakeCatalog } from './lake/lake-catalog.ts';
import { AlertTopic } from './notifications/alert-topic.ts';
import { OperationsTopic } from './notifications/operations-topic.ts';
import { Alarms } from './observability/alarms.ts';
import { Dashboard } from './observability/dashboard.ts';
import { LakeQueries } from './queries/lake-queries.ts';
import { LogGroupQueries } from './queries/log-group-queries.ts';
import { CustomerManagedKey } from './security/customer-managed-key.ts';
import type { Settings, Stage } from './settings/settings.ts';

/** The stack of a stage: that of the default one has the program's own name. */
export function stackNameOf({ name }: Stage): string {
  return name === 'default' ? 'FlowSentinel' : `FlowSentinel-${name}`;
}

export interface FlowSentinelStackProps extends StackProps {
  readonly settings: Settings;
}

/**
 * All of flow-sentinel in one account and region.
 *
 * @example
 * const [stage] = readSettings(app.node.getAllContext(), readSettingsFile());
 * new FlowSentinelStack(app, stackNameOf(stage), { settings: stage.settings });
 */
export class FlowSentinelStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: FlowSentinelStackProps) {
    super(scope, id, { description: 'flow-sentinel: exact counters and Sigma alerts on VPC Flow Logs', ...props });
    const { alertEmails, operationsEmails, logGroups, senderAccountIds, encryption, protect } = settings;
    const logged = { ...settings, ...loggedVpcs(this, settings) };
    const encryptionKey = encryption === 'own' ? new CustomerManagedKey(this, 'OwnKey', { protect }) : undefined;
    const { provisionedWrites, warmWrites } = settings;
    const table = new CounterTable(this, 'PairTable', { encryptionKey, protect, provisionedWrites, warmWrites });
    const topic = new AlertTopic(this, 'AlertTopic', { emails: alertEmails, encryptionKey, protect });
    const lake = new LakeBucket(this, 'FlowLake', {
      format: settings.lakeFormat,
      partition: settings.lakePartition,
      coldAfterDays: settings.lakeColdAfterDays,
      expireAfterDays: settings.lakeExpireAfterDays,
      encryptionKey,
      protect,
    });
    const catalog = new LakeCatalog(this, 'FlowCatalog', { lake });
    const queries = new LakeQueries(this, 'FlowQueries', { lake, catalog });
    const formats = streamFormats(settings);
    const detector = new Detector(this, 'Detector', { table, topic, encryptionKey, formats, settings: logged });
    const { stream } = new DeliveryStream(this, 'DeliveryStream', { detector, lake, catalog, encryptionKey });
    new FlowLogSource(this, 'FlowSource', { stream, logged });
    if (logGroups.length > 0) {
      new LogGroupSource(this, 'LogGroupSource', { stream, logGroups });
      new LogGroupQueries(this, 'LogGroupQueries', { logGroups });
    }
    const { action } = new OperationsTopic(this, 'OperationsTopic', {
      emails: operationsEmails,
      encryptionKey,
      protect,
    });
    const parts = { stream, detector, lake, table, topic };
    const { alarms } = new Alarms(this, 'Alarms', { ...parts, action });
    new Dashboard(this, 'Dashboard', { ...parts, alarms });

    new CfnOutput(this, 'DeliveryStreamArn', {
      description: 'Where flow logs that exist already are sent',
      value: stream.deliveryStreamArn,
    });
    new CfnOutput(this, 'FlowLogFormat', { description: 'The format for new flow logs of VPCs', value: logFormat });
    if (senderAccountIds.length > 0) {
      const { roleArn } = new CrossAccountDeliveryRole(this, 'SenderRole', { stream, accountIds: senderAccountIds });
      new CfnOutput(this, 'SenderRoleArn', {
        description: 'The deliver-cross-account-role of flow logs of other accounts',
        value: roleArn,
      });
    }
    new CfnOutput(this, 'AlertTopicArn', { description: 'Where alerts are published', value: topic.topicArn });
    new CfnOutput(this, 'DetectorFunctionName', {
      description: 'The function that counts: what the redrive command invokes',
      value: detector.function.functionName,
    });
    new CfnOutput(this, 'PairTableName', { description: 'Where the counters are', value: table.tableName });
    new CfnOutput(this, 'FlowLakeBucketName', {
      description: 'Where every decoded flow record is',
      value: lake.bucket.bucketName,
    });
    new CfnOutput(this, 'AthenaWorkGroupName', {
      description: 'Where the saved queries are',
      value: queries.workGroupName,
    });
  }
}
