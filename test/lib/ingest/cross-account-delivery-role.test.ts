import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { describe, expect, it } from 'vitest';
import { CrossAccountDeliveryRole } from '../../../lib/ingest/cross-account-delivery-role.ts';
import { joined } from '../joined.ts';
import { createApp } from '../synthesis.ts';

const streamArn = 'arn:aws:firehose:ap-southeast-1:123456789012:deliverystream/flows';

function templateOf(stackName: string, accountIds = ['111122223333', '444455556666']): Template {
  const stack = new Stack(createApp({}), stackName, { env: { account: '123456789012', region: 'ap-southeast-1' } });
  const stream = DeliveryStream.fromDeliveryStreamArn(stack, 'Stream', streamArn);
  new CrossAccountDeliveryRole(stack, 'Role', { stream, accountIds });
  return Template.fromStack(stack);
}

/** Returns an ARN of a template in the partition `aws`. */
function inAws(value: unknown): string {
  return joined(value).replace('AWS::Partition', 'aws');
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
    const accounts = ['111122223333', '444455556666'];
    const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });
    templateOf('FlowSentinel').hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { AWS: accounts.map((account) => arn(`:iam::${account}:root`)) },
            Condition: {
              ArnEquals: {
                'aws:PrincipalArn': accounts.map((account) => arn(`:iam::${account}:role/flow-sentinel-sender`)),
              },
            },
          },
        ],
      },
      ManagedPolicyArns: Match.absent(),
    });
  });

  it('fits into the 2,048 characters of a trust policy with as many accounts as it accepts', () => {
    const accounts = (count: number) => Array.from({ length: count }, (_, index) => String(111_122_223_300 + index));
    const role = Object.values(templateOf('FlowSentinel', accounts(21)).findResources('AWS::IAM::Role'))[0]!;
    const statements = role.Properties.AssumeRolePolicyDocument.Statement as Record<string, Record<string, unknown>>[];
    const text = JSON.stringify({
      ...role.Properties.AssumeRolePolicyDocument,
      Statement: statements.map((one) => ({
        ...one,
        Principal: { AWS: (one.Principal!.AWS as unknown[]).map(inAws) },
        Condition: {
          ArnEquals: {
            'aws:PrincipalArn': (
              (one.Condition!.ArnEquals as Record<string, unknown>)['aws:PrincipalArn'] as unknown[]
            ).map(inAws),
          },
        },
      })),
    });

    expect(text.length).toBe(154 + 21 * (33 + 54));
    expect(text.length).toBeLessThanOrEqual(2048);
    expect(() => templateOf('FlowSentinel', accounts(22))).toThrow('got 22 accounts, expected at most 21');
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
