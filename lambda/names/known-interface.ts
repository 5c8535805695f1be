import { defined } from '../common/defined.ts';

/** What stands behind a network interface. */
export type InterfaceKind =
  | 'instance'
  | 'load balancer'
  | 'NAT gateway'
  | 'VPC endpoint'
  | 'transit gateway attachment'
  | 'Lambda function'
  | 'ECS task'
  | 'RDS database'
  | 'EFS file system'
  | 'directory'
  | 'pod'
  | 'network interface';

/** A network interface, as EC2 described it at one time. Texts are tags and descriptions: anyone in the account writes them. */
export interface KnownInterface {
  /** `eni-…` */
  readonly interface: string;
  readonly kind: InterfaceKind;
  /** The id of what stands behind the interface: of an instance, a NAT gateway, an endpoint, a file system. */
  readonly id?: string;
  /** The tag `Name`; of a load balancer or a function its own name. */
  readonly name?: string;
  /** The value of the tag `Owner` or `Team`. */
  readonly owner?: string;
  /** Twelve digits. */
  readonly account?: string;
  readonly vpc?: string;
  readonly subnet?: string;
  readonly zone?: string;
  /** The names of the security groups. */
  readonly groups: readonly string[];
  /** The time at which the interface was attached, in epoch seconds: before, another one may have had its addresses. */
  readonly since?: number;
  /** The time at which EC2 described the interface, in epoch seconds. */
  readonly time?: number;
}

/** Who had an address before somebody else had it. */
export interface FormerHolder extends Pick<KnownInterface, 'interface' | 'kind' | 'id' | 'name' | 'owner'> {
  /** The last look-up at which it had the address, in epoch seconds. */
  readonly until: number;
}

/** An address of a network interface. */
export interface KnownAddress extends KnownInterface {
  readonly address: string;
  /** Whether the address changes hands within minutes: pods of a node, and functions, share addresses. */
  readonly isShared: boolean;
  /** True if the names are tags in the flow log, at the time of the flow. */
  readonly isByTags?: true;
  /** Who had the address before, and the first look-up with the present holder, in epoch seconds. */
  readonly before?: FormerHolder;
  readonly seenSince?: number;
  /** The look-up after which nobody had the address, in epoch seconds. */
  readonly goneAt?: number;
  /** True if the name was looked up by the address more than an hour ago: the address may have another holder. */
  readonly isOld?: true;
}

/** Why an interface has no name yet. */
export interface UnknownInterface {
  readonly interface: string;
  /** `pending`: not looked up yet. */
  readonly result: 'pending' | 'not found' | 'denied' | 'throttled' | 'failed';
  /** When it was looked up, in epoch seconds; undefined if it is pending. */
  readonly time?: number;
}

/** The keys and values of tags. */
export type Tags = readonly (readonly [key: string, value: string])[];

/** Tags that name an owner, in lower case; the first one that is present counts. */
const ownerTags = ['owner', 'team'];

/** Returns the name and the owner by tags. */
export function namesIn(tags: Tags): { name?: string; owner?: string } {
  const name = tags.find(([key]) => key === 'Name')?.[1];
  const owners = ownerTags.flatMap((tag) => tags.find(([key]) => key.toLowerCase() === tag)?.[1] ?? []);
  return defined({ name, owner: owners[0] });
}

/** What the flows say about who has an address. */
export interface AddressHints {
  /** The interfaces that logged the flows as the endpoint with the address; empty if the flows do not show it. */
  readonly own: readonly string[];
  /** The interfaces that logged the flows, at either end. */
  readonly interfaces: readonly string[];
  /** The VPCs of these interfaces. */
  readonly vpcs: readonly string[];
  /** Whether only an interface in these VPCs may have the address (default: false, since a peer may be in any VPC). */
  readonly isInVpcs?: boolean;
}

/** The known names of addresses. */
export interface NameSource {
  /**
   * Returns who has an address; undefined if nobody is known, or the source knows none of the VPCs of the flows. It is
   * undefined too if several VPCs have the address and the hints do not decide.
   */
  addressOf(address: string, hints: AddressHints): KnownAddress | undefined;
  /** Returns an interface with its first address; undefined if it is unknown. */
  interfaceOf(id: string): KnownAddress | undefined;
  /** Returns why an interface is unknown; undefined if the source does not look it up. Default: a source looks up nothing. */
  unknownInterface?(id: string): UnknownInterface | undefined;
  /** The time of the oldest description in epoch seconds; undefined if unknown. */
  readonly time: number | undefined;
}
