import type { FieldReader, Flow } from '../flow-log/flow.ts';
import type { Network } from '../networks/ip-address.ts';
import type { NetworkTable } from '../networks/network-table.ts';
import type { Matcher } from './match.ts';
import type { AppliedFilter, Rule, S3Object, Series } from './model.ts';

/** A series and the function that knows its flows. */
export interface LoadedSeries extends Series {
  readonly matches: Matcher;
  /** Read the fields that it groups by, in their order, and those that it measures. */
  readonly groupReaders: readonly FieldReader[];
  readonly measureReaders: readonly FieldReader[];
  /** Whether it is kept with the counters of pairs, by the very fields that make a pair. */
  readonly isOfPairs: boolean;
  /** How many windows, one before the other, its rules look at. */
  readonly windows: 1 | 2;
}

/** A named list that is ready to be looked up. */
export interface LoadedList {
  readonly name: string;
  readonly s3?: S3Object;
  /** What the list says now: replaced when its object in S3 has changed. Empty until one that is only there is read. */
  current: NetworkTable;
}

/** A rule set that is ready to run. */
export interface LoadedRules {
  readonly series: ReadonlyMap<string, LoadedSeries>;
  /** The series that a flow belongs to: those that match it. */
  readonly seriesOf: SeriesMatcher;
  /** The rules by their names. */
  readonly rules: ReadonlyMap<string, Rule>;
  readonly filters: readonly AppliedFilter[];
  readonly monitoredNetworks: readonly Network[];
  /** Whether some rule must know since when flows are seen. */
  readonly needsFirstSeen: boolean;
  /** The named lists by their names, in the order of their file. */
  readonly lists: ReadonlyMap<string, LoadedList>;
}

/**
 * The series that a flow belongs to, in the order of the rule set.
 *
 * @param time the flow's time in epoch seconds, where its record does not say: that of its arrival
 */
export type SeriesMatcher = (flow: Flow, time: number) => readonly LoadedSeries[];
