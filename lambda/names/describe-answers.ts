import { secondsOfIsoTime } from '../common/calendar.ts';
import { defined } from '../common/defined.ts';
import { type Json, memberOf, textOf } from '../common/json-value.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import { type InterfaceKind, type KnownAddress, type KnownInterface, namesIn, type Tags } from './known-interface.ts';

/** What an instance adds to its interfaces. */
interface Instance {
  readonly name?: string;
  readonly owner?: string;
  readonly isNode: boolean;
}

/** The instances of DescribeInstances, by their ids. */
export type Instances = ReadonlyMap<string, Instance>;

/** Tags of the nodes of a Kubernetes cluster, by the beginning of their keys. */
const nodeTags = ['kubernetes.io/cluster/', 'eks:', 'node.k8s.amazonaws.com/', 'k8s.io/cluster-autoscaler/'];

/** Reads the instances in an answer of EC2's DescribeInstances. Leaves out what has another form. Never throws. */
export function readInstances(answer: Json): Instances {
  const found = listOf(answer, 'Reservations').flatMap((reservation) => listOf(reservation, 'Instances'));
  return new Map(
    found.flatMap((instance): [string, Instance][] => {
      const id = textOf(instance, 'InstanceId');
      if (id === undefined) return [];
      const tags = tagsOf(instance, 'Tags');
      return [[id, { ...namesIn(tags), isNode: isNode(tags) }]];
    }),
  );
}

/**
 * Reads the addresses in an answer of EC2's DescribeNetworkInterfaces: private, public and IPv6 ones. Leaves out what has
 * another form. Never throws.
 *
 * @param instances see readInstances
 * @param time the time of the answer in epoch seconds; undefined if unknown
 */
export function readAddresses(answer: Json, instances: Instances, time: number | undefined): KnownAddress[] {
  return listOf(answer, 'NetworkInterfaces').flatMap((described) => {
    const known = interfaceOf(described, instances, time);
    if (!known) return [];
    const isOfNode = known.id !== undefined && instances.get(known.id)?.isNode === true;
    const hasPods = isOfNode || isNode(tagsOf(described, 'TagSet')) || /^aws-K8S-/.test(descriptionOf(described));
    return addressesOf(described).map(({ address, isPrimary }) => {
      const isShared = known.kind === 'Lambda function' || (known.kind === 'instance' && hasPods && !isPrimary);
      return { ...known, address, isShared };
    });
  });
}

function interfaceOf(described: Json, instances: Instances, time: number | undefined): KnownInterface | undefined {
  const id = textOf(described, 'NetworkInterfaceId');
  if (id === undefined) return undefined;
  const attachment = memberOf(described, 'Attachment');
  const behind = whatIsBehind(described);
  const instance = behind.kind === 'instance' && behind.id !== undefined ? instances.get(behind.id) : undefined;
  const ofTags = namesIn(tagsOf(described, 'TagSet'));
  const name = behind.name ?? instance?.name ?? ofTags.name;
  const owner = instance?.owner ?? ofTags.owner;
  const since = secondsOfIsoTime(memberOf(attachment, 'AttachTime'));
  return defined({
    interface: id,
    kind: behind.kind,
    id: behind.id,
    name,
    owner,
    account: textOf(described, 'OwnerId'),
    vpc: textOf(described, 'VpcId'),
    subnet: textOf(described, 'SubnetId'),
    zone: textOf(described, 'AvailabilityZone'),
    groups: listOf(described, 'Groups').flatMap(
      (group) => textOf(group, 'GroupName') ?? textOf(group, 'GroupId') ?? [],
    ),
    since,
    time,
  });
}

