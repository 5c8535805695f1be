import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { checkShellAccount } from '../../../cli/aws/credentials.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('checkShellAccount', () => {
  it('resolves when the shell has a region and credentials', async () => {
    await expect(checkShellAccount(new SNSClient({ region: 'us-east-1', credentials }))).resolves.toBeUndefined();
  });

  it('rejects with an InputError when the shell has no region', async () => {
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

  it('rejects with an InputError and the cause when the shell has no credentials', async () => {
    const client = new SNSClient({ region: 'us-east-1', credentials: () => Promise.reject(new Error('no profile')) });
    const problem = checkShellAccount(client);
    await expect(problem).rejects.toThrow(InputError);
    await expect(problem).rejects.toThrow(/set AWS_PROFILE .*: no profile$/);
  });
});
