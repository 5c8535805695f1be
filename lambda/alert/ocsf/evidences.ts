import { defined } from '../../common/defined.ts';
import type { Quantity } from '../../common/quantity.ts';
import { isTagField, tagText } from '../../common/tag-text.ts';
import { printable } from '../../common/text.ts';
import { namedKey } from '../../counters/counter-key.ts';
import { endpointValue, loggingEndpoint } from '../../flow-log/endpoints.ts';
import type { Evidence } from '../../flow-log/evidence.ts';
import { type Flow, fieldOf, quantityOf } from '../../flow-log/flow.ts';
import { protocolName } from '../../flow-log/service-names.ts';
import type { GeoEntry } from '../../geo/geo-table.ts';
import type { KnownAddress } from '../../names/known-interface.ts';
import { canonicalAddress } from '../../networks/ip-address.ts';

/** OCSF's Network Endpoint: an endpoint of a flow. */
export interface Endpoint {
  readonly ip?: string;
  readonly port?: number;
  readonly svc_name?: string;
  readonly interface_uid?: string;
  readonly instance_uid?: string;
  readonly subnet_uid?: string;
  readonly vpc_uid?: string;
  readonly zone?: string;
  /** The name that the other end asked for. */
  readonly hostname?: string;
  readonly name?: string;
  readonly owner?: User;
  /** The country of the registry or the operator: ISO 3166-1 alpha-2. */
  readonly location?: { readonly country: string };
  readonly autonomous_system?: { readonly number: number; readonly name?: string };
}

/** OCSF's User: an owner by the value of a tag, or who made a call. */
export interface User {
  readonly name: string;
}

/** Finds who has an address, where the address leads, and the name that a host asked for: no element, or one. */
export interface FindAddress {
  ofAddress(address: string): readonly KnownAddress[];
  regionOf(address: string): readonly GeoEntry[];
  askedFor(host: string, address: string): readonly string[];
}

/** OCSF's Network Connection Information: protocol, direction and boundary of a flow. */
export interface ConnectionInfo {
  readonly direction_id: 0 | 1 | 2;
  readonly direction: 'Unknown' | 'Inbound' | 'Outbound';
  readonly protocol_num?: number;
  readonly protocol_name?: string;
  readonly protocol_ver_id?: 4 | 6;
  readonly tcp_flags?: number;
  readonly boundary_id?: number;
  readonly boundary?: string;
}

/** OCSF's Evidence Artifacts: a flow, an event, or a distinct value with the endpoints of the key. */
export interface FindingEvidence {
  readonly src_endpoint?: Endpoint;
  readonly dst_endpoint?: Endpoint;
  readonly connection_info?: ConnectionInfo;
  /** The call, and who made it. */
  readonly api?: { readonly operation: string; readonly service: { readonly name: string } };
  readonly actor?: { readonly user: User };
  /** Values without an OCSF attribute, by the names of the flow log. */
  readonly data?: Readonly<Record<string, Quantity | string>>;
}

/** A distinct value in the window of an alert: the values by the names of their fields. */
export type DistinctFields = Readonly<Record<string, string>>;

/** OCSF's Observable: a value of the evidence or the resources. */
export interface Observable {
  readonly name: string;
  readonly type_id: 1 | 2 | 10 | 11;
  readonly type: 'Hostname' | 'IP Address' | 'Resource UID' | 'Port';
  readonly value: string;
}

/**
 * Returns flows of the batch, and a further evidence for each distinct value that these flows do not have. Without flows
 * and distinct values, returns the addresses of the key.
 */
export function findingEvidences(
  evidence: Evidence | undefined,
  key: Readonly<Record<string, string>>,
  distinct: readonly DistinctFields[] = [],
  find: FindAddress = findNone,
): FindingEvidence[] {
  const endpoints = Object.fromEntries(namedKey(key));
  const flows = evidence?.samples.map(evidenceOfFlow) ?? [];
  const all = [...flows, ...distinct.map((values) => evidenceOfValues(endpoints, values))];
  const isNew = (one: FindingEvidence, index: number) => index < flows.length || !flows.some((flow) => has(flow, one));
  const found = (all.length > 0 ? all : [evidenceOfValues(endpoints, {})]).filter(isNew);
  return found.filter((one) => Object.keys(one).length > 0).map((one) => withNames(one, find));
}

