import type { S3Client } from '@aws-sdk/client-s3';
import { checkShellAccount } from '../../aws/credentials.ts';
import { maxOpenFiles } from './stored-file.ts';

/**
 * Creates a client with the credentials and the region of the shell, for buckets in any region. Each open file takes
 * one connection; the others serve further requests.
 *
 * @throws InputError if credentials or region are missing
 */
export async function createS3Client(): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    followRegionRedirects: true,
    requestHandler: { httpsAgent: { maxSockets: 2 * maxOpenFiles }, connectionTimeout: 5000 },
  });
  await checkShellAccount(client);
  return client;
}
