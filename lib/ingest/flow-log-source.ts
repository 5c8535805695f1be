import {
  FlowLog,
  FlowLogDestination,
  FlowLogMaxAggregationInterval,
  type FlowLogResourceType,
  FlowLogTrafficType,
  LogFormat,
} from 'aws-cdk-lib/aws-ec2';
import type { IDeliveryStreamRef } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { logFields, transitGatewayLogFields } from '../../lambda/flow-log/deployed-format.ts';
import type { Settings } from '../settings/settings.ts';

export interface FlowLogSourceProps {
  readonly stream: IDeliveryStreamRef;
  /** Whose ids get flow logs. */
  readonly logged: Pick<Settings, 'vpcIds' | 'subnetIds' | 'networkInterfaceIds' | 'transitGatewayIds'>;
}

/**
 * The flow logs: one for each VPC, subnet, network interface and transit gateway given, straight to the stream, once a
 * minute, each with a `Name` tag that begins with the stack's. What contains another must not be given with it: a VPC
 * and a subnet of it would log, and count, the subnet's flows twice.
 */
export class FlowLogSource extends Construct {
  constructor(scope: Construct, id: string, { stream, logged }: FlowLogSourceProps) {
    super(scope, id);
    const destination = FlowLogDestination.toFirehose(stream);
    const maxAggregationInterval = FlowLogMaxAggregationInterval.ONE_MINUTE;
    const vpcLog = { trafficType: FlowLogTrafficType.ALL, logFormat: formatOf(logFields) };
    // A transit gateway has one kind of traffic, and CloudFormation takes none for it.
    const gatewayLog = { logFormat: formatOf(transitGatewayLogFields) };
    const flowLogs = [
      ...resources('VPC', logged.vpcIds, vpcLog),
      ...resources('Subnet', logged.subnetIds, vpcLog),
      ...resources('NetworkInterface', logged.networkInterfaceIds, vpcLog),
      ...resources('TransitGateway', logged.transitGatewayIds, gatewayLog),
    ];
    for (const { resourceType, ...log } of flowLogs) {
      new FlowLog(this, resourceType.resourceId, { resourceType, destination, maxAggregationInterval, ...log });
    }
  }
}

function resources<T>(
  resourceType: string,
  ids: readonly string[],
  log: T,
): (T & { resourceType: FlowLogResourceType })[] {
  return ids.map((resourceId) => ({ resourceType: { resourceType, resourceId }, ...log }));
}

function formatOf(fields: readonly string[]): LogFormat[] {
  return fields.map((field) => LogFormat.field(field));
}
