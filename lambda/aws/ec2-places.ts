import {
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { DescribePlaces } from '../context/resolve-places.ts';

/** The most interfaces of a group that are read, in one page. */
const maxInterfaces = 100;

/** The most ACLs and route tables of an answer. A filter needs a page size in accounts with many resources. */
const pageSize = 100;

/**
 * Describes what a change concerns, by filters: by ids, EC2 refuses the complete request if one of them does not exist.
 *
 * @param report is called with the error of each call without an answer
 */
export function ec2Places(client: EC2Client, signal: AbortSignal, report: (error: unknown) => void): DescribePlaces {
  const options = { abortSignal: signal };
  const answerOf = async (output: Promise<unknown>): Promise<unknown> => {
    try {
      return await output;
    } catch (error) {
      report(error);
      return undefined;
    }
  };
  const filter = (Name: string, values: readonly string[]) => ({ Filters: [{ Name, Values: [...values] }] });
  return {
    interfacesOf: (groups) => {
      const input = { ...filter('group-id', groups), MaxResults: maxInterfaces };
      return answerOf(client.send(new DescribeNetworkInterfacesCommand(input), options));
    },
    acls: (ids) => {
      const input = { ...filter('network-acl-id', ids), MaxResults: pageSize };
      return answerOf(client.send(new DescribeNetworkAclsCommand(input), options));
    },
    routeTables: (ids) => {
      const input = { ...filter('route-table-id', ids), MaxResults: pageSize };
      return answerOf(client.send(new DescribeRouteTablesCommand(input), options));
    },
  };
}
