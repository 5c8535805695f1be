import type { Evidence } from '../flow-log/evidence.ts';
import type { Network } from '../networks/ip-address.ts';

/** A name that a host asked for, and when, in epoch seconds. */
export interface AskedName {
  /** Lower case, without the last dot: printable ASCII of at most 253 characters. A stranger may have chosen the name. */
  readonly name: string;
  readonly time: number;
}

/** The names that led to an address. */
export interface AskedNames {
  /** The host that asked: that of the flows as it was given, or else another one. Undefined if no host of the logs asked. */
  readonly askedBy?: string;
  /** The latest first: at most three, and at most one of another host. Empty if no host of the logs asked. */
  readonly names: readonly AskedName[];
  /** The number of further names. */
  readonly more: number;
  /** If no host asked: the time of the first query in the logs of the host's VPC, in epoch seconds. */
  readonly since?: number;
}

/** The names that led one end of a flow to the other. */
export interface KnownQuery extends AskedNames {
  readonly address: string;
  /** The other end of the flow. */
  readonly host: string;
}

/** A time of flows in epoch seconds. */
export interface FlowWindow {
  readonly from: number;
  readonly to: number;
}

/** The flows of an alert, and where their inside is. */
export interface AskedFlows {
  readonly key: Readonly<Record<string, string>>;
  readonly evidence: Evidence | undefined;
  readonly window: FlowWindow;
  readonly insideNetworks: readonly Network[] | undefined;
}

/** The queries of DNS logs. */
export interface DnsSource {
  /**
   * Returns the names that led a host to an address; undefined if the logs do not decide.
   *
   * @param vpcs the VPCs of the interfaces that logged the flows; empty if unknown
   */
  namesFor(host: string, address: string, window: FlowWindow, vpcs: readonly string[]): AskedNames | undefined;
  /** Returns the names that led the ends of an alert's flows to each other: at most eight, the most telling first. */
  queriesOf(flows: AskedFlows): readonly KnownQuery[];
}
