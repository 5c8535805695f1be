import type { S3Client } from '@aws-sdk/client-s3';
import { checkShellAccount } from '../../aws/credentials.ts';
import { maxOpenFiles } from './stored-file.ts';

/**
 * A client with the credentials and the region of the shell, for buckets in any region. Each file that is open takes a
 * connection, and one more is for what else is asked.
 *
 * @throws InputError when there are none
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
