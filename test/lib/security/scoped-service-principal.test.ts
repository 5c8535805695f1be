import { describe, expect, it } from 'vitest';
import { synthesize } from '../synthesis.ts';

const template = synthesize({
  context: {
    logGroups: '[{"name": "/vpc/flow-logs"}]',
    senderAccountIds: '111122223333',
    transitGatewayIds: 'tgw-0123456789abcdef0',
  },
});

/** The principal and condition of a statement that allows assuming a role. */
interface Trust {
  readonly Principal: { readonly Service?: string; readonly AWS?: unknown };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const trusts = Object.values(template.findResources('AWS::IAM::Role')).flatMap(
  ({ Properties }) => Properties.AssumeRolePolicyDocument.Statement as Trust[],
);
const conditionOf = (service: string) => trusts.find(({ Principal }) => Principal.Service === service)?.Condition;
const arn = (text: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      `:${text.split(':')[0]}:`,
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      text.slice(text.indexOf(':')),
    ],
  ],
});

describe('scopedServicePrincipal', () => {
  it('limits every role of the stack when another account uses the same service', () => {
    expect(trusts).not.toEqual([]);
    for (const { Principal, Condition } of trusts) {
      const keys = Object.values(Condition ?? {}).flatMap((one) => Object.keys(one));
      const limits = ['aws:SourceArn', 'aws:SourceAccount', 'aws:PrincipalArn'];
      expect([Principal, keys.filter((key) => limits.includes(key))]).not.toEqual([Principal, []]);
    }
  });

  it('allows streams of this account and region when the service is Firehose', () => {
    expect(conditionOf('firehose.amazonaws.com')).toEqual({
      ArnLike: { 'aws:SourceArn': arn('firehose:deliverystream/*') },
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    });
  });

  it('allows this account without a source ARN when the service is Lambda', () => {
    expect(conditionOf('lambda.amazonaws.com')).toEqual({
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    });
  });

  it('allows this account and region when the service is CloudWatch Logs', () => {
    expect(conditionOf('logs.amazonaws.com')).toEqual({ ArnLike: { 'aws:SourceArn': arn('logs:*') } });
  });
});
