import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { templateOfLake } from '../lakes.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const template = synthesize();
const type = 'AWS::KinesisFirehose::DeliveryStream';
const { Properties: stream, DependsOn: dependencies } = template.findResources(type)[idOf(template, type)]!;
const role = idOf(template, 'AWS::IAM::Role', 'DeliveryStream');
const detectorArn = { 'Fn::GetAtt': [idOf(template, 'AWS::Lambda::Function', 'Detector'), 'Arn'] };
const roleArn = { 'Fn::GetAtt': [role, 'Arn'] };
const byDay = 'day=!{timestamp:yyyy}-!{timestamp:MM}-!{timestamp:dd}/';

function destinationOf(props: Parameters<typeof templateOfLake>[0]) {
  const [one] = Object.values(templateOfLake(props).findResources(type));
  return one!.Properties.ExtendedS3DestinationConfiguration;
}

describe('DeliveryStream', () => {
  it('accepts direct puts and has the tag of log delivery when it is created', () => {
    expect(stream.DeliveryStreamType).toBe('DirectPut');
    expect(stream.Tags).toEqual([{ Key: 'LogDeliveryEnabled', Value: 'true' }]);
  });

  it('encrypts buffered records when there is no customer-managed key', () => {
    expect(stream.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: 'AWS_OWNED_CMK' });
  });

  it('invokes the detector with batches of 1 MiB or a minute, and retries three times when a batch fails', () => {
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

  it('writes Parquet by day with the columns of the catalog, and errors by kind, when settings are defaults', () => {
    expect(stream.ExtendedS3DestinationConfiguration).toMatchObject({
      BucketARN: { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] },
      Prefix: `flows/parquet/${byDay}`,
      ErrorOutputPrefix: `errors/!{firehose:error-output-type}/${byDay}`,
      CompressionFormat: 'UNCOMPRESSED',
      DataFormatConversionConfiguration: {
        Enabled: true,
        InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
        OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
        SchemaConfiguration: {
          DatabaseName: { Ref: idOf(template, 'AWS::Glue::Database') },
          TableName: { Ref: idOf(template, 'AWS::Glue::Table', 'LakeCatalogFlows') },
          VersionId: 'LATEST',
          RoleARN: roleArn,
        },
      },
    });
    expect(stream.ExtendedS3DestinationConfiguration).not.toHaveProperty('DynamicPartitioningConfiguration');
  });

  it('buffers records before the function for as long as bufferIntervalSeconds says', () => {
    const patient = synthesize({ context: { bufferIntervalSeconds: '300' } });
    const { Properties } = patient.findResources(type)[idOf(patient, type)]!;
    const [{ Parameters }] = Properties.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors;
    expect(Parameters).toContainEqual({ ParameterName: 'BufferIntervalInSeconds', ParameterValue: '300' });
  });

  it.each([
    ['parquet', 'date'],
    ['json', 'date'],
    ['parquet', 'account'],
    ['json', 'vpc'],
  ] as const)('buffers 128 MiB or five minutes when it writes %s by %s', (format, partition) => {
    const destination = destinationOf({ format, partition });

    expect(destination.BufferingHints).toEqual({ SizeInMBs: 128, IntervalInSeconds: 300 });
  });

  it('writes compressed JSON and disables the conversion when the format is json', () => {
    const destination = destinationOf({ format: 'json' });

    expect(destination).toMatchObject({
      Prefix: `flows/json/${byDay}`,
      CompressionFormat: 'GZIP',
      DataFormatConversionConfiguration: { Enabled: false },
    });
  });

  it.each(['account', 'vpc'] as const)(
    'partitions each day by %s with the keys of the detector when the setting names that key',
    (partition) => {
      for (const format of ['parquet', 'json'] as const) {
        expect(destinationOf({ format, partition })).toMatchObject({
          Prefix: `flows/${format}/${byDay}${partition}=!{partitionKeyFromLambda:${partition}}/`,
          ErrorOutputPrefix: `errors/!{firehose:error-output-type}/${byDay}`,
          DynamicPartitioningConfiguration: { Enabled: true },
        });
      }
    },
  );

  it('is replaced when the partition key changes, but not when the format changes', () => {
    const ids = (['date', 'account', 'vpc'] as const).map((partition) => idOf(templateOfLake({ partition }), type));

    expect(new Set(ids).size).toBe(3);
    expect(idOf(templateOfLake({ format: 'json' }), type)).toBe(ids[0]);
  });

  it('logs its errors for a month when it is created', () => {
    const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'DeliveryStream');
    expect(stream.ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions).toMatchObject({
      Enabled: true,
      LogGroupName: { Ref: logGroup },
    });
    expect(template.findResources('AWS::Logs::LogGroup')[logGroup]!.Properties).toEqual({ RetentionInDays: 30 });
  });

  it('may only invoke the detector, deliver to the lake, read its columns and write its log when it delivers Parquet', () => {
    const bucketArn = { 'Fn::GetAtt': [idOf(template, 'AWS::S3::Bucket'), 'Arn'] };
    const database = { Ref: idOf(template, 'AWS::Glue::Database') };
    const table = { Ref: idOf(template, 'AWS::Glue::Table', 'LakeCatalogFlows') };
    const catalog = (first: string, ...parts: unknown[]) => ({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':glue:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:${first}`,
          ...parts,
        ],
      ],
    });
    const within = (suffix: string) => ({ 'Fn::Join': ['', [bucketArn, suffix]] });
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [detectorArn, { 'Fn::Join': ['', [detectorArn, ':$LATEST']] }],
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
        Action: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
        Resource: [catalog('catalog'), catalog('database/', database), catalog('table/', database, '/', table)],
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

  it('depends on its permissions when it is created', () => {
    expect(dependencies).toEqual(expect.arrayContaining([idOf(template, 'AWS::IAM::Policy', 'DeliveryStream'), role]));
  });
});
