import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { failedPrefix } from '../../../cli/redrive/redrive-object.ts';
import { LakeBucket, type LakeBucketProps } from '../../../lib/lake/lake-bucket.ts';
import { run } from '../../support/run-program.ts';
import { lakeProps } from '../lakes.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

/** The rules of the bucket's lifecycle, by their ids. */
function lifecycleOf(props: Partial<LakeBucketProps> = {}) {
  const template = templateWith((stack) => new LakeBucket(stack, 'Lake', { ...lakeProps, ...props }));
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
  const rules: { Id: string }[] = bucket!.Properties.LifecycleConfiguration.Rules;
  return Object.fromEntries(rules.map(({ Id, ...rule }) => [Id, rule]));
}

describe('flow lake', () => {
  it('has errors where redrive looks for them, and keeps what it decodes', async () => {
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

  it('is encrypted, closed to the public, and stays when the stack goes', () => {
    const template = templateWith((stack) => new LakeBucket(stack, 'Lake', lakeProps));

    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
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

  it('is reached over TLS only', () => {
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

  it('lets who delivers write under its two prefixes, and delete nothing', () => {
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

  it('moves flows to where storing is cheap and reading is not slower, and deletes them, when its days are over', () => {
    expect(lifecycleOf({ coldAfterDays: 30, expireAfterDays: 365 }).flows).toEqual({
      Status: 'Enabled',
      Prefix: 'flows/',
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }],
      ExpirationInDays: 365,
    });
  });

  it('keeps what was put through again as it keeps flows', () => {
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
  ])('takes no days for never: %j', (props, rule) => {
    expect(lifecycleOf(props).flows).toEqual(rule);
  });

  it('keeps what failed for 400 days whatever becomes of flows, results for 30, parts of uploads for 7', () => {
    expect(lifecycleOf({ coldAfterDays: 0, expireAfterDays: 0 })).toEqual({
      errors: { Status: 'Enabled', Prefix: 'errors/', ExpirationInDays: 400 },
      athena: { Status: 'Enabled', Prefix: 'athena/', ExpirationInDays: 30 },
      uploads: { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    });
  });
});
