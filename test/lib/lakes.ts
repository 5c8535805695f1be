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

/** The way into a lake, with a function that does nothing in the detector's place. */
export function templateOfLake(props: Partial<LakeBucketProps> = {}) {
  return templateWith((stack) => {
    const lake = new LakeBucket(stack, 'LakeBucket', { ...lakeProps, ...props });
    const catalog = new LakeCatalog(stack, 'LakeCatalog', { lake });
    const detector = new LambdaFunction(stack, 'Detector', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('export const handler = () => {};'),
    });
    new DeliveryStream(stack, 'DeliveryStream', { detector: { function: detector } as never, lake, catalog });
  });
}

/** What `bucket://` and a path come to in a template. */
export function inBucket(bucket: string, path: string) {
  return { 'Fn::Join': ['', ['s3://', { Ref: bucket }, `/${path}`]] };
}
