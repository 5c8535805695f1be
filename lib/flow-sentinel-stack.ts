import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlertTopic } from './alert-topic.ts';
import { DeliveryStream } from './delivery-stream.ts';
import { Detector } from './detector.ts';
import { FlowLake } from './flow-lake.ts';
import { FlowSource } from './flow-source.ts';
import { logFormat } from './log-format.ts';
import { PairTable } from './pair-table.ts';
import type { Settings, Stage } from './settings.ts';

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
    const { alertEmails, vpcIds, subnetIds, networkInterfaceIds, logFormats } = settings;
    const table = new PairTable(this, 'PairTable');
    const topic = new AlertTopic(this, 'AlertTopic', { emails: alertEmails });
    const lake = new FlowLake(this, 'FlowLake');
    const formats = [...new Set([logFormat, ...logFormats])];
    const detector = new Detector(this, 'Detector', { table, topic, formats, settings });
    const { stream } = new DeliveryStream(this, 'DeliveryStream', { detector, lake });
    new FlowSource(this, 'FlowSource', { stream, vpcIds, subnetIds, networkInterfaceIds });

    new CfnOutput(this, 'DeliveryStreamArn', {
      description: 'Where flow logs that exist already are sent',
      value: stream.deliveryStreamArn,
    });
    new CfnOutput(this, 'AlertTopicArn', { description: 'Where alerts are published', value: topic.topicArn });
    new CfnOutput(this, 'PairTableName', { description: 'Where the counters are', value: table.tableName });
    new CfnOutput(this, 'FlowLakeBucketName', {
      description: 'Where every decoded flow record is',
      value: lake.bucket.bucketName,
    });
  }
}
