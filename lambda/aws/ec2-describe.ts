import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type EC2ClientConfig,
  type Filter,
} from '@aws-sdk/client-ec2';
import type { MissingReason } from '../names/name-entry.ts';
import type { Answer, Describe } from '../names/name-lookup.ts';

/** The most results of a page (EC2 API Reference, "DescribeNetworkInterfaces"): pages are also throttled less. */
const pageSize = 1000;

/** EC2's names of a throttled request, and of a missing permission (EC2 API Reference, "Error codes"). */
const throttled = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'EC2ThrottledException'];
const denied = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'];

/** Creates a client of one attempt. Its SDK comes with Lambda's runtime and is not in the bundle. */
export function createEc2Client(config: EC2ClientConfig = {}): EC2Client {
  return new EC2Client({ maxAttempts: 1, requestHandler: { connectionTimeout: 1000 }, ...config });
}

/**
 * Describes interfaces and instances by filters with one page. By ids, EC2 would refuse the complete request if one of them
 * does not exist; without a page size, it refuses accounts with many interfaces.
 *
 * @param report is called with the error of each call without an answer
 */
export function ec2Describe(client: EC2Client, signal: AbortSignal, report: (error: unknown) => void): Describe {
  const answerOf = async (output: Promise<{ readonly NextToken?: string | undefined }>): Promise<Answer> => {
    try {
      const answer = await output;
      // The form of the AWS CLI, with times as text.
      return { answer: JSON.parse(JSON.stringify(answer)) as unknown, isComplete: answer.NextToken === undefined };
    } catch (error) {
      report(error);
      return { refused: reasonOf(error) };
    }
  };
  const options = { abortSignal: signal };
  const interfaces = (Filters: Filter[]) =>
    answerOf(client.send(new DescribeNetworkInterfacesCommand({ Filters, MaxResults: pageSize }), options));
  return {
    interfaces: (ids) => interfaces([filterOf('network-interface-id', ids)]),
    holders: (addresses, family, vpcs) => {
      const name = family === 'ipv4' ? 'addresses.private-ip-address' : 'ipv6-addresses.ipv6-address';
      return interfaces([filterOf(name, addresses), filterOf('vpc-id', vpcs)]);
    },
    instances: (ids) => {
      const Filters = [filterOf('instance-id', ids)];
      return answerOf(client.send(new DescribeInstancesCommand({ Filters, MaxResults: pageSize }), options));
    },
  };
}

function filterOf(Name: string, values: readonly string[]): Filter {
  return { Name, Values: [...values] };
}

function reasonOf(error: unknown): MissingReason {
  const { name = '' } = error as { readonly name?: string };
  if (throttled.includes(name)) return 'throttled';
  return denied.includes(name) ? 'denied' : 'failed';
}
