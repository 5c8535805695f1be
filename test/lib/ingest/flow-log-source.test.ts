import { Match } from 'aws-cdk-lib/assertions';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { describe, expect, it } from 'vitest';
import { logFormat, logFormatWith, transitGatewayLogFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { FlowLogSource, type FlowLogSourceProps } from '../../../lib/ingest/flow-log-source.ts';
import { templateWith } from '../synthesis.ts';

const nothing = { tagFields: {}, vpcIds: [], subnetIds: [], networkInterfaceIds: [], transitGatewayIds: [] };

function templateOf(logged: Partial<FlowLogSourceProps['logged']>) {
  return templateWith((stack) => {
    const stream = new CfnDeliveryStream(stack, 'Stream');
    new FlowLogSource(stack, 'FlowLogSource', { stream, logged: { ...nothing, ...logged } });
  });
}

describe('FlowLogSource', () => {
  it("logs all traffic every minute in the stack's format to the stream when a VPC is given", () => {
    const template = templateOf({ vpcIds: ['vpc-0123456789abcdef0'] });

    template.hasResourceProperties('AWS::EC2::FlowLog', {
      LogDestinationType: 'kinesis-data-firehose',
      LogDestination: { 'Fn::GetAtt': ['Stream', 'Arn'] },
      LogFormat: logFormat,
      MaxAggregationInterval: 60,
      TrafficType: 'ALL',
    });
  });

  it('creates a flow log for each VPC, subnet and network interface when several are given', () => {
    const template = templateOf({
      vpcIds: ['vpc-0123456789abcdef0', 'vpc-01234567'],
      subnetIds: ['subnet-0123456789abcdef0'],
      networkInterfaceIds: ['eni-0123456789abcdef0'],
    });

    const logs = Object.values(template.findResources('AWS::EC2::FlowLog'));
    expect(logs.map(({ Properties }) => [Properties.ResourceType, Properties.ResourceId])).toEqual([
      ['VPC', 'vpc-0123456789abcdef0'],
      ['VPC', 'vpc-01234567'],
      ['Subnet', 'subnet-0123456789abcdef0'],
      ['NetworkInterface', 'eni-0123456789abcdef0'],
    ]);
  });

  it('uses the transit gateway format without a traffic type when a transit gateway is given', () => {
    const template = templateOf({ transitGatewayIds: ['tgw-0123456789abcdef0'] });

    template.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'TransitGateway',
      ResourceId: 'tgw-0123456789abcdef0',
      LogFormat: transitGatewayLogFormat,
      MaxAggregationInterval: 60,
      TrafficType: Match.absent(),
    });
  });

  it('tags a flow log with stack and resource when a VPC is given', () => {
    templateOf({ vpcIds: ['vpc-01234567'] }).hasResourceProperties('AWS::EC2::FlowLog', {
      Tags: [{ Key: 'Name', Value: 'Test/vpc-01234567' }],
    });
  });

  it('has the tags, and names their keys by resource, when tag fields are given', () => {
    const tagFields = { interface: ['Name'], instance: ['Name', 'team'], autoScalingGroup: [] };
    const template = templateOf({
      vpcIds: ['vpc-0123456789abcdef0'],
      transitGatewayIds: ['tgw-0123456789abcdef0'],
      tagFields,
    });

    template.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'VPC',
      LogFormat: logFormatWith(tagFields),
      TagFieldSpecifications: [
        { ResourceType: 'instance', TagKeys: ['Name', 'team'] },
        { ResourceType: 'network-interface', TagKeys: ['Name'] },
      ],
    });
    template.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'TransitGateway',
      LogFormat: transitGatewayLogFormat,
      TagFieldSpecifications: Match.absent(),
    });
  });

  it('has no tag fields when none are given', () => {
    templateOf({ vpcIds: ['vpc-01234567'], tagFields: { instance: [] } }).hasResourceProperties('AWS::EC2::FlowLog', {
      LogFormat: logFormat,
      TagFieldSpecifications: Match.absent(),
    });
  });

  it('creates no flow log when no resource is given', () => {
    templateOf({}).resourceCountIs('AWS::EC2::FlowLog', 0);
  });
});
