import { RemovalPolicy } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const flowsFolder = 'flows/';
const errorsFolder = 'errors/';

/**
 * The time at which Firehose got the first record of the object, in UTC, as partitions that Athena knows by their names
 * (Firehose Developer Guide, "Custom prefixes for Amazon S3 objects").
 */
const byDay = 'year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/';

/**
 * Every flow record, decoded: JSON, a line each, in objects by day; apart from them what could not be read, as it came.
 * It stays when the stack goes.
 */
export class FlowLake extends Construct {
  /** Where decoded records go. */
  readonly flowsPrefix = `${flowsFolder}${byDay}`;
  /** Where the others go; Firehose puts the reason in place of the expression, such as `processing-failed`. */
  readonly errorsPrefix = `${errorsFolder}!{firehose:error-output-type}/${byDay}`;
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Under exactOptionalPropertyTypes CDK's own Bucket is no IBucket.
    this.bucket = bucket as IBucket;
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
    return onBucket.combine(onObjects);
  }
}
