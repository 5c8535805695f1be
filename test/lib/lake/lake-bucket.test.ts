import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { failedPrefix } from '../../../cli/redrive/redrive-object.ts';
import { LakeBucket, type LakeBucketProps } from '../../../lib/lake/lake-bucket.ts';
import { run } from '../../support/run-program.ts';
import { lakeProps } from '../lakes.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

/** Returns the lifecycle rules of the bucket by id. */
function lifecycleOf(props: Partial<LakeBucketProps> = {}) {
  const template = templateWith((stack) => new LakeBucket(stack, 'Lake', { ...lakeProps, ...props }));
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
  const rules: { Id: string }[] = bucket!.Properties.LifecycleConfiguration.Rules;
  return Object.fromEntries(rules.map(({ Id, ...rule }) => [Id, rule]));
}

describe('LakeBucket', () => {
  it('has the folders of the redrive command when redrive reads errors and writes records', async () => {
    let prefixes: string[] = [];
    templateWith((stack) => {
      const { errorsPrefix, redrivenRoot } = new LakeBucket(stack, 'Lake', lakeProps);
      prefixes = [errorsPrefix.replace('!{firehose:error-output-type}', 'processing-failed'), redrivenRoot];
    });
    expect(prefixes[0]).toBe(`${failedPrefix}day=!{timestamp:yyyy}-!{timestamp:MM}-!{timestamp:dd}/`);
    const { stdout } = await run('redrive', '--help');
    expect(stdout).toContain(`"${prefixes[1]}"`);
    expect(stdout).toMatch(/such as\s+day=\d{4}-\d\d-\d\d\//);
  });

  it('is encrypted and private, and is retained when the stack is deleted', () => {
    const template = templateWith((stack) => new LakeBucket(stack, 'Lake', lakeProps));

    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  });

  it('denies access when the connection has no TLS', () => {
    const template = templateWith((stack) => new LakeBucket(stack, 'Lake', lakeProps));

    const arn = { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] };
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Resource: [arn, { 'Fn::Join': ['', [arn, '/*']] }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  it('allows writing below two prefixes and no deletion when delivery is granted', () => {
    const template = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
      new LakeBucket(stack, 'Lake', lakeProps).grantDeliver(role);
    });

    const arn = { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] };
    expect(statementsOf(template, idOf(template, 'AWS::IAM::Role'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: arn,
      },
      {
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        Resource: [{ 'Fn::Join': ['', [arn, '/errors/*']] }, { 'Fn::Join': ['', [arn, '/flows/*']] }],
      },
    ]);
  });

  it('moves flows to Glacier Instant Retrieval and deletes them when their days have passed', () => {
    expect(lifecycleOf({ coldAfterDays: 30, expireAfterDays: 365 }).flows).toEqual({
      Status: 'Enabled',
      Prefix: 'flows/',
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }],
      ExpirationInDays: 365,
    });
  });

  it('retains reprocessed records like flows when lifecycle rules are set', () => {
    const { flows, redriven } = lifecycleOf({ coldAfterDays: 30, expireAfterDays: 365 });
    expect(redriven).toEqual({ ...flows, Prefix: 'redriven/' });
  });

  it.each([
    [
      { coldAfterDays: 0, expireAfterDays: 30 },
      { Status: 'Enabled', Prefix: 'flows/', ExpirationInDays: 30 },
    ],
    [
      { coldAfterDays: 30, expireAfterDays: 0 },
      { Status: 'Enabled', Prefix: 'flows/', Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }] },
    ],
    [{ coldAfterDays: 0, expireAfterDays: 0 }, undefined],
  ])('sets no transition or expiration when days are 0: %j', (props, rule) => {
    expect(lifecycleOf(props).flows).toEqual(rule);
  });

  it('deletes errors after 400 days, results after 30 and incomplete uploads after 7 when flows never expire', () => {
    expect(lifecycleOf({ coldAfterDays: 0, expireAfterDays: 0 })).toEqual({
      errors: { Status: 'Enabled', Prefix: 'errors/', ExpirationInDays: 400 },
      athena: { Status: 'Enabled', Prefix: 'athena/', ExpirationInDays: 30 },
      uploads: { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    });
  });
});
