import { messageOf } from '../../lambda/common/errors.ts';

/** The page with the policy of the command. */
const policyPage = 'docs/analyse/names.md#permissions';

/** The actions that the command needs. */
export type CollectAction = 'ec2:DescribeNetworkInterfaces' | 'ec2:DescribeInstances';

/** EC2's names of refused credentials (EC2 API Reference, "Error codes"); EC2 has no other answer in a disabled region. */
const refusedCredentials = ['AuthFailure', 'OptInRequired', 'InvalidClientTokenId', 'SignatureDoesNotMatch'];
const expiredCredentials = ['RequestExpired', 'ExpiredToken', 'ExpiredTokenException'];
const throttled = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'EC2ThrottledException'];
const unknownHost = ['ENOTFOUND', 'EAI_AGAIN'];

/**
 * Returns why a call failed, and the remedy.
 *
 * @param error the error of the SDK, or of the network
 */
export function failureText(error: unknown, region: string, action: CollectAction): string {
  const { name = '', code = '', hostname, $metadata } = error as AwsFailure;
  const reason = messageOf(error) || code || name;
  if (name === 'UnauthorizedOperation') {
    return `the credentials lack the permission ${action}: attach the policy in ${policyPage}; AWS says: ${reason}`;
  }
  if (refusedCredentials.includes(name)) {
    return (
      'AWS refuses the credentials in this region. Either they are invalid, or the region is not enabled in the account: ' +
      `enable the region, or leave it out; AWS says: ${name}: ${reason}`
    );
  }
  if (expiredCredentials.includes(name)) return `the credentials have expired: sign in again; AWS says: ${reason}`;
  if (throttled.includes(name)) {
    const attempts = $metadata?.attempts ?? 1;
    return `EC2 throttles ${action}, also at attempt ${attempts}: other programs use up the request budget of the account; run the command again later`;
  }
  if (unknownHost.includes(code)) {
    const host = hostname === undefined ? 'the endpoint' : `the endpoint ${hostname}`;
    return `${host} has no address: the region ${region} does not exist, or this machine cannot reach a name server`;
  }
  if (name === 'CredentialsProviderError') return `no AWS credentials: sign in again, as for the AWS CLI: ${reason}`;
  return $metadata?.httpStatusCode === undefined ? reason : `${action} failed: ${name}: ${reason}`;
}

interface AwsFailure {
  /** The error code of EC2, if EC2 answered. */
  readonly name?: string;
  /** The error code of the system, if no answer arrived. */
  readonly code?: string;
  readonly hostname?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}
