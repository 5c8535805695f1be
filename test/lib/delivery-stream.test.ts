import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { idOf, statementsOf, synthesize } from './synthesis.ts';

const template = synthesize();
const type = 'AWS::KinesisFirehose::DeliveryStream';
const { Properties: stream, DependsOn: dependencies } = template.findResources(type)[idOf(template, type)]!;
const role = idOf(template, 'AWS::IAM::Role', 'DeliveryStream');
const detectorArn = { 'Fn::GetAtt': [idOf(template, 'AWS::Lambda::Function'), 'Arn'] };
const roleArn = { 'Fn::GetAtt': [role, 'Arn'] };

describe('delivery stream', () => {
  it('takes records directly, and has the tag without which flow logs are not delivered', () => {
    expect(stream.DeliveryStreamType).toBe('DirectPut');
    expect(stream.Tags).toEqual([{ Key: 'LogDeliveryEnabled', Value: 'true' }]);
  });

  it('keeps what it buffers encrypted', () => {
    expect(stream.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: 'AWS_OWNED_CMK' });
  });

  it('sends batches of up to 1 MiB or a minute to the detector, and a failed one three times again', () => {
    expect(stream.ExtendedS3DestinationConfiguration.ProcessingConfiguration).toEqual({
      Enabled: true,
      Processors: [
        {
          Type: 'Lambda',
          Parameters: [
            { ParameterName: 'RoleArn', ParameterValue: roleArn },
            { ParameterName: 'LambdaArn', ParameterValue: detectorArn },
            { ParameterName: 'BufferIntervalInSeconds', ParameterValue: '60' },
            { ParameterName: 'BufferSizeInMBs', ParameterValue: '1' },
            { ParameterName: 'NumberOfRetries', ParameterValue: '3' },
          ],
        },
      ],
    });
  });

  it('writes compressed objects by day, and what failed apart from them with the kind of failure', () => {
    const byDay = 'year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/';
    expect(stream.ExtendedS3DestinationConfiguration).toMatchObject({
      BucketARN: { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] },
      CompressionFormat: 'GZIP',
      Prefix: `flows/${byDay}`,
      ErrorOutputPrefix: `errors/!{firehose:error-output-type}/${byDay}`,
    });
  });

  it('logs its own errors for a month', () => {
    const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'DeliveryStream');
    expect(stream.ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions).toMatchObject({
      Enabled: true,
      LogGroupName: { Ref: logGroup },
    });
    expect(template.findResources('AWS::Logs::LogGroup')[logGroup]!.Properties).toEqual({ RetentionInDays: 30 });
  });

  it('may invoke the detector, deliver to the lake and write its log, and nothing else', () => {
    const bucketArn = { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] };
    const within = (suffix: string) => ({ 'Fn::Join': ['', [bucketArn, suffix]] });
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [detectorArn, { 'Fn::Join': ['', [detectorArn, ':*']] }],
      },
      {
        Effect: 'Allow',
        Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: bucketArn,
      },
      {
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        Resource: [within('/errors/*'), within('/flows/*')],
      },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::Logs::LogGroup', 'DeliveryStream'), 'Arn'] },
      },
    ]);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'firehose.amazonaws.com' } }] },
      ManagedPolicyArns: Match.absent(),
    });
  });

  it('is made after what it may do is in force', () => {
    expect(dependencies).toEqual(expect.arrayContaining([idOf(template, 'AWS::IAM::Policy', 'DeliveryStream'), role]));
  });
});
