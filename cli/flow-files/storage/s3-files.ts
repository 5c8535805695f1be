import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../../../lambda/common/errors.ts';
import { InputError } from '../../terminal/input-error.ts';
import { parseS3Uri } from './s3-uri.ts';
import { isIgnoredName, type StoredFile } from './stored-file.ts';

/** Upper bound of consecutive retries after a connection broke off without a byte. */
const maxFailures = 3;

/**
 * Lists the object with the key of a URI, or else all objects whose keys begin with it.
 *
 * @throws InputError that names the URI if the bucket cannot be listed or has no candidate for a flow log file
 */
export async function s3Files(uri: string, client: S3Client, signal?: AbortSignal): Promise<StoredFile[]> {
  const { bucket, prefix } = parseS3Uri(uri);
  const files: StoredFile[] = [];
  try {
    const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, { abortSignal: signal });
    for await (const { Contents = [] } of pages) {
      for (const { Key: key, Size: bytes = 0, ETag: etag, LastModified: modified } of Contents) {
        if (key === undefined || bytes === 0 || key.endsWith('/')) continue;
        const file = storedObject(client, { bucket, key, bytes, version: etag ?? modified?.toISOString() });
        if (key === prefix) return [file];
        if (!namesBelow(prefix, key).some(isIgnoredName)) files.push(file);
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(`${uri} cannot be listed: ${reasonOf(error)}`);
  }
  if (files.length === 0) throw new InputError(`${uri} has no flow log file`);
  return files;
}

/** Returns the names of the object and its folders that the prefix does not give completely. */
function namesBelow(prefix: string, key: string): string[] {
  return key.slice(prefix.lastIndexOf('/') + 1).split('/');
}

interface ListedObject extends Pick<StoredFile, 'bytes' | 'version'> {
  readonly bucket: string;
  readonly key: string;
}

function storedObject(client: S3Client, { bucket, key, bytes, version }: ListedObject): StoredFile {
  return {
    name: `s3://${bucket}/${key}`,
    bytes,
    path: undefined,
    version,
    open: (maxBytes = bytes) => readObject(client, { Bucket: bucket, Key: key }, Math.min(maxBytes, bytes)),
  };
}

/**
 * Reads an object. S3 may close a connection that is idle for long, for example while other files are due; the next
 * request then continues at the same byte.
 */
async function* readObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  bytes: number,
): AsyncGenerator<Buffer> {
  let at = 0;
  let etag: string | undefined;
  let failures = 0;
  while (at < bytes) {
    try {
      const part = { Range: `bytes=${at}-${bytes - 1}`, ...(etag !== undefined && { IfMatch: etag }) };
      const { Body, ETag } = await client.send(new GetObjectCommand({ ...object, ...part }));
      etag = ETag;
      for await (const chunk of Body as AsyncIterable<Buffer>) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (at < bytes) throw new Error('it ended early');
    } catch (error) {
      failures += 1;
      if (at === 0 || failures > maxFailures || statusOf(error) !== undefined) throw new Error(reasonOf(error));
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** Returns the message with the error's name, which is often the more specific part of an S3 error. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error);
}
