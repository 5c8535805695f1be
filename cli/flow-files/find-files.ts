import type { S3Client } from '@aws-sdk/client-s3';
import { InputError } from '../terminal/input-error.ts';
import { localFiles } from './storage/local-files.ts';
import { isS3Uri, parseS3Uri } from './storage/s3-uri.ts';
import type { Found, StoredFile } from './storage/stored-file.ts';

export interface FindOptions {
  /** Creates the client for s3:// URIs (default: with the credentials and the region of the shell). */
  readonly s3?: (() => Promise<S3Client>) | undefined;
  /** Ends the stream early when it fires. Until the files are detected, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the files that the paths name, without opening them, and in no order.
 *
 * @param paths files, folders, and `s3://bucket/prefix`: one object, or all objects with the prefix
 * @throws InputError if a path is invalid, missing or cannot be read
 */
export async function findFiles(
  paths: readonly string[],
  { signal, s3 = defaultClient }: FindOptions = {},
): Promise<Found> {
  if (paths.length === 0) throw new InputError('the files are missing, expected files, folders or s3://bucket/prefix');
  const files = new Map<string, StoredFile>();
  const problems = new Map<string, Found['problems'][number]>();
  let client: Promise<S3Client> | undefined;
  const inBucket = async (uri: string) => {
    parseS3Uri(uri);
    const { s3Files } = await import('./storage/s3-files.ts');
    // Awaited at once, because its rejection would be unhandled until then.
    client ??= s3();
    return s3Files(uri, await client, signal);
  };
  for (const path of [...new Set(paths)].sort()) {
    signal?.throwIfAborted();
    const found = isS3Uri(path) ? { files: await inBucket(path), problems: [] } : await localFiles(path, signal);
    for (const file of found.files) if (!files.has(file.path ?? file.name)) files.set(file.path ?? file.name, file);
    for (const problem of found.problems) problems.set(problem.name, problem);
  }
  return { files: [...files.values()], problems: [...problems.values()] };
}

async function defaultClient(): Promise<S3Client> {
  const { createS3Client } = await import('./storage/s3-client.ts');
  return createS3Client();
}
