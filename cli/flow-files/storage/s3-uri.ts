import { InputError } from '../../terminal/input-error.ts';

/** A bucket and a prefix of keys in it. */
export interface S3Location {
  readonly bucket: string;
  /** A complete key, or the beginning of keys. */
  readonly prefix: string;
}

/** Returns whether a path is meant as an S3 URI, valid or not. */
export function isS3Uri(path: string): boolean {
  return /^s3:/i.test(path);
}

/**
 * Parses an S3 URI.
 *
 * @throws InputError if it is invalid: a bucket has 3 to 63 characters (S3 User Guide, "Bucket naming rules")
 */
export function parseS3Uri(uri: string): S3Location {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined) throw new InputError(`the S3 URI is invalid: got ${uri}, expected s3://bucket/prefix`);
  return { bucket, prefix };
}
