import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { FlowLake } from '../../lib/flow-lake.ts';
import { idOf, statementsOf, templateWith } from './synthesis.ts';

describe('flow lake', () => {
  it('is encrypted, closed to the public, and stays when the stack goes', () => {
    const template = templateWith((stack) => new FlowLake(stack, 'Lake'));

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
    const template = templateWith((stack) => new FlowLake(stack, 'Lake'));

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
      new FlowLake(stack, 'Lake').grantDeliver(role);
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
});
