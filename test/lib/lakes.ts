import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { DeliveryStream } from '../../lib/ingest/delivery-stream.ts';
import { LakeBucket, type LakeBucketProps } from '../../lib/lake/lake-bucket.ts';
import { LakeCatalog } from '../../lib/lake/lake-catalog.ts';
import { templateWith } from './synthesis.ts';

export const lakeProps: LakeBucketProps = {
  format: 'parquet',
  partition: 'date',
  coldAfterDays: 90,
  expireAfterDays: 400,
};

/** Returns a template with a lake and its stream, with an empty function as detector. */
export function templateOfLake(props: Partial<LakeBucketProps> = {}) {
  return templateWith((stack) => {
    const lake = new LakeBucket(stack, 'LakeBucket', { ...lakeProps, ...props });
    const catalog = new LakeCatalog(stack, 'LakeCatalog', { lake });
    const detector = new LambdaFunction(stack, 'Detector', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('export const handler = () => {};'),
    });
    new DeliveryStream(stack, 'DeliveryStream', {
      bufferIntervalSeconds: 60,
      detector: { function: detector } as never,
      lake,
      catalog,
    });
  });
}

/** Returns an S3 URI in the notation of a template. */
export function inBucket(bucket: string, path: string) {
  return { 'Fn::Join': ['', ['s3://', { Ref: bucket }, `/${path}`]] };
}