function withNames({ src_endpoint, dst_endpoint, ...others }: FindingEvidence, find: FindAddress): FindingEvidence {
  return {
    ...(src_endpoint && { src_endpoint: namedEndpoint(src_endpoint, dst_endpoint?.ip, find) }),
    ...(dst_endpoint && { dst_endpoint: namedEndpoint(dst_endpoint, src_endpoint?.ip, find) }),
    ...others,
  };
}

const findNone: FindAddress = { ofAddress: () => [], regionOf: () => [], askedFor: () => [] };

/**
 * Returns an endpoint with what is known of its address. What the flow says comes first.
 *
 * @param other the address of the other endpoint
 */
function namedEndpoint(
  endpoint: Endpoint,
  other: string | undefined,
  { ofAddress, regionOf, askedFor }: FindAddress,
): Endpoint {
  const { ip } = endpoint;
  if (ip === undefined) return endpoint;
  const [known] = ofAddress(ip).filter((one) => isSame(one, endpoint));
  const [region] = regionOf(ip);
  return {
    ...defined({
      interface_uid: known?.interface,
      instance_uid: known?.kind === 'instance' ? known.id : undefined,
      subnet_uid: known?.subnet,
      vpc_uid: known?.vpc,
      zone: known?.zone,
      hostname: other === undefined ? undefined : askedFor(other, ip).find(isHostname),
      name: known?.name,
      owner: known?.owner === undefined ? undefined : { name: known.owner },
      location: region?.country === undefined ? undefined : { country: region.country },
      autonomous_system: region?.asn === undefined ? undefined : systemOf(region.asn, region.asName),
    }),
    ...endpoint,
  };
}

/** Returns whether a name has the form of OCSF's type `hostname_t`: labels of letters, digits and hyphens. */
function isHostname(name: string): boolean {
  return /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}

/** Returns whether what a flow says of an endpoint does not contradict who has its address. */
function isSame(known: KnownAddress, { interface_uid, vpc_uid }: Endpoint): boolean {
  if (interface_uid !== undefined) return interface_uid === known.interface;
  return vpc_uid === undefined || known.vpc === undefined || vpc_uid === known.vpc;
}

function systemOf(number: number, name: string | undefined): Endpoint['autonomous_system'] {
  return { number, ...(name !== undefined && { name }) };
}

const endpointFields = ['srcaddr', 'srcport', 'dstaddr', 'dstport'];

/** Returns the endpoints of a key with the values of further fields. */
function evidenceOfValues(key: Readonly<Record<string, string>>, values: DistinctFields): FindingEvidence {
  const { srcaddr, srcport, dstaddr, dstport } = { ...key, ...values } as Partial<Record<string, string>>;
  const others = Object.entries(values).filter(([field]) => !endpointFields.includes(field));
  const endpoint = (ip: string | undefined, port: string | undefined) => {
    const found = defined({
      ip: ip === undefined ? undefined : canonicalAddress(ip),
      port: port === undefined ? undefined : Number(port),
    });
    return Object.keys(found).length > 0 ? found : undefined;
  };
  return defined({
    src_endpoint: endpoint(srcaddr, srcport),
    dst_endpoint: endpoint(dstaddr, dstport),
    data: others.length > 0 ? Object.fromEntries(others.map(readable)) : undefined,
  });
}

/** Decodes the value of a tag field. */
function readable([field, value]: [field: string, value: string]): [field: string, value: string] {
  return [field, isTagField(field) ? printable(tagText(value)) : value];
}

/** Returns whether a value has every attribute of another. */
function has(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part;
  return Object.entries(part).every(([name, value]) =>
    has((whole as Record<string, unknown> | undefined)?.[name], value),
  );
}

function evidenceOfFlow(flow: Flow): FindingEvidence {
  const source = endpointOf(flow, 'src');
  const target = endpointOf(flow, 'dst');
  return {
    ...(source && { src_endpoint: source }),
    ...(target && { dst_endpoint: target }),
    connection_info: connectionOf(flow),
    data: dataOf(flow),
  };
}

