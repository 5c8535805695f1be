import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerXml, errorXml, type Json, type Operation } from './ec2-xml.ts';

/** What a region holds. */
export interface Region {
  readonly interfaces?: readonly Json[];
  readonly reservations?: readonly Json[];
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

/** EC2's Query API on loopback, with the two operations of the command and their pages. */
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

function pageOf({ operation, parameters }: Ec2Request, region: Region): string {
  const [list, key] = lists[operation];
  const all = region[key] ?? [];
  const from = Number(parameters.NextToken?.replace('page-', '') ?? 0);
  const end = from + Number(parameters.MaxResults ?? all.length);
  const next: { NextToken?: string } = end < all.length ? { NextToken: `page-${end}` } : {};
  return answerXml(operation, { [list]: all.slice(from, end), ...next });
}
