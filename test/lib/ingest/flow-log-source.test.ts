import { Match } from 'aws-cdk-lib/assertions';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { describe, expect, it } from 'vitest';
import { logFormat, transitGatewayLogFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { FlowLogSource, type FlowLogSourceProps } from '../../../lib/ingest/flow-log-source.ts';
import { templateWith } from '../synthesis.ts';

const nothing = { vpcIds: [], subnetIds: [], networkInterfaceIds: [], transitGatewayIds: [] };

function templateOf(logged: Partial<FlowLogSourceProps['logged']>) {
  return templateWith((stack) => {
    const stream = new CfnDeliveryStream(stack, 'Stream');
    new FlowLogSource(stack, 'FlowLogSource', { stream, logged: { ...nothing, ...logged } });
  });
}

describe('flow source', () => {
  it('logs all traffic once a minute, in our format, straight to the stream', () => {
    const template = templateOf({ vpcIds: ['vpc-0123456789abcdef0'] });

    template.hasResourceProperties('AWS::EC2::FlowLog', {
      LogDestinationType: 'kinesis-data-firehose',
      LogDestination: { 'Fn::GetAtt': ['Stream', 'Arn'] },
      LogFormat: logFormat,
      MaxAggregationInterval: 60,
      TrafficType: 'ALL',
    });
  });

  it('attaches to each VPC, subnet and network interface given', () => {
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

  it('logs transit gateways in a format of their own, and asks for no kind of traffic, which they have not', () => {
    const template = templateOf({ transitGatewayIds: ['tgw-0123456789abcdef0'] });

    template.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'TransitGateway',
      ResourceId: 'tgw-0123456789abcdef0',
      LogFormat: transitGatewayLogFormat,
      MaxAggregationInterval: 60,
      TrafficType: Match.absent(),
    });
  });

  it('says by a tag whose a flow log is', () => {
    templateOf({ vpcIds: ['vpc-01234567'] }).hasResourceProperties('AWS::EC2::FlowLog', {
      Tags: [{ Key: 'Name', Value: 'Test/vpc-01234567' }],
    });
  });

  it('makes no flow log when nothing is given', () => {
    templateOf({}).resourceCountIs('AWS::EC2::FlowLog', 0);
  });
});
