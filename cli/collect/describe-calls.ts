import {
  EC2Client,
  type EC2ClientConfig,
  type NetworkInterface,
  paginateDescribeInstances,
  paginateDescribeNetworkInterfaces,
  type Reservation,
} from '@aws-sdk/client-ec2';

/** Maximum number of results of a page (EC2 API Reference, "DescribeNetworkInterfaces", "DescribeInstances"). */
const pageSize = 1000;

/**
 * Creates a client. It retries in the SDK's standard mode, since one request is in flight: the rate limit of the adaptive
 * mode helps parallel requests. `AWS_RETRY_MODE` may choose the adaptive mode.
 */
export function createEc2Client(config: EC2ClientConfig): EC2Client {
  return new EC2Client({
    // Other programs use up the same request budget of the account, so the default of 3 is small.
    maxAttempts: 6,
    // Without it, a network that drops packets makes each attempt wait for minutes.
    requestHandler: { connectionTimeout: 10_000 },
    ...config,
  });
}

/** Reads all network interfaces of the client's region in pages. Rejects with the error of EC2, or if the signal aborts. */
export async function* describeNetworkInterfaces(
  client: EC2Client,
  abortSignal: AbortSignal,
): AsyncGenerator<readonly NetworkInterface[]> {
  const pages = paginateDescribeNetworkInterfaces({ client, pageSize }, {}, { abortSignal });
  for await (const { NetworkInterfaces = [] } of pages) yield NetworkInterfaces;
}

/** Reads all instances of the client's region, by reservations, in pages. Rejects as `describeNetworkInterfaces` does. */
export async function* describeInstances(
  client: EC2Client,
  abortSignal: AbortSignal,
): AsyncGenerator<readonly Reservation[]> {
  const pages = paginateDescribeInstances({ client, pageSize }, {}, { abortSignal });
  for await (const { Reservations = [] } of pages) yield Reservations;
}
