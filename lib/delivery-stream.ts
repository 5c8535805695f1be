import { Duration, RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import {
  Compression,
  EnableLogging,
  DeliveryStream as FirehoseStream,
  type IDeliveryStream,
  LambdaFunctionProcessor,
  S3Bucket,
  StreamEncryption,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Detector } from './detector.ts';
import type { FlowLake } from './flow-lake.ts';
import { trustedService } from './trusted-service.ts';

export interface DeliveryStreamProps {
  readonly detector: Detector;
  readonly lake: FlowLake;
}

/**
 * The way of flow records from VPC Flow Logs through the detector to the lake. Firehose gathers a batch of up to
 * 1 MiB for up to a minute. A batch that the detector fails is sent to it again, three times, and then goes to the lake's
 * errors as it came (Firehose Developer Guide, "Data transformation failure handling"): nothing is lost.
 */
export class DeliveryStream extends Construct {
  readonly stream: IDeliveryStream;

  constructor(scope: Construct, id: string, { detector, lake }: DeliveryStreamProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: trustedService(this, 'firehose') });
    this.stream = new FirehoseStream(this, 'Stream', {
      encryption: StreamEncryption.awsOwnedKey(),
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
        compression: Compression.GZIP,
        loggingConfig: new EnableLogging(logGroup),
      }),
    });
    detector.function.grantInvoke(role);
    lake.grantDeliver(role);
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
