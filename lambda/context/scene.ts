import type { Level } from '../rules/level.ts';

/** What an alert is about, as far as context events can be related to it. It is JSON: a later event is compared with it. */
export interface Scene {
  /** The id of the alert that opened the OCSF finding. */
  readonly uid: string;
  /** The level of the rule. */
  readonly level: Level;
  /** Whether context may raise the level at all. */
  readonly mayRaise: boolean;
  /** What the rule itself reads: it is no further evidence. */
  readonly reads: readonly ('finding' | 'change')[];
  /** The ids of the events that the alert is about. */
  readonly own: readonly string[];
  /** MITRE ATT&CK tactics of the rule, such as `exfiltration`. */
  readonly tactics: readonly string[];
  /** The window, and the first flow of the key in the window, in epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly first: number;
  /** The first flow of the pair; the end of the window if earlier ones may have been refused; of another key, `first`. */
  readonly since: number;
  readonly account?: string;
  readonly region?: string;
  /** The ids of the interfaces that logged the flows, of their instances, subnets and VPCs: at most three each. */
  readonly interfaces: readonly string[];
  readonly instances: readonly string[];
  readonly subnets: readonly string[];
  readonly vpcs: readonly string[];
  /** The addresses inside your networks, with the interface that has each if the flows show it: at most four. */
  readonly hosts: readonly SceneHost[];
  /** The other addresses: at most four. */
  readonly remotes: readonly string[];
  /** Accepted flows, from the side of a host: at most 16. */
  readonly flows: readonly SceneFlow[];
}

/** A host of an alert. */
export interface SceneHost {
  readonly address: string;
  readonly interface?: string;
  readonly instance?: string;
  readonly vpc?: string;
  readonly subnet?: string;
  /** True if the interface sends for many hosts, as a NAT gateway does. */
  readonly isRelay?: true;
  /** Whether the host sent a flow, or accepted one: a host that only refused flows did nothing. */
  readonly isActive: boolean;
}

/** An accepted flow, from the side of one of the hosts. */
export interface SceneFlow {
  readonly host: string;
  readonly peer: string;
  readonly hostPort: number;
  readonly peerPort: number;
  readonly protocol: number;
  /** Who opened the connection: known by TCP flags, otherwise taken to be the side with the higher port. */
  readonly opener: 'host' | 'peer';
}
