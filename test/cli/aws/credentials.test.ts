import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { checkShellAccount } from '../../../cli/aws/credentials.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('the account of the shell', () => {
  it('is taken where it has a region and credentials', async () => {
    await expect(checkShellAccount(new SNSClient({ region: 'us-east-1', credentials }))).resolves.toBeUndefined();
  });

  it('is asked for where it has no region', async () => {
    const client = new SNSClient({
      credentials,
      region: async () => {
        throw new Error('Region is missing');
      },
    });
    const problem = checkShellAccount(client);
    await expect(problem).rejects.toThrow(InputError);
    await expect(problem).rejects.toThrow('set AWS_REGION');
  });

  it('is asked for where it has no credentials, with what was tried', async () => {
    const client = new SNSClient({ region: 'us-east-1', credentials: () => Promise.reject(new Error('no profile')) });
    const problem = checkShellAccount(client);
    await expect(problem).rejects.toThrow(InputError);
    await expect(problem).rejects.toThrow(/set AWS_PROFILE .*: no profile$/);
  });
});
