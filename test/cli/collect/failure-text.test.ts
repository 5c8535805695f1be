import { describe, expect, it } from 'vitest';
import { failureText } from '../../../cli/collect/failure-text.ts';

const failure = (members: object, message = 'the reason') => Object.assign(new Error(message), members);
const answered = { $metadata: { httpStatusCode: 400 } };

describe('failureText', () => {
  it.each([
    [
      'an unknown host',
      { code: 'ENOTFOUND', hostname: 'ec2.eu-x-1.amazonaws.com' },
      'the region eu-x-1 does not exist',
    ],
    ['expired credentials', { name: 'RequestExpired', ...answered }, 'the credentials have expired: sign in again'],
    ['a region that is not enabled', { name: 'OptInRequired', ...answered }, 'the region is not enabled'],
    ['a profile that ends', { name: 'CredentialsProviderError' }, 'no AWS credentials: sign in again'],
    ['a throttled call', { name: 'RequestLimitExceeded', $metadata: { attempts: 6 } }, 'also at attempt 6'],
    ['another refusal', { name: 'Blocked', ...answered }, 'ec2:DescribeInstances failed: Blocked: the reason'],
    ['an error of the network', { code: 'ECONNREFUSED' }, 'the reason'],
  ])('names the cause when there is %s', (_, members, text) => {
    expect(failureText(failure(members), 'eu-x-1', 'ec2:DescribeInstances')).toContain(text);
  });

  it('names the code when the error of the network has no message', () => {
    expect(failureText(failure({ code: 'ECONNREFUSED' }, ''), 'eu-x-1', 'ec2:DescribeInstances')).toBe('ECONNREFUSED');
  });
});