interface Behind {
  readonly kind: InterfaceKind;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** How AWS services describe the interfaces that they make: a pattern of the description, with the id or the name. */
const descriptions: readonly (readonly [pattern: RegExp, behind: (match: string) => Behind])[] = [
  [/^ELB (?:(?:app|net|gwy)\/)?([^/]+)/, (name) => ({ kind: 'load balancer', name })],
  [/\b(nat-[0-9a-f]+)$/, (id) => ({ kind: 'NAT gateway', id })],
  [/\b(vpce-[0-9a-f]+)$/, (id) => ({ kind: 'VPC endpoint', id })],
  [/\b(tgw-attach-[0-9a-f]+)/, (id) => ({ kind: 'transit gateway attachment', id })],
  // The service adds an id to the name of the function.
  [
    /^AWS Lambda VPC ENI-(.+?)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/,
    (name) => ({ kind: 'Lambda function', name }),
  ],
  [/^AWS Lambda VPC ENI(:)/, () => ({ kind: 'Lambda function' })],
  [/^(arn:[\w-]+:ecs:.*:attachment\/)/, () => ({ kind: 'ECS task' })],
  [/^(RDSNetworkInterface)$/, () => ({ kind: 'RDS database' })],
  [/^EFS mount target for (fs-[0-9a-f]+)/, (id) => ({ kind: 'EFS file system', id })],
  [/\bfor directory (d-[0-9a-f]+)/, (id) => ({ kind: 'directory', id })],
];

/** What the type of an interface says without a description. */
const types: ReadonlyMap<string, InterfaceKind> = new Map(
  Object.entries({
    nat_gateway: 'NAT gateway',
    network_load_balancer: 'load balancer',
    gateway_load_balancer: 'load balancer',
    load_balancer: 'load balancer',
    gateway_load_balancer_endpoint: 'VPC endpoint',
    vpc_endpoint: 'VPC endpoint',
    transit_gateway: 'transit gateway attachment',
    lambda: 'Lambda function',
    efs: 'EFS file system',
    branch: 'pod',
  } satisfies Record<string, InterfaceKind>),
);

/**
 * Returns what stands behind an interface. The attached instance comes first; then a description, but only of an interface
 * that a service made: anybody can describe their own.
 */
function whatIsBehind(described: Json): Behind {
  const instance = textOf(memberOf(described, 'Attachment'), 'InstanceId');
  if (instance !== undefined) return { kind: 'instance', id: instance };
  const kind = types.get(textOf(described, 'InterfaceType') ?? '');
  const isOfService = memberOf(described, 'RequesterManaged') === true || kind !== undefined;
  if (isOfService) {
    const text = descriptionOf(described);
    for (const [pattern, behind] of descriptions) {
      const match = pattern.exec(text);
      if (!match) continue;
      const found = behind(match[1]!);
      // Tasks of ECS have branch interfaces too.
      if (kind === undefined || found.kind === kind || kind === 'pod') return found;
    }
  }
  return { kind: kind ?? 'network interface' };
}

function descriptionOf(described: Json): string {
  return textOf(described, 'Description') ?? '';
}

function addressesOf(described: Json): { readonly address: string; readonly isPrimary: boolean }[] {
  const first = textOf(described, 'PrivateIpAddress');
  const all = [
    { member: described, isPrimary: true },
    ...listOf(described, 'PrivateIpAddresses').map((member) => ({
      member,
      isPrimary: memberOf(member, 'Primary') === true || textOf(member, 'PrivateIpAddress') === first,
    })),
  ];
  const ipv4 = all.flatMap(({ member, isPrimary }) =>
    [textOf(member, 'PrivateIpAddress'), textOf(memberOf(member, 'Association'), 'PublicIp')].map((text) => ({
      text,
      isPrimary,
    })),
  );
  const ipv6 = listOf(described, 'Ipv6Addresses').map((member, index) => ({
    text: textOf(member, 'Ipv6Address'),
    isPrimary: index === 0,
  }));
  const found = new Map<string, boolean>();
  for (const { text, isPrimary } of [...ipv4, ...ipv6]) {
    const address = text === undefined ? undefined : canonicalAddress(text);
    if (address !== undefined) found.set(address, (found.get(address) ?? false) || isPrimary);
  }
  return [...found].map(([address, isPrimary]) => ({ address, isPrimary }));
}

function tagsOf(value: Json, name: string): Tags {
  return listOf(value, name).flatMap((tag): Tags => {
    const [key, text] = [textOf(tag, 'Key'), textOf(tag, 'Value')];
    return key === undefined || text === undefined ? [] : [[key, text]];
  });
}

function isNode(tags: Tags): boolean {
  return tags.some(([key]) => nodeTags.some((beginning) => key.startsWith(beginning)));
}

function listOf(value: Json, name: string): Json[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}
