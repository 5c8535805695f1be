import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LakePartition } from '../../lambda/respond/lake-partition.ts';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { retainWithPolicy } from '../security/retain-with-policy.ts';

/** Parquet, which Athena reads by columns, or JSON, a line a flow, which anything reads. */
export type LakeFormat = 'parquet' | 'json';

export interface LakeBucketProps {
  readonly format: LakeFormat;
  /** What objects are parted by besides the day of their arrival. */
  readonly partition: LakePartition;
  /** Days after which decoded records go to Glacier Instant Retrieval, which Athena reads like the rest; 0 for never. */
  readonly coldAfterDays: number;
  /** Days after which they are deleted; 0 for never. */
  readonly expireAfterDays: number;
  /** What encrypts it, in place of keys that S3 manages. */
  readonly encryptionKey?: CustomerManagedKey | undefined;
  /** Whether it stays when the stack goes. */
  readonly protect?: boolean;
}

const flowsFolder = 'flows/';
const errorsFolder = 'errors/';
/** Where `redrive` puts what it decoded (cli/redrive/redrive.ts), a line each as JSON, since a table has one format. */
const redrivenFolder = 'redriven/';
const resultsFolder = 'athena/';

/** Days that errors are kept, as long as flows by default: what failed is evidence, and can be put through again. */
export const errorsExpireAfterDays = 400;
/** Results of queries are copies. */
const resultsExpireAfterDays = 30;
/** Firehose's own tries at an object end after a day (Firehose Developer Guide, "Data delivery failure handling"). */
const uploadsExpireAfterDays = 7;

/** By what S3 counts the requests for errors apart from the others. */
const errorsFilter = 'errors';

/**
 * The day on which Firehose got the first record of the object, in UTC, as a partition that Athena knows by its name
 * (Firehose Developer Guide, "Custom prefixes for Amazon S3 objects").
 */
const byDay = 'day=!{timestamp:yyyy}-!{timestamp:MM}-!{timestamp:dd}/';

/**
 * Every flow record, decoded, in objects by day; apart from them what could not be read, as it came, by the kind of
 * failure. A bucket that is not empty cannot be deleted, protected or not.
 */
export class LakeBucket extends Construct {
  readonly format: LakeFormat;
  readonly partition: LakePartition;
  /** Days that decoded records are kept; 0 for ever. */
  readonly expireAfterDays: number;
  /** Where decoded records are: a folder for each format, so that no table ever meets an object of the other. */
  readonly flowsRoot: string;
  /** Where what failed is. */
  readonly errorsRoot = errorsFolder;
  /** Where decoded records are that were put through again. */
  readonly redrivenRoot = redrivenFolder;
  /** Where results of queries are. */
  readonly resultsRoot = resultsFolder;
  /** Where decoded records go, for Firehose. */
  readonly flowsPrefix: string;
  /** Where the others go; Firehose puts the reason in place of the expression, such as `processing-failed`. */
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
    // The day comes first: a table by day then sees all partitions of it, and needs no list of them.
    const within = partition === 'date' ? '' : `${partition}=!{partitionKeyFromLambda:${partition}}/`;
    this.flowsPrefix = `${this.flowsRoot}${byDay}${within}`;
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // With a bucket key there is one use of ours for many objects, not one for each.
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey: encryptionKey.key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      lifecycleRules: lifecycleRules(coldAfterDays, expireAfterDays),
      metrics: [{ id: errorsFilter, prefix: errorsFolder }],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (protect) retainWithPolicy(bucket);
    // Under exactOptionalPropertyTypes CDK's own Bucket is no IBucket.
    this.bucket = bucket as IBucket;
  }

  /** How often something was put under errors: what could not be read, converted or put through. */
  metricErrors(): Metric {
    const dimensionsMap = { BucketName: this.bucket.bucketName, FilterId: errorsFilter };
    return new Metric({ namespace: 'AWS/S3', metricName: 'PutRequests', dimensionsMap, statistic: 'Sum' });
  }

  /** What Firehose needs to deliver (Firehose Developer Guide, "Grant Firehose access to an Amazon S3 destination"). */
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
    // S3 names the bucket where there is a bucket key, and the object where a request asks for none.
    const arns = [this.bucket.bucketArn, this.bucket.arnForObjects('*')];
    return onLake.combine(
      this.#encryptionKey.grant(grantee, 'deliver', { StringLike: { 'kms:EncryptionContext:aws:s3:arn': arns } }),
    );
  }
}

function lifecycleRules(coldAfterDays: number, expireAfterDays: number): LifecycleRule[] {
  const kept = (id: string, prefix: string): LifecycleRule => ({
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
    // A rule that does nothing is an error to S3.
    ...(coldAfterDays + expireAfterDays > 0 ? [kept('flows', flowsFolder), kept('redriven', redrivenFolder)] : []),
    { id: 'errors', prefix: errorsFolder, expiration: Duration.days(errorsExpireAfterDays) },
    { id: 'athena', prefix: resultsFolder, expiration: Duration.days(resultsExpireAfterDays) },
    { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(uploadsExpireAfterDays) },
  ];
}
