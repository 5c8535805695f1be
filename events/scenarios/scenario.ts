import type { Conversation } from './conversation.ts';
import type { Label } from './labels.ts';
import type { Interface, Network } from './network.ts';

/** A time span in which the host of an interface has no traffic, while its flow log reports NODATA. */
export interface QuietPeriod {
  readonly interface: Interface;
  readonly from: number;
  readonly to: number;
}

/** A minute in which an interface reports skipped records. */
export interface Skip {
  readonly interface: Interface;
  readonly at: number;
}

/** A client and a server that had a connection on each day before. */
export interface Acquaintance {
  readonly client: string;
  readonly server: string;
  readonly port: number;
}

/** The ordinary traffic of a company. */
export interface Style {
  readonly name: string;
  readonly network: Network;
  readonly acquainted: readonly Acquaintance[];
  readonly quietPeriods: readonly QuietPeriod[];
  /** Returns the conversations that begin in an hour of the labelled day, 0 to 23. Call it in ascending order of hours. */
  hour(hour: number): Iterable<Conversation>;
}

/** An attack, or a fault of the flow logs, and the expected alerts. */
export interface Attack {
  /** A short description for the report. */
  readonly name: string;
  readonly labels: readonly Label[];
  readonly conversations: readonly Conversation[];
  readonly quietPeriods?: readonly QuietPeriod[];
  readonly skips?: readonly Skip[];
}

/** What GuardDuty and CloudTrail say on the labelled day, and the expected alerts of rules that read it. */
export interface ContextEvents {
  /** As EventBridge delivers them, in any order. */
  readonly events: readonly unknown[];
  /** The interfaces of the groups that changes name, as DescribeNetworkInterfaces describes them. */
  readonly interfaces: readonly unknown[];
  readonly labels: readonly Label[];
}

/** A style of traffic with its planted attacks. */
export interface Scenario {
  readonly style: Style;
  readonly attacks: readonly Attack[];
  /** Undefined without a table of context events. */
  readonly context?: ContextEvents;
}
