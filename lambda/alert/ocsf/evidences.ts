import type { Quantity } from '../../common/quantity.ts';
import { namedKey } from '../../counters/counter-key.ts';
import { endpointValue } from '../../flow-log/endpoints.ts';
import type { Evidence } from '../../flow-log/evidence.ts';
import { type Flow, fieldOf, quantityOf } from '../../flow-log/flow.ts';
import { protocolName } from '../../flow-log/service-names.ts';
import { canonicalAddress } from '../../networks/ip-address.ts';

/** An end of a flow, as OCSF's Network Endpoint. */
export interface Endpoint {
  readonly ip?: string;
  readonly port?: number;
  readonly svc_name?: string;
  readonly interface_uid?: string;
  readonly instance_uid?: string;
  readonly subnet_uid?: string;
  readonly vpc_uid?: string;
}

/** How a flow went, as OCSF's Network Connection Information. */
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

/** A flow as OCSF's Evidence Artifacts. */
export interface FindingEvidence {
  readonly src_endpoint?: Endpoint;
  readonly dst_endpoint?: Endpoint;
  readonly connection_info?: ConnectionInfo;
  /** What OCSF has no attribute for, by the flow log's own names. */
  readonly data?: Readonly<Record<string, Quantity | string>>;
}

/** An observable value of the evidence or the resources, as OCSF's Observable. */
export interface Observable {
  readonly name: string;
  readonly type_id: 2 | 10 | 11;
  readonly type: 'IP Address' | 'Resource UID' | 'Port';
  readonly value: string;
}

/** Flows of the batch, or, where there are none, the addresses of the key. */
export function findingEvidences(
  evidence: Evidence | undefined,
  key: Readonly<Record<string, string>>,
): FindingEvidence[] {
  if (evidence) return evidence.samples.map(evidenceOfFlow);
  const addresses = new Map(namedKey(key).filter(([, value]) => canonicalAddress(value)));
  const [src, dst] = [addresses.get('srcaddr'), addresses.get('dstaddr')];
  if (src === undefined && dst === undefined) return [];
  return [
    {
      ...(src !== undefined && { src_endpoint: { ip: src } }),
      ...(dst !== undefined && { dst_endpoint: { ip: dst } }),
    },
  ];
}

function evidenceOfFlow(flow: Flow): FindingEvidence {
  const source = endpointOf(flow, 'src', 'egress');
  const target = endpointOf(flow, 'dst', 'ingress');
  return {
    ...(source && { src_endpoint: source }),
    ...(target && { dst_endpoint: target }),
    connection_info: connectionOf(flow),
    data: dataOf(flow),
  };
}

/**
 * One end of a flow. Interface, instance, subnet and VPC are those of the interface that logged the flow, which is the
 * source's in a flow that leaves and the target's in one that enters, unless the true end is another one behind it.
 */
function endpointOf(flow: Flow, end: 'src' | 'dst', whereItsOwn: 'egress' | 'ingress'): Endpoint | undefined {
  const ip = endpointValue(flow, `${end}addr`);
  const port = quantityOf(flow, `${end}port`);
  const service = idOf(flow, `pkt-${end}-aws-service`);
  const isLogger = fieldOf(flow, 'flow-direction') === whereItsOwn && ip === fieldOf(flow, `${end}addr`);
  const own = (field: string) => (isLogger ? idOf(flow, field) : undefined);
  const endpoint = defined({
    ip,
    port: port === undefined ? undefined : Number(port),
    svc_name: service,
    interface_uid: own('interface-id'),
    instance_uid: own('instance-id'),
    subnet_uid: own('subnet-id'),
    vpc_uid: own('vpc-id'),
  });
  return ip === undefined && endpoint.svc_name === undefined && endpoint.interface_uid === undefined
    ? undefined
    : endpoint;
}

const directions = { ingress: [1, 'Inbound'], egress: [2, 'Outbound'] } as const;

/** Flow logs' `traffic-path`, 1 to 8, is OCSF's boundary, 4 to 11, in the same order. */
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
  const way = fieldOf(flow, 'flow-direction') as keyof typeof directions | undefined;
  const [direction_id, direction] = way ? directions[way] : ([0, 'Unknown'] as const);
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

/** A field's value where it is one as AWS makes them; a message has no room for others. */
function idOf(flow: Flow, field: string): string | undefined {
  const value = fieldOf(flow, field);
  return value !== undefined && isId(value) ? value : undefined;
}

/** Whether a text looks like an id, a code or a region of AWS's. */
export function isId(text: string): boolean {
  return /^[\w.:/-]{1,64}$/.test(text);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** What in evidences and resources others will want to look for, each value once. */
export function observablesOf(
  evidences: readonly FindingEvidence[],
  resources: readonly { readonly uid: string }[],
): Observable[] {
  const found = new Map<string, Observable>();
  const see = (name: string, kind: Pick<Observable, 'type' | 'type_id'>, value: string | number | undefined) => {
    if (value !== undefined) found.set(`${name} ${value}`, { name, ...kind, value: String(value) });
  };
  for (const { src_endpoint: src, dst_endpoint: dst } of evidences) {
    see('evidences[].src_endpoint.ip', ip, src?.ip);
    see('evidences[].dst_endpoint.ip', ip, dst?.ip);
    see('evidences[].dst_endpoint.port', port, dst?.port);
  }
  for (const { uid } of resources) see('resources[].uid', resource, uid);
  return [...found.values()];
}

const ip = { type_id: 2, type: 'IP Address' } as const;
const resource = { type_id: 10, type: 'Resource UID' } as const;
const port = { type_id: 11, type: 'Port' } as const;
