import type { Level } from '../rules/level.ts';

/** What happened around hosts, from another source than flow logs. Texts come from AWS, or from anyone in the account. */
export type ContextEvent = GuardDutyFinding | NetworkChange;

/** Where and when a context event was. */
interface Occurrence {
  /** The finding's id, or CloudTrail's `eventID`: the same in each delivery. */
  readonly id: string;
  /** Twelve digits: the account of the resource, also in the copy that a delegated administrator gets. */
  readonly account: string;
  readonly region: string;
}

/** A network interface of a host, as far as an event names it. */
export interface NamedInterface {
  /** `i-…` */
  readonly instance?: string;
  /** `eni-…` */
  readonly interface?: string;
  readonly vpc?: string;
  readonly subnet?: string;
  /** Private and IPv6 addresses, canonical. */
  readonly addresses: readonly string[];
  /** The ids of the security groups. */
  readonly groups: readonly string[];
  /** The value of the tag `Name`. */
  readonly name?: string;
}

/** A GuardDuty finding (GuardDuty User Guide, "Finding details"). Times are epoch seconds. */
export interface GuardDutyFinding extends Occurrence {
  readonly kind: 'finding';
  /** Such as `UnauthorizedAccess:EC2/SSHBruteForce`. */
  readonly type: string;
  /** 1.0 to 10.0, with a fraction. */
  readonly severity: number;
  readonly level: Level;
  readonly title: string;
  /** `service.eventFirstSeen` and `eventLastSeen`. */
  readonly first: number;
  readonly last: number;
  /** `updatedAt`. */
  readonly updated: number;
  readonly count: number;
  /** Whether GuardDuty found it in other data than flow logs: DNS, runtime, API calls, an attack sequence. */
  readonly isIndependent: boolean;
  readonly isArchived: boolean;
  /** The interfaces that the finding is about; of an attack sequence, its instances and addresses. */
  readonly hosts: readonly NamedInterface[];
  /** Whether the finding names one interface, and not only an instance with several. */
  readonly isOfInterface: boolean;
  /** Of a network finding, who opened the connection. */
  readonly direction?: 'inbound' | 'outbound';
  /** Outside addresses, canonical, the latest first, at most 20. */
  readonly remotes: readonly string[];
  /** For each of `remotes`, `updated` of the latest state of the finding that has it; absent: `updated` for all. */
  readonly remoteTimes?: readonly number[];
  /** Ports of the host, and of the outside end: at most 20 each. */
  readonly localPorts: readonly number[];
  readonly remotePorts: readonly number[];
  /** The domain of a DNS request. */
  readonly domain?: string;
}

/** What a network change lets through. */
export interface Opening {
  readonly direction: 'ingress' | 'egress';
  /** The number of the protocol; undefined for all. */
  readonly protocol?: number;
  /** The ports, both included; 0 to 65535 for all, and for protocols without ports. */
  readonly from: number;
  readonly to: number;
  /** A network such as `0.0.0.0/0`, a group, or a prefix list. */
  readonly peer: { readonly cidr: string } | { readonly group: string } | { readonly prefixList: string };
  /** True if the event does not say the direction: then `openings` has the rule in both directions. */
  readonly isDirectionUnknown?: true;
}

/** The groups of network changes, by what they change. `eyes`: what security teams see with is switched off or changed. */
export const changeGroups = ['security group', 'network ACL', 'route', 'way out', 'host', 'way in', 'eyes'] as const;

export type ChangeGroup = (typeof changeGroups)[number];

/** An API call that changed the network, a host, or what is logged (CloudTrail User Guide, "CloudTrail record contents"). */
export interface NetworkChange extends Occurrence {
  readonly kind: 'change';
  /** `eventTime` in epoch seconds. */
  readonly time: number;
  /** `eventName`, such as `AuthorizeSecurityGroupIngress`, and `eventSource`, such as `ec2.amazonaws.com`. */
  readonly event: string;
  readonly service: string;
  readonly group: ChangeGroup;
  /** A user, `role/session`, `root`, or a service. */
  readonly who: string;
  /** The service that called for somebody: `invokedBy`. */
  readonly via?: string;
  /** `sourceIPAddress`: an address, or the name of a service. */
  readonly from?: string;
  /** What was done, without who and when, at most 300 characters: `sg-0aa opened to 0.0.0.0/0 for tcp 443 (egress)`. */
  readonly text: string;
  /** What the change lets through, at most 200; empty unless it opens something. */
  readonly openings: readonly Opening[];
  /** The interfaces that the change names, with the addresses that they have after it as far as it says; at most 200. */
  readonly hosts: readonly NamedInterface[];
  /** Ids of further resources that the change names, at most 50 of a kind. Groups of `hosts` are not repeated. */
  readonly groups: readonly string[];
  readonly acls: readonly string[];
  readonly routeTables: readonly string[];
  readonly subnets: readonly string[];
  readonly vpcs: readonly string[];
}

/** The time of an event for order and retention, in epoch seconds. */
export function timeOfEvent(event: ContextEvent): number {
  return event.kind === 'finding' ? event.updated : event.time;
}
