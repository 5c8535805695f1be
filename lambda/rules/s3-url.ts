import type { S3Object } from './model.ts';

/**
 * The address of an S3 object (S3 User Guide, "General purpose bucket naming rules", "Naming Amazon S3 objects"). IAM
 * wildcards and variables are excluded, since the function may read exactly this object.
 */
export const s3Url = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([\w.!'()=+@:,-][\w.!'()=+@:,/-]{0,1023})$/;

/** Parses the address of an S3 object; undefined for any other text. */
export function parseS3Url(url: string): S3Object | undefined {
  const match = s3Url.exec(url);
  return match ? { bucket: match[1]!, key: match[2]! } : undefined;
}
