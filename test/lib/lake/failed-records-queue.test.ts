import { EventType } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { begunPrefix, failedPrefix, unreadablePrefix } from '../../../cli/redrive/redrive-object.ts';
import { FailedRecordsQueue } from '../../../lib/lake/failed-records-queue.ts';
import { LakeBucket } from '../../../lib/lake/lake-bucket.ts';
import { lakeProps } from '../lakes.ts';
import { idOf, templateWith } from '../synthesis.ts';

const template = templateWith((stack) => {
  const lake = new LakeBucket(stack, 'Lake', lakeProps);
  new FailedRecordsQueue(stack, 'FailedRecords', { lake });
});
const rule = Object.values(template.findResources('AWS::Events::Rule'))[0]!.Properties;
const queueArn = { 'Fn::GetAtt': [idOf(template, 'AWS::SQS::Queue'), 'Arn'] };

/** Returns whether the rule matches the key of a new object, as EventBridge does: `*` is any text. */
function matches(key: string): boolean {
  const [{ wildcard }] = rule.EventPattern.detail.object.key;
  const parts: string[] = wildcard.split('*').map((text: string) => text.replace(/[.?+^$()[\]{}|\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(key);
}

describe('FailedRecordsQueue', () => {
  it.each([
    [`${failedPrefix}day=2026-11-24/FlowSentinel-stream-1-2026-11-24-10-00-00-abc`, true],
    ['errors/format-conversion-failed/day=2026-11-24/s-1', true],
    ['errors/any-further-kind-failed/day=2026-11-24/s-1', true],
    [`${unreadablePrefix}day=2026-11-24/s-1.0123456789abcdef.json`, false],
    [`${begunPrefix}day=2026-11-24/s-1.0123456789abcdef`, false],
    ['flows/parquet/day=2026-11-24/s-1.parquet', false],
    ['redriven/day=2026-11-24/s-1.json.gz', false],
    ['athena/errors/x-failed/result.csv', false],
  ])('signals an object only when Firehose wrote it as failed: %s %s', (key, expected) => {
    expect(matches(key)).toBe(expected);
  });

  it('receives the name of each new object of the bucket, without its writer', () => {
    expect(rule).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [{ Ref: idOf(template, 'AWS::S3::Bucket') }] } },
      },
      State: 'ENABLED',
      Targets: [{ Arn: queueArn, InputPath: '$.detail.object' }],
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it('keeps messages for 14 days, the maximum of SQS', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400 });
  });

  it('lets nobody but its rule send when the policy allows', () => {
    const [policy] = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    const statements: { Effect: string }[] = policy!.Properties.PolicyDocument.Statement;

    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [idOf(template, 'AWS::Events::Rule'), 'Arn'] } } },
      },
    ]);
  });
});

describe('LakeBucket', () => {
  it("fails at synth when CDK's notifications would replace the events of the bucket", () => {
    const synth = () =>
      templateWith((stack) => {
        const { bucket } = new LakeBucket(stack, 'Lake', lakeProps);
        bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(new Queue(stack, 'Own')));
      });

    expect(synth).toThrow('got addEventNotification, which would end the signal of failed records');
  });
});
