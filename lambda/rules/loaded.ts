import type { FlowColumns } from '../flow-log/flow-columns.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import type { CurrentRegions } from '../flow-log/region-fields.ts';
import type { Scope } from '../flow-log/scope.ts';
import type { Network } from '../networks/ip-address.ts';
import type { NetworkTable } from '../networks/network-table.ts';
import type { EventReader } from './event-fields.ts';
import type { EventMatcher } from './event-matcher.ts';
import type { EventSource } from './event-source.ts';
import type { Matcher } from './match.ts';
import type { AppliedFilter, OffRule, Rule, S3Object, Series } from './model.ts';

/** A series with the functions that match and read its flows. */
export interface LoadedSeries extends Series {
  /** Matches nothing if the series counts events. */
  readonly matches: Matcher;
  /** True if the series is grouped by the fields of a pair, and so stored with the pair's counters. */
  readonly isOfPairs: boolean;
  /** The number of consecutive windows that its rules read. */
  readonly windows: 1 | 2;
  /** See lateEventSecondsOf. */
  readonly lateEventSeconds: number;
}

/** A series of events. */
export interface EventSeries {
  readonly series: LoadedSeries;
  readonly matches: EventMatcher;
  /** For each part of the key, the reader of its values, in the order of `groupBy`. */
  readonly readKey: readonly EventReader[];
  /** The readers of the values that the series counts; undefined unless it counts distinct values. */
  readonly readValues: readonly EventReader[] | undefined;
  /** Whether a rule reads it together with series of flows: their counters have the same scope. */
  readonly isWithFlows: boolean;
}

/** The result of matching the flows of a batch with all series. */
export interface MatchedFlows {
  /** For each row, an index in `matches`. */
  readonly matchOf: Int32Array;
  /** Lists of series in the order of the rule set. The list of a row has the series that match its flow. */
  readonly matches: readonly (readonly LoadedSeries[])[];
}

/** Finds the series that match each flow of a batch. */
export type SeriesMatcher = (columns: FlowColumns) => MatchedFlows;

/** A named list with its network table. */
export interface LoadedList {
  readonly name: string;
  readonly s3?: S3Object;
  /** The table, which is replaced when the list's object in S3 changes. A list only in S3 is empty until it is read. */
  current: NetworkTable;
}

/** A loaded rule set. */
export interface LoadedRules {
  readonly series: ReadonlyMap<string, LoadedSeries>;
  /** Makes columns of flows, with the codes of the rules' dictionary. */
  readonly columnsOf: (rows: FlowRows) => FlowColumns;
  /** Finds the series that match flows. */
  readonly match: SeriesMatcher;
  /** The series of events, by their source. */
  readonly eventSeries: ReadonlyMap<EventSource, readonly EventSeries[]>;
  /** The rules by name. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The rules that are left out, since they need what is not there. */
  readonly off: readonly OffRule[];
  readonly filters: readonly AppliedFilter[];
  /** The networks whose accepted flows are counted once, at one of their interfaces: see isDuplicateObservation. */
  readonly monitoredNetworks: readonly Network[];
  /** The internal and the monitored networks. Any other source is outside: refused.ts and digest-order.ts use them. */
  readonly insideNetworks: readonly Network[];
  /** What keeps counters of the same addresses apart; undefined for nothing. */
  readonly scope: Scope | undefined;
  /** The key of the tag in each tag field; empty if no setting says them. */
  readonly tagKeys: ReadonlyMap<string, string>;
  /** The names of the times from which the rules with `first_seen` learn: see learningName. */
  readonly learningNames: readonly string[];
  /** The regions of addresses, for the rules and for alerts. */
  readonly regions: CurrentRegions;
  /** The named lists by name, in the order of their file. */
  readonly lists: ReadonlyMap<string, LoadedList>;
}