/** Returns one endpoint of a flow, with interface, instance, subnet and VPC if its interface logged the flow. */
function endpointOf(flow: Flow, end: 'src' | 'dst'): Endpoint | undefined {
  const ip = endpointValue(flow, `${end}addr`);
  const port = quantityOf(flow, `${end}port`);
  const service = idOf(flow, `pkt-${end}-aws-service`);
  const isLogger = loggingEndpoint(flow) === end;
  const ofLogger = (field: string) => (isLogger ? idOf(flow, field) : undefined);
  const endpoint = defined({
    ip,
    port: port === undefined ? undefined : Number(port),
    svc_name: service,
    interface_uid: ofLogger('interface-id'),
    instance_uid: ofLogger('instance-id'),
    subnet_uid: ofLogger('subnet-id'),
    vpc_uid: ofLogger('vpc-id'),
  });
  return ip === undefined && endpoint.svc_name === undefined && endpoint.interface_uid === undefined
    ? undefined
    : endpoint;
}

const directions = { ingress: [1, 'Inbound'], egress: [2, 'Outbound'] } as const;

/** OCSF's boundaries 4 to 11, in the order of the flow logs' `traffic-path` 1 to 8. */
const boundaries = [
  'Same VPC',
  'Internet/VPC Gateway',
  'Virtual Private Gateway',
  'Intra-region VPC',
  'Inter-region VPC',
  'Local Gateway',
  'Gateway VPC',
  'Internet Gateway',
];

function connectionOf(flow: Flow): ConnectionInfo {
  const flowDirection = fieldOf(flow, 'flow-direction') as keyof typeof directions | undefined;
  const [direction_id, direction] = flowDirection ? directions[flowDirection] : ([0, 'Unknown'] as const);
  const protocol = fieldOf(flow, 'protocol');
  const flags = fieldOf(flow, 'tcp-flags');
  const address = endpointValue(flow, 'srcaddr') ?? endpointValue(flow, 'dstaddr');
  const path = Number(fieldOf(flow, 'traffic-path') ?? 0);
  const boundary = boundaries[path - 1];
  return {
    direction_id,
    direction,
    ...defined({
      protocol_num: protocol === undefined ? undefined : Number(protocol),
      protocol_name: protocol === undefined ? undefined : protocolName(protocol),
      protocol_ver_id: address === undefined ? undefined : address.includes(':') ? (6 as const) : (4 as const),
      tcp_flags: flags === undefined ? undefined : Number(flags),
      boundary_id: boundary === undefined ? undefined : path + 3,
      boundary,
    }),
  };
}

function dataOf(flow: Flow): Record<string, Quantity | string> {
  return defined({
    action: idOf(flow, 'action'),
    packets: quantityOf(flow, 'packets'),
    bytes: quantityOf(flow, 'bytes'),
    start: quantityOf(flow, 'start'),
    end: quantityOf(flow, 'end'),
    'reject-reason': idOf(flow, 'reject-reason'),
    'log-status': idOf(flow, 'log-status'),
  });
}

/** Returns a field's value if it looks like an AWS id. Other values could make a message too long. */
function idOf(flow: Flow, field: string): string | undefined {
  const value = fieldOf(flow, field);
  return value !== undefined && isId(value) ? value : undefined;
}

/** Returns whether a text looks like an AWS id, code or region. */
export function isId(text: string): boolean {
  return /^[\w.:/-]{1,64}$/.test(text);
}

/** Returns the addresses, target ports and resources to search for, each value once. */
export function observablesOf(
  evidences: readonly FindingEvidence[],
  resources: readonly { readonly uid: string }[],
): Observable[] {
  const found = new Map<string, Observable>();
  const add = (name: string, kind: Pick<Observable, 'type' | 'type_id'>, value: string | number | undefined) => {
    if (value !== undefined) found.set(`${name} ${value}`, { name, ...kind, value: String(value) });
  };
  for (const { src_endpoint: src, dst_endpoint: dst } of evidences) {
    add('evidences[].src_endpoint.ip', ip, src?.ip);
    add('evidences[].dst_endpoint.ip', ip, dst?.ip);
    add('evidences[].dst_endpoint.port', port, dst?.port);
    add('evidences[].src_endpoint.hostname', hostname, src?.hostname);
    add('evidences[].dst_endpoint.hostname', hostname, dst?.hostname);
  }
  for (const { uid } of resources) add('resources[].uid', resource, uid);
  return [...found.values()];
}

const hostname = { type_id: 1, type: 'Hostname' } as const;
const ip = { type_id: 2, type: 'IP Address' } as const;
const resource = { type_id: 10, type: 'Resource UID' } as const;
const port = { type_id: 11, type: 'Port' } as const;
