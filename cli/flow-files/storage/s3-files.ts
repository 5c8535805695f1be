import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../../../lambda/common/errors.ts';
import { InputError } from '../../terminal/input-error.ts';
import { s3Place } from './s3-uri.ts';
import { isBeside, type StoredFile } from './stored-file.ts';

/** How often in a row reading goes on after the connection broke off without a byte. */
const maxFailures = 3;

/**
 * The object with the key, or all objects whose keys begin with it.
 *
 * @throws InputError that names the address, where the bucket cannot be listed or holds no file that could be a flow log
 */
export async function s3Files(address: string, client: S3Client, signal?: AbortSignal): Promise<StoredFile[]> {
  const { bucket, prefix } = s3Place(address);
  const files: StoredFile[] = [];
  try {
    const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, { abortSignal: signal });
    for await (const { Contents = [] } of pages) {
      for (const { Key: key, Size: bytes = 0 } of Contents) {
        if (key === undefined || bytes === 0 || key.endsWith('/')) continue;
        const file = storedObject(client, bucket, key, bytes);
        if (key === prefix) return [file];
        if (!namesBelow(prefix, key).some(isBeside)) files.push(file);
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(`${address} cannot be listed: ${reasonOf(error)}`);
  }
  if (files.length === 0) throw new InputError(`${address} holds no flow log file`);
  return files;
}

/** The names of folders and the object that the prefix does not give whole. */
function namesBelow(prefix: string, key: string): string[] {
  return key.slice(prefix.lastIndexOf('/') + 1).split('/');
}

function storedObject(client: S3Client, bucket: string, key: string, bytes: number): StoredFile {
  return {
    name: `s3://${bucket}/${key}`,
    bytes,
    path: undefined,
    open: (most = bytes) => readObject(client, { Bucket: bucket, Key: key }, Math.min(most, bytes)),
  };
}

/**
 * Reads an object. S3 may end a connection that is quiet for long, as one is while other files are due: reading then goes
 * on where it was.
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

/** The name says more than the message of what S3 answers. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error);
}
