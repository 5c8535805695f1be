import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LakePartition } from '../../lambda/respond/lake-partition.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainWithPolicy } from '../security/retain-with-policy.ts';

/** Parquet, which Athena reads by column, or JSON with one flow per line, which any tool reads. */
export type LakeFormat = 'parquet' | 'json';

export interface LakeBucketProps {
  readonly format: LakeFormat;
  /** The partition key in addition to the day of arrival. */
  readonly partition: LakePartition;
  /** Days after which decoded records move to Glacier Instant Retrieval, which Athena can read. 0: never. */
  readonly coldAfterDays: number;
  /** Days after which decoded records are deleted. 0: never. */
  readonly expireAfterDays: number;
  /**
   * The key that encrypts the objects.
   *
   * @default keys that S3 manages
   */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /**
   * Whether the bucket outlives the stack.
   *
   * @default true
   */
  readonly protect?: boolean;
}

const flowsFolder = 'flows/';
const errorsFolder = 'errors/';
/** The folder of reprocessed records (cli/redrive/redrive.ts): JSON lines apart from Parquet, since a table has one format. */
const redrivenFolder = 'redriven/';
const resultsFolder = 'athena/';

/** Days for which errors are retained, as long as flows by default: failed records are evidence and can be reprocessed. */
export const errorsExpireAfterDays = 400;
/** Query results are copies, so they can go early. */
const resultsExpireAfterDays = 30;
/** Firehose retries an upload for at most a day (Firehose Developer Guide, "Data delivery failure handling"). */
const uploadsExpireAfterDays = 7;

/**
 * The UTC day on which Firehose received the first record of an object, as an Athena partition. Source: Firehose
 * Developer Guide, "Custom prefixes for Amazon S3 objects".
 */
const byDay = 'day=!{timestamp:yyyy}-!{timestamp:MM}-!{timestamp:dd}/';

/**
 * The bucket with every decoded flow record by day, and with failed records in their original form by kind of failure.
 * CloudFormation cannot delete a bucket with objects, even without protection.
 */
export class LakeBucket extends Construct {
  readonly format: LakeFormat;
  readonly partition: LakePartition;
  /** Days for which decoded records are retained. 0: forever. */
  readonly expireAfterDays: number;
  /** The folder of decoded records. Each format has a folder, so that no table reads objects of the other format. */
  readonly flowsRoot: string;
  /** The folder of failed records. */
  readonly errorsRoot = errorsFolder;
  /** The folder of reprocessed records. */
  readonly redrivenRoot = redrivenFolder;
  /** The folder of query results. */
  readonly resultsRoot = resultsFolder;
  /** Firehose's prefix of decoded records. */
  readonly flowsPrefix: string;
  /** Firehose's prefix of failed records. Firehose replaces the expression by a kind such as `processing-failed`. */
  readonly errorsPrefix = `${errorsFolder}!{firehose:error-output-type}/${byDay}`;
  readonly bucket: IBucket;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(
    scope: Construct,
    id: string,
    { format, partition, coldAfterDays, expireAfterDays, encryptionKey, protect = true }: LakeBucketProps,
  ) {
    super(scope, id);
    this.#encryptionKey = encryptionKey;
    this.format = format;
    this.partition = partition;
    this.expireAfterDays = expireAfterDays;
    this.flowsRoot = `${flowsFolder}${format}/`;
    // The day comes first, so that a table by day covers the other partition key without a list of its values.
    const within = partition === 'date' ? '' : `${partition}=!{partitionKeyFromLambda:${partition}}/`;
    this.flowsPrefix = `${this.flowsRoot}${byDay}${within}`;
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // With a bucket key, S3 uses the KMS key once for many objects.
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey: encryptionKey.key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      lifecycleRules: lifecycleRules(coldAfterDays, expireAfterDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    sendEvents(bucket);
    if (protect) retainWithPolicy(bucket);
    // With exactOptionalPropertyTypes, CDK's Bucket is not assignable to IBucket.
    this.bucket = bucket as IBucket;
  }

  /** Grants delivery (Firehose Developer Guide, "Grant Firehose access to an Amazon S3 destination"). */
  grantDeliver(grantee: IGrantable): Grant {
    const onBucket = Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      resourceArns: [this.bucket.bucketArn],
    });
    const onObjects = Grant.addToPrincipal({
      grantee,
      actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      resourceArns: [flowsFolder, errorsFolder].map((folder) => this.bucket.arnForObjects(`${folder}*`)),
    });
    const onLake = onBucket.combine(onObjects);
    if (!this.#encryptionKey) return onLake;
    // The encryption context is the bucket with a bucket key, and the object without one.
    const arns = [this.bucket.bucketArn, this.bucket.arnForObjects('*')];
    return onLake.combine(
      this.#encryptionKey.grant(grantee, 'deliver', { StringLike: { 'kms:EncryptionContext:aws:s3:arn': arns } }),
    );
  }
}

/**
 * Sends the events of the bucket to EventBridge. CDK's `eventBridgeEnabled` and `addEventNotification` use a custom resource,
 * which replaces the configuration: the signal of failed records would end without an error.
 */
function sendEvents(bucket: Bucket): void {
  const resource = bucket.node.defaultChild as CfnBucket;
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  bucket.node.addValidation({
    validate: () =>
      bucket.node.tryFindChild('Notifications') === undefined
        ? []
        : [
            'the event notifications of the flow lake are invalid: got addEventNotification, which would end the signal of ' +
              'failed records, expected a rule of EventBridge: the bucket sends its events there',
          ],
  });
}

function lifecycleRules(coldAfterDays: number, expireAfterDays: number): LifecycleRule[] {
  const retained = (id: string, prefix: string): LifecycleRule => ({
    id,
    prefix,
    ...(coldAfterDays > 0 && {
      transitions: [
        { storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(coldAfterDays) },
      ],
    }),
    ...(expireAfterDays > 0 && { expiration: Duration.days(expireAfterDays) }),
  });
  return [
    // S3 rejects a rule without an action.
    ...(coldAfterDays + expireAfterDays > 0
      ? [retained('flows', flowsFolder), retained('redriven', redrivenFolder)]
      : []),
    { id: 'errors', prefix: errorsFolder, expiration: Duration.days(errorsExpireAfterDays) },
    { id: 'athena', prefix: resultsFolder, expiration: Duration.days(resultsExpireAfterDays) },
    { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(uploadsExpireAfterDays) },
  ];
}
