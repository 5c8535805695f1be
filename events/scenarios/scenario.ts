import type { Conversation } from './conversation.ts';
import type { Label } from './labels.ts';
import type { Interface, Network } from './network.ts';

/** A stretch of time in which all traffic of an interface's host is gone, while its flow log goes on to say NODATA. */
export interface QuietPeriod {
  readonly interface: Interface;
  readonly from: number;
  readonly to: number;
}

/** A minute for which an interface says that records were skipped. */
export interface Skip {
  readonly interface: Interface;
  readonly at: number;
}

/** A client that talked to a server on each day before. */
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
  /** The conversations that begin in an hour of the labelled day, 0 to 23, in any order; to be asked in order of time. */
  hour(hour: number): Iterable<Conversation>;
}

/** What somebody does who should not, or what goes wrong with the logs, and the alerts that are due for it. */
export interface Attack {
  /** A few words on the manner, for readers of a report. */
  readonly name: string;
  readonly labels: readonly Label[];
  readonly conversations: readonly Conversation[];
  readonly quietPeriods?: readonly QuietPeriod[];
  readonly skips?: readonly Skip[];
}

/** A style of traffic with what is planted in it. */
export interface Scenario {
  readonly style: Style;
  readonly attacks: readonly Attack[];
}
