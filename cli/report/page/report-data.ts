import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { ContextEvent } from '../../../lambda/context/context-event.ts';
import type { GeoEntry } from '../../../lambda/geo/geo-table.ts';
import type { KnownAddress } from '../../../lambda/names/known-interface.ts';
import type { Period, RecordTotals } from '../../statistics/flow-counts.ts';
import type { Timeline } from '../../statistics/flow-timeline.ts';
import type { HostActivity } from '../../statistics/host-activity.ts';
import type { OutsideTraffic } from '../../statistics/outside-traffic.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';

/**
 * Data of a report as JSON, in which integers may have more than 53 bits (quantity.ts). Times are epoch seconds. The same
 * run gives the same bytes, so the data has no creation time.
 */
export interface ReportData {
  readonly version: 2;
  /** Command that writes the report, such as `npx flow-sentinel replay logs/`. */
  readonly command: string;
  readonly hunt: HuntInputs;
  readonly sources: readonly ReportSource[];
  /** Number of sources that are not listed. */
  readonly moreSources: number;
  readonly records: RecordTotals;
  /** Lines that say which flows are left out by which monitored networks; empty without `flow-direction`. */
  readonly leftOut: readonly string[];
  /** From the earliest `start` to the latest `end` of a flow; undefined without flows. */
  readonly period: Period | undefined;
  /** In the order in which they were raised. */
  readonly alerts: readonly ReportAlert[];
  /** Pairs that fit into the report (report-pairs.ts), busiest first; `pairCount` is the number of all pairs. */
  readonly pairs: readonly PairCounter[];
  readonly pairCount: number;
  /** Ports and hours of hosts. */
  readonly hosts: HostActivity;
  readonly timeline: Timeline;
  /** Every evaluated rule, also without alerts. */
  readonly rules: readonly ReportRule[];
  /** Who has the addresses, and where they lead; undefined without a source. */
  readonly known?: ReportedAddresses;
  /** The flows to and from outside addresses; undefined without a table of regions. */
  readonly outside?: OutsideTraffic;
  /** The findings and API calls that were read; undefined if none were asked for. */
  readonly context?: ReportedContext;
}

/** The context events of a report. */
export interface ReportedContext {
  /** In order of time. */
  readonly events: readonly ReportedEvent[];
  /** Number of further events that do not fit into the report. */
  readonly unlisted: number;
}

/** A finding of GuardDuty, or an API call that changed the network. The text is on one line and of bounded length. */
export interface ReportedEvent {
  readonly kind: ContextEvent['kind'];
  readonly id: string;
  /** Of a finding, when it was last seen. */
  readonly time: number;
  /** Of a finding. */
  readonly level?: string;
  readonly text: string;
  /** Addresses in the report that the event concerns: of its hosts, and the outside ones of a finding. */
  readonly addresses: readonly string[];
}

/** What the sources know of the addresses in the report. */
export interface ReportedAddresses {
  /** Whether there is a source of names. */
  readonly hasNames: boolean;
  /** The time of the oldest description of an interface; undefined if unknown. */
  readonly namesTime?: number;
  /** The time of the table of regions; undefined without a table. */
  readonly regionsTime?: number;
  /** In any order; addresses of which nothing is known are left out. */
  readonly addresses: readonly AddressFacts[];
  /** Number of further addresses with facts that do not fit into the report. */
  readonly unlisted: number;
}

/** What is known of an address; at least one of both. Texts are printable and of bounded length. */
export interface AddressFacts {
  readonly address: string;
  readonly who?: NamedInterface;
  readonly region?: GeoEntry;
}

/** What has an address: the part of a KnownAddress that the page shows. */
export type NamedInterface = Pick<KnownAddress, 'interface' | 'kind' | 'id' | 'name' | 'owner' | 'since' | 'isShared'>;

/** Arguments with which `hunt` reads the input of the run. */
export interface HuntInputs {
  /** Paths and options, without quotes for a shell. */
  readonly words: readonly string[];
  /** Time range of the run in epoch seconds, without `to` itself. */
  readonly from?: number;
  readonly to?: number;
}

/** An input of the run: a file or an event. */
export interface ReportSource {
  readonly name: string;
  readonly kind: string;
  readonly records: number;
  /** Reason why the source, or the rest of it, could not be read. */
  readonly problem?: string;
}

/** A message of the topic. */
export interface ReportAlert {
  readonly subject: string;
  /** Text of the e-mail. */
  readonly text: string;
  readonly body: AlertBody;
}

/** A rule with its numbers of alerts and keys. */
export interface ReportRule {
  readonly name: string;
  readonly title: string;
  readonly level: string;
  readonly status: string;
  /** Number of alerts: each key of a digest counts, and resolution notices do not. */
  readonly alerts: number;
  readonly keys: number;
  /** Whether there may be more keys, since a digest names only some of its keys. */
  readonly hasMoreKeys: boolean;
  /** Why the rule could not alert on some flows, such as `blind: needs tcp-flags`; undefined if it saw all. */
  readonly unseen?: string;
}
