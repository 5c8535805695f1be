import { InputError } from '../../terminal/input-error.ts';

/** A place in S3. */
export interface S3Place {
  readonly bucket: string;
  /** A key, or what keys begin with. */
  readonly prefix: string;
}

/** Whether a path is meant as an address in S3. */
export function isS3Address(path: string): boolean {
  return /^s3:/i.test(path);
}

/** @throws InputError where it is none: a bucket has 3 to 63 characters (S3 User Guide, "Bucket naming rules") */
export function s3Place(address: string): S3Place {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(address) ?? [];
  if (bucket === undefined) throw new InputError(`${address} is no address in S3, expected s3://bucket/prefix`);
  return { bucket, prefix };
}
