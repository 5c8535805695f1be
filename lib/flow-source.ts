import {
  FlowLog,
  FlowLogDestination,
  FlowLogMaxAggregationInterval,
  FlowLogTrafficType,
  LogFormat,
} from 'aws-cdk-lib/aws-ec2';
import type { IDeliveryStreamRef } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { logFields } from './log-format.ts';

export interface FlowSourceProps {
  readonly stream: IDeliveryStreamRef;
  readonly vpcIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly networkInterfaceIds: readonly string[];
}

/**
 * The flow logs: one for each VPC, subnet and network interface given, straight to the stream, once a minute. What
 * contains another must not be given with it: a VPC and a subnet of it would log, and count, the subnet's flows twice.
 */
export class FlowSource extends Construct {
  constructor(scope: Construct, id: string, { stream, vpcIds, subnetIds, networkInterfaceIds }: FlowSourceProps) {
    super(scope, id);
    const logged = [
      ...vpcIds.map((resourceId) => ({ resourceType: 'VPC', resourceId })),
      ...subnetIds.map((resourceId) => ({ resourceType: 'Subnet', resourceId })),
      ...networkInterfaceIds.map((resourceId) => ({ resourceType: 'NetworkInterface', resourceId })),
    ];
    for (const resourceType of logged) {
      new FlowLog(this, resourceType.resourceId, {
        resourceType,
        destination: FlowLogDestination.toFirehose(stream),
        trafficType: FlowLogTrafficType.ALL,
        maxAggregationInterval: FlowLogMaxAggregationInterval.ONE_MINUTE,
        logFormat: logFields.map((field) => LogFormat.field(field)),
      });
    }
  }
}
