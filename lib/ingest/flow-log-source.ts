import { Stack } from 'aws-cdk-lib';
import {
  type CfnFlowLog,
  FlowLog,
  FlowLogDestination,
  FlowLogMaxAggregationInterval,
  type FlowLogResourceType,
  FlowLogTrafficType,
  LogFormat,
} from 'aws-cdk-lib/aws-ec2';
import type { IDeliveryStreamRef } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { logFieldsWith, transitGatewayLogFields } from '../../lambda/flow-log/deployed-format.ts';
import { type TaggedResource, taggedResources } from '../../lambda/flow-log/tag-fields.ts';
import type { Settings } from '../settings/settings.ts';
import { constructIdOf } from './construct-id.ts';

export interface FlowLogSourceProps {
  readonly stream: IDeliveryStreamRef;
  /** The resources that get a flow log. */
  readonly logged: Pick<Settings, 'vpcIds' | 'subnetIds' | 'networkInterfaceIds' | 'transitGatewayIds' | 'tagFields'>;
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
    const vpcLog = { trafficType: FlowLogTrafficType.ALL, logFormat: formatOf(logFieldsWith(logged.tagFields)) };
    // CloudFormation rejects a traffic type for transit gateways, which have only one.
    const gatewayLog = { logFormat: formatOf(transitGatewayLogFields) };
    const flowLogs = [
      ...resources('VPC', logged.vpcIds, vpcLog),
      ...resources('Subnet', logged.subnetIds, vpcLog),
      ...resources('NetworkInterface', logged.networkInterfaceIds, vpcLog),
      ...resources('TransitGateway', logged.transitGatewayIds, gatewayLog),
    ];
    const tagFieldSpecifications = tagSpecificationsOf(logged.tagFields);
    const { stackName } = Stack.of(this);
    for (const { resourceType, ...log } of flowLogs) {
      const { resourceType: type, resourceId } = resourceType;
      const id = constructIdOf(this, type, resourceId);
      const flowLogName = `${stackName}/${resourceId}`;
      const flowLog = new FlowLog(this, id, { flowLogName, resourceType, destination, maxAggregationInterval, ...log });
      // A transit gateway has none of these resources. FlowLog itself has no property for the tags.
      if (tagFieldSpecifications.length > 0 && type !== 'TransitGateway') {
        (flowLog.node.defaultChild as CfnFlowLog).tagFieldSpecifications = tagFieldSpecifications;
      }
    }
  }
}

/** The names of resources with tags in CloudFormation (AWS::EC2::FlowLog TagFieldSpecification, ResourceType). */
const resourceTypes: Record<TaggedResource, string> = {
  instance: 'instance',
  interface: 'network-interface',
  autoScalingGroup: 'auto-scaling-group',
};

/** Returns the keys of the tags that flow logs have, in the form of CloudFormation; empty without keys. */
function tagSpecificationsOf(tagFields: Settings['tagFields']): CfnFlowLog.TagFieldSpecificationProperty[] {
  return taggedResources.flatMap((resource) => {
    const tagKeys = tagFields[resource] ?? [];
    return tagKeys.length > 0 ? [{ resourceType: resourceTypes[resource], tagKeys }] : [];
  });
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
