import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { describe, expect, it } from 'vitest';
import { CrossAccountDeliveryRole } from '../../../lib/ingest/cross-account-delivery-role.ts';
import { createApp } from '../synthesis.ts';

const streamArn = 'arn:aws:firehose:ap-southeast-1:123456789012:deliverystream/flows';

function templateOf(stackName: string, accountIds = ['111122223333', '444455556666']): Template {
  const stack = new Stack(createApp({}), stackName, { env: { account: '123456789012', region: 'ap-southeast-1' } });
  const stream = DeliveryStream.fromDeliveryStreamArn(stack, 'Stream', streamArn);
  new CrossAccountDeliveryRole(stack, 'Role', { stream, accountIds });
  return Template.fromStack(stack);
}

function nameIn(template: Template): string {
  return Object.values(template.findResources('AWS::IAM::Role'))[0]!.Properties.RoleName;
}

describe('CrossAccountDeliveryRole', () => {
  it("has AWS's prefix, region and stack in at most 64 characters when the region's name is long", () => {
    const name = nameIn(templateOf('FlowSentinel'));

    expect(name).toMatch(/^AWSLogDeliveryFirehoseCrossAccountRole-ap-southeast-1-[0-9a-f]{8}$/);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(nameIn(templateOf('FlowSentinel'))).toBe(name);
    expect(nameIn(templateOf('FlowSentinel-dev'))).not.toBe(name);
  });

  it('trusts exactly one role of each account when several accounts send', () => {
    const partition = { Ref: 'AWS::Partition' };
    templateOf('FlowSentinel').hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: ['111122223333', '444455556666'].map((account) => ({
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: { 'Fn::Join': ['', ['arn:', partition, `:iam::${account}:root`]] } },
          Condition: {
            ArnEquals: {
              'aws:PrincipalArn': {
                'Fn::Join': ['', ['arn:', partition, `:iam::${account}:role/flow-sentinel-sender`]],
              },
            },
          },
        })),
      },
      ManagedPolicyArns: Match.absent(),
    });
  });

  it('allows creating the service-linked role and tagging the stream only with the one tag that enables delivery', () => {
    templateOf('FlowSentinel').hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iam:CreateServiceLinkedRole',
            Resource: {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  ':iam::123456789012:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery',
                ],
              ],
            },
          },
          {
            Effect: 'Allow',
            Action: 'firehose:TagDeliveryStream',
            Resource: streamArn,
            Condition: {
              StringEquals: { 'aws:RequestTag/LogDeliveryEnabled': 'true' },
              'ForAllValues:StringEquals': { 'aws:TagKeys': ['LogDeliveryEnabled'] },
            },
          },
        ],
      },
    });
  });
});
