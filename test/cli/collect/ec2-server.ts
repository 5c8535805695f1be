import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerXml, errorXml, type Json, type Operation } from './ec2-xml.ts';

/** What a region holds. */
export interface Region {
  readonly interfaces?: readonly Json[];
  readonly reservations?: readonly Json[];
  readonly acls?: readonly Json[];
  readonly routeTables?: readonly Json[];
}

/** A request that the server got. */
export interface Ec2Request {
  readonly region: string;
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A refusal in place of an answer. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** EC2's Query API on loopback, with some operations, their pages and the filters of the functions. */
export interface Ec2Server {
  readonly endpoint: string;
  readonly requests: Ec2Request[];
  readonly regions: Record<string, Region>;
  /** Returns the refusal of a request; undefined answers it. May wait. */
  refuse: (request: Ec2Request) => Refusal | undefined | Promise<Refusal | undefined>;
  stop(): void;
}

const lists = {
  DescribeNetworkInterfaces: ['NetworkInterfaces', 'interfaces'],
  DescribeInstances: ['Reservations', 'reservations'],
  DescribeNetworkAcls: ['NetworkAcls', 'acls'],
  DescribeRouteTables: ['RouteTables', 'routeTables'],
} as const;

export async function startEc2Server(): Promise<Ec2Server> {
  const http = createServer(async (request, response) => {
    const { Action, ...parameters } = Object.fromEntries(new URLSearchParams(await text(request)));
    // Signature Version 4: Credential=<key>/<day>/<region>/ec2/aws4_request
    const region = /Credential=[^/]*\/\d+\/([^/]+)\/ec2\//.exec(request.headers.authorization ?? '')![1]!;
    const got = { region, operation: Action as Operation, parameters };
    server.requests.push(got);
    const refusal = await server.refuse(got);
    response.setHeader('content-type', 'text/xml;charset=UTF-8');
    if (refusal) response.writeHead(refusal.status).end(errorXml(refusal.code, refusal.message));
    else response.end(pageOf(got, server.regions[region] ?? {}));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: Ec2Server = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    regions: {},
    refuse: () => undefined,
    stop() {
      http.closeAllConnections();
      http.close();
    },
  };
  return server;
}

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Reads `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0a` (EC2 API Reference, "DescribeNetworkInterfaces"). */
function filtersOf(parameters: Ec2Request['parameters']): Filter[] {
  const entries = Object.entries(parameters);
  return entries.flatMap(([parameter, name]) => {
    const number = /^Filter\.(\d+)\.Name$/.exec(parameter)?.[1];
    if (number === undefined) return [];
    const values = entries.flatMap(([other, value]) => (other.startsWith(`Filter.${number}.Value.`) ? value : []));
    return [{ name, values }];
  });
}

function isMatch(item: Json, { name, values }: Filter): boolean {
  const valuesOf = filterFields[name];
  if (!valuesOf) throw new Error(`the filter ${name} is unknown to this server`);
  return valuesOf(item as never).some((value) => values.includes(value));
}

/** The values of an item that a filter compares. */
const filterFields: Record<string, (item: never) => string[]> = {
  'network-interface-id': (item: { NetworkInterfaceId: string }) => [item.NetworkInterfaceId],
  'group-id': (item: { Groups: { GroupId: string }[] }) => item.Groups.map((one) => one.GroupId),
  'network-acl-id': (item: { NetworkAclId: string }) => [item.NetworkAclId],
  'route-table-id': (item: { RouteTableId: string }) => [item.RouteTableId],
  'vpc-id': (item: { VpcId: string }) => [item.VpcId],
  'addresses.private-ip-address': (item: { PrivateIpAddresses: { PrivateIpAddress: string }[] }) =>
    item.PrivateIpAddresses.map((one) => one.PrivateIpAddress),
  'ipv6-addresses.ipv6-address': (item: { Ipv6Addresses: { Ipv6Address: string }[] }) =>
    item.Ipv6Addresses.map((one) => one.Ipv6Address),
  'instance-id': (item: { Instances: { InstanceId: string }[] }) => item.Instances.map((one) => one.InstanceId),
};

function pageOf({ operation, parameters }: Ec2Request, region: Region): string {
  const [list, key] = lists[operation];
  const all = (region[key] ?? []).filter((item) => filtersOf(parameters).every((filter) => isMatch(item, filter)));
  const from = Number(parameters.NextToken?.replace('page-', '') ?? 0);
  const end = from + Number(parameters.MaxResults ?? all.length);
  const next: { NextToken?: string } = end < all.length ? { NextToken: `page-${end}` } : {};
  return answerXml(operation, { [list]: all.slice(from, end), ...next });
}
