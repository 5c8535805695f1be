import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { synthesize, temporaryDirectory } from '../synthesis.ts';

const directory = temporaryDirectory();
const template = synthesize({
  directory,
  validated: true,
  context: {
    vpcIds: 'vpc-0123456789abcdef0',
    subnetIds: 'subnet-01234567',
    networkInterfaceIds: 'eni-01234567',
    transitGatewayIds: 'tgw-0123456789abcdef0',
    logGroups: '[{"name": "/vpc/flow-logs"}, {"name": "other", "format": "version srcaddr dstaddr action bytes"}]',
    senderAccountIds: '111122223333,444455556666',
    monitoredNetworks: '10.0.0.0/16',
  },
});

describe('all log sources together', () => {
  it("pass CloudFormation's validation when every kind of source is set", () => {
    const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));

    // Warnings are reports too, and most rules are blind for some of these sources.
    const mistakes = pluginReports.filter(
      ({ pluginName }: { pluginName: string }) => pluginName !== 'Construct Annotations',
    );
    expect(mistakes).toEqual([]);
  });

  it('send to one stream when every kind of source is set', () => {
    template.resourceCountIs('AWS::KinesisFirehose::DeliveryStream', 1);
    template.resourceCountIs('AWS::EC2::FlowLog', 4);
    template.resourceCountIs('AWS::Logs::SubscriptionFilter', 2);
    template.hasOutput('SenderRoleArn', {});
  });

  it('create no custom resource when every kind of source is set', () => {
    const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );

    expect(types.filter((type) => /^Custom::|CustomResource$/.test(type))).toEqual([]);
  });
});
