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

describe('sender role', () => {
  it("is named as AWS asks for, by region and stack, within IAM's 64 characters", () => {
    const name = nameIn(templateOf('FlowSentinel'));

    expect(name).toMatch(/^AWSLogDeliveryFirehoseCrossAccountRole-ap-southeast-1-[0-9a-f]{8}$/);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(nameIn(templateOf('FlowSentinel'))).toBe(name);
    expect(nameIn(templateOf('FlowSentinel-dev'))).not.toBe(name);
  });

  it('trusts one role of each account, and no other of its roles', () => {
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

  it("lets log delivery make its service-linked role and tag the stream, but not take everybody's tag away", () => {
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
            Condition: { StringEquals: { 'aws:RequestTag/LogDeliveryEnabled': 'true' } },
          },
        ],
      },
    });
  });
});
