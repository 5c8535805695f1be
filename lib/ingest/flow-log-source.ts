import { Stack } from 'aws-cdk-lib';
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
import { constructIdOf } from './construct-id.ts';

export interface FlowLogSourceProps {
  readonly stream: IDeliveryStreamRef;
  /** The resources that get a flow log. */
  readonly logged: Pick<Settings, 'vpcIds' | 'subnetIds' | 'networkInterfaceIds' | 'transitGatewayIds'>;
}

/**
 * The flow logs: one for each given VPC, subnet, network interface and transit gateway, directly to the stream and once a
 * minute. The `Name` tag of each begins with the stack's name. A resource and its container must not both be given:
 * flows of a subnet would be counted twice if its VPC is given too.
 */
export class FlowLogSource extends Construct {
  constructor(scope: Construct, id: string, { stream, logged }: FlowLogSourceProps) {
    super(scope, id);
    const destination = FlowLogDestination.toFirehose(stream);
    const maxAggregationInterval = FlowLogMaxAggregationInterval.ONE_MINUTE;
    const vpcLog = { trafficType: FlowLogTrafficType.ALL, logFormat: formatOf(logFields) };
    // CloudFormation rejects a traffic type for transit gateways, which have only one.
    const gatewayLog = { logFormat: formatOf(transitGatewayLogFields) };
    const flowLogs = [
      ...resources('VPC', logged.vpcIds, vpcLog),
      ...resources('Subnet', logged.subnetIds, vpcLog),
      ...resources('NetworkInterface', logged.networkInterfaceIds, vpcLog),
      ...resources('TransitGateway', logged.transitGatewayIds, gatewayLog),
    ];
    const { stackName } = Stack.of(this);
    for (const { resourceType, ...log } of flowLogs) {
      const { resourceType: type, resourceId } = resourceType;
      const id = constructIdOf(this, type, resourceId);
      const flowLogName = `${stackName}/${resourceId}`;
      new FlowLog(this, id, { flowLogName, resourceType, destination, maxAggregationInterval, ...log });
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
