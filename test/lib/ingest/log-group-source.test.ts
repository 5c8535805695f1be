import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { LogGroupSource } from '../../../lib/ingest/log-group-source.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

const template = templateWith((stack) => {
  const destination = new S3Bucket(new Bucket(stack, 'Bucket') as IBucket);
  const stream = new DeliveryStream(stack, 'Stream', { destination });
  new LogGroupSource(stack, 'Source', { stream, logGroups: [{ name: '/vpc/flow-logs' }, { name: 'other' }] });
});
const streamArn = { 'Fn::GetAtt': [idOf(template, 'AWS::KinesisFirehose::DeliveryStream'), 'Arn'] };
const role = idOf(template, 'AWS::IAM::Role', 'Source');
const filters = Object.values(template.findResources('AWS::Logs::SubscriptionFilter'));

describe('LogGroupSource', () => {
  it('sends all events to the stream when log groups are given', () => {
    expect(filters.map(({ Properties }) => Properties)).toEqual(
      ['/vpc/flow-logs', 'other'].map((LogGroupName) => ({
        LogGroupName,
        FilterPattern: '',
        DestinationArn: streamArn,
        RoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
      })),
    );
  });

  it('allows CloudWatch Logs only to put records when it creates the role', () => {
    expect(statementsOf(template, role)).toEqual([
      { Effect: 'Allow', Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'], Resource: streamArn },
    ]);
  });

  it('depends on the permissions of CloudWatch Logs when it creates a filter, since a test message follows at once', () => {
    for (const { DependsOn } of filters) {
      expect(DependsOn).toEqual(expect.arrayContaining([idOf(template, 'AWS::IAM::Policy', 'Source'), role]));
    }
  });
});
