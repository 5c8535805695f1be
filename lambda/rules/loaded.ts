import type { FieldReader, Flow } from '../flow-log/flow.ts';
import type { Scope } from '../flow-log/scope.ts';
import type { Network } from '../networks/ip-address.ts';
import type { NetworkTable } from '../networks/network-table.ts';
import type { Matcher } from './match.ts';
import type { AppliedFilter, Rule, S3Object, Series } from './model.ts';

/** A series with the functions that match and read its flows. */
export interface LoadedSeries extends Series {
  readonly matches: Matcher;
  /** Readers of the fields that the series groups by, in their order, and of those that it measures. */
  readonly groupReaders: readonly FieldReader[];
  readonly measureReaders: readonly FieldReader[];
  /** True if the series is grouped by the fields of a pair, and so stored with the pair's counters. */
  readonly isOfPairs: boolean;
  /** The number of consecutive windows that its rules read. */
  readonly windows: 1 | 2;
}

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
  /** Returns the series that match a flow. */
  readonly seriesOf: SeriesMatcher;
  /** The rules by name. */
  readonly rules: ReadonlyMap<string, Rule>;
  readonly filters: readonly AppliedFilter[];
  /** The networks whose accepted flows are counted once, at one of their interfaces: see isDuplicateObservation. */
  readonly monitoredNetworks: readonly Network[];
  /** The internal and the monitored networks. Any other source is outside: refused.ts and digest-order.ts use them. */
  readonly insideNetworks: readonly Network[];
  /** What keeps counters of the same addresses apart; undefined for nothing. */
  readonly scope: Scope | undefined;
  /** True if a rule uses `first_seen`, which needs the time since which flows are observed. */
  readonly needsFirstSeen: boolean;
  /** The named lists by name, in the order of their file. */
  readonly lists: ReadonlyMap<string, LoadedList>;
}

/**
 * Returns the series that match a flow, in the order of the rule set.
 *
 * @param time the flow's time in epoch seconds; the time of its arrival if its record has no time
 */
export type SeriesMatcher = (flow: Flow, time: number) => readonly LoadedSeries[];
