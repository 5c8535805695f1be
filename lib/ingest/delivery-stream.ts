import { Duration, RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import {
  type CfnDeliveryStream,
  Compression,
  EnableLogging,
  DeliveryStream as FirehoseStream,
  type IDeliveryStream,
  InputFormat,
  LambdaFunctionProcessor,
  OutputFormat,
  S3Bucket,
  SchemaConfiguration,
  StreamEncryption,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Detector } from '../detector/detector.ts';
import type { LakeBucket } from '../lake/lake-bucket.ts';
import type { LakeCatalog } from '../lake/lake-catalog.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { scopedServicePrincipal } from '../security/scoped-service-principal.ts';

export interface DeliveryStreamProps {
  readonly detector: Detector;
  readonly lake: LakeBucket;
  readonly catalog: LakeCatalog;
  /** What encrypts the records that it buffers and its log, in place of keys that AWS owns. */
  readonly encryptionKey?: CustomerManagedKey | undefined;
}

/**
 * Partitions by keys can be neither turned on nor changed in a stream that runs (Firehose Developer Guide, "Enable dynamic
 * partitioning"), and CloudFormation would try: another kind of partitions is another stream.
 */
const streamIds = { date: 'Stream', account: 'StreamByAccount', vpc: 'StreamByVpc' } as const;

/**
 * The way of flow records from VPC Flow Logs through the detector to the lake. Firehose gathers a batch of up to
 * 1 MiB for up to a minute. A batch that the detector fails is sent to it again, three times, and then goes to the lake's
 * errors as it came (Firehose Developer Guide, "Data transformation failure handling"): nothing is lost.
 */
export class DeliveryStream extends Construct {
  readonly stream: IDeliveryStream;

  constructor(scope: Construct, id: string, { detector, lake, catalog, encryptionKey }: DeliveryStreamProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey: encryptionKey.key }),
    });
    const role = new Role(this, 'Role', { assumedBy: scopedServicePrincipal(this, 'firehose') });
    const isParquet = lake.format === 'parquet';
    this.stream = new FirehoseStream(this, streamIds[lake.partition], {
      // Firehose gets a grant of the key when the stream is made, and needs no more of it for what it buffers.
      role: role.withoutPolicyUpdates(),
      encryption: encryptionKey
        ? StreamEncryption.customerManagedKey(encryptionKey.key)
        : StreamEncryption.awsOwnedKey(),
      destination: new S3Bucket(lake.bucket, {
        // What S3Bucket would grant of itself is more than Firehose needs: s3:DeleteObject*, s3:GetObject* and others.
        role: role.withoutPolicyUpdates(),
        processors: [
          new LambdaFunctionProcessor(detector.function, {
            // Decoded and in base64 a flow takes three to four times the bytes that it came in, and an answer has room
            // for 6 MB (Firehose Developer Guide, "Data transformation").
            bufferSize: Size.mebibytes(1),
            bufferInterval: Duration.seconds(60),
            retries: 3,
          }),
        ],
        dataOutputPrefix: lake.flowsPrefix,
        errorOutputPrefix: lake.errorsPrefix,
        // Large objects make queries cheap, five minutes make them fresh. Conversion and partitions by keys ask for 64
        // MiB at least (Firehose Developer Guide, "Convert input data format", "Buffer data for dynamic partitioning").
        bufferingSize: Size.mebibytes(128),
        bufferingInterval: Duration.minutes(5),
        ...(isParquet
          ? {
              dataFormatConversion: {
                schemaConfiguration: SchemaConfiguration.fromCfnTable(catalog.flowsTable),
                inputFormat: InputFormat.OPENX_JSON,
                outputFormat: OutputFormat.PARQUET,
              },
            }
          : { compression: Compression.GZIP }),
        ...(lake.partition !== 'date' && { dynamicPartitioning: { enabled: true } }),
        loggingConfig: new EnableLogging(logGroup),
      }),
    });
    // An update keeps what it does not name (Firehose API Reference, "UpdateDestination"): the other format is ended.
    const destination = 'ExtendedS3DestinationConfiguration';
    const resource = this.stream.node.defaultChild as CfnDeliveryStream;
    if (isParquet) resource.addPropertyOverride(`${destination}.CompressionFormat`, Compression.UNCOMPRESSED.value);
    else resource.addPropertyOverride(`${destination}.DataFormatConversionConfiguration`, { Enabled: false });
    const { functionArn } = detector.function;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        // The second is what Firehose makes of a function without a version.
        resources: [functionArn, `${functionArn}:$LATEST`],
      }),
    );
    lake.grantDeliver(role);
    if (isParquet) catalog.grantReadColumns(role);
    logGroup.grantWrite(role);
    // A stream that exists before its permissions fails its first batches.
    this.stream.node.addDependency(role);
    // Its table of IP ranges, which CDK adds and only destinations in a VPC refer to.
    Stack.of(this).node.tryRemoveChild('@aws-cdk--aws-kinesisfirehose.CidrBlocks');
    // The log delivery's service-linked role may write only to streams with this tag (CloudWatch Logs User Guide, "Logs
    // sent to Firehose").
    Tags.of(this.stream).add('LogDeliveryEnabled', 'true');
  }
}
