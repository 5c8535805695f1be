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
  /** Seconds for which Firehose collects records before it invokes the function. */
  readonly bufferIntervalSeconds: number;
  /**
   * The key that encrypts the buffered records and the log.
   *
   * @default keys that AWS owns
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
}

/**
 * The construct id by partition key. Dynamic partitioning can be neither enabled nor changed on an existing stream
 * (Firehose Developer Guide, "Enable dynamic partitioning"), but CloudFormation would try: another key is another stream.
 */
const streamIds = { date: 'Stream', account: 'StreamByAccount', vpc: 'StreamByVpc' } as const;

/** The construct id of CDK's mapping of Firehose's IP ranges. */
const cidrBlocksId = '@aws-cdk--aws-kinesisfirehose.CidrBlocks';

/**
 * The Firehose stream from VPC Flow Logs through the detector to the lake. Firehose buffers a batch of up to 1 MiB for up
 * to `bufferIntervalSeconds`. It retries a failed batch three times and then writes it unchanged below the lake's error
 * prefix (Firehose Developer Guide, "Data transformation failure handling"): no record is lost.
 */
export class DeliveryStream extends Construct {
  readonly stream: IDeliveryStream;

  constructor(scope: Construct, id: string, props: DeliveryStreamProps) {
    super(scope, id);
    const { detector, lake, catalog, encryptionKey } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey: encryptionKey.key }),
    });
    const role = new Role(this, 'Role', { assumedBy: scopedServicePrincipal(this, 'firehose') });
    const isParquet = lake.format === 'parquet';
    // CDK adds this mapping of IP ranges to the stack for each stream. Only destinations in a VPC refer to it.
    const hadCidrBlocks = Stack.of(this).node.tryFindChild(cidrBlocksId) !== undefined;
    this.stream = new FirehoseStream(this, streamIds[lake.partition], {
      // Firehose gets a grant on the key when the stream is created, which is enough for buffered records.
      role: role.withoutPolicyUpdates(),
      encryption: encryptionKey
        ? StreamEncryption.customerManagedKey(encryptionKey.key)
        : StreamEncryption.awsOwnedKey(),
      destination: new S3Bucket(lake.bucket, {
        // S3Bucket would grant more than Firehose needs: s3:DeleteObject*, s3:GetObject* and others.
        role: role.withoutPolicyUpdates(),
        processors: [
          new LambdaFunctionProcessor(detector.function, {
            // Decoding and base64 make a flow three to four times larger, and a response has at most 6 MB (Firehose
            // Developer Guide, "Data transformation").
            bufferSize: Size.mebibytes(1),
            bufferInterval: Duration.seconds(props.bufferIntervalSeconds),
            retries: 3,
          }),
        ],
        dataOutputPrefix: lake.flowsPrefix,
        errorOutputPrefix: lake.errorsPrefix,
        // Large objects make queries cheap, five minutes keep the data fresh. Conversion and dynamic partitioning need at
        // least 64 MiB (Firehose Developer Guide, "Convert input data format", "Buffer data for dynamic partitioning").
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
    // An update keeps what it omits (Firehose API Reference, "UpdateDestination"), so the other format is switched off.
    const destination = 'ExtendedS3DestinationConfiguration';
    const resource = this.stream.node.defaultChild as CfnDeliveryStream;
    if (isParquet) resource.addPropertyOverride(`${destination}.CompressionFormat`, Compression.UNCOMPRESSED.value);
    else resource.addPropertyOverride(`${destination}.DataFormatConversionConfiguration`, { Enabled: false });
    const { functionArn } = detector.function;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        // Firehose invokes a function without a version as $LATEST.
        resources: [functionArn, `${functionArn}:$LATEST`],
      }),
    );
    lake.grantDeliver(role);
    if (isParquet) catalog.grantReadColumns(role);
    logGroup.grantWrite(role);
    // A stream that is created before its permissions fails its first batches.
    this.stream.node.addDependency(role);
    if (!hadCidrBlocks) Stack.of(this).node.tryRemoveChild(cidrBlocksId);
    // The service-linked role of log delivery may write only to streams with this tag (CloudWatch Logs User Guide, "Logs
    // sent to Firehose").
    Tags.of(this.stream).add('LogDeliveryEnabled', 'true');
  }
}
