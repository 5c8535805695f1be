import type { TimePart } from '../common/calendar.ts';
import type { Scope } from '../flow-log/scope.ts';
import type { TagFields } from '../flow-log/tag-fields.ts';
import type { Network } from '../networks/ip-address.ts';
import type { PackedEntry } from '../networks/network-entry.ts';
import type { EventSource, LogSource } from './event-source.ts';
import type { Level } from './level.ts';

/**
 * A part of a pattern: text, in lower case if the pattern ignores case; `0` for any run of characters (`*`); `1` for any
 * character (`?`).
 */
export type PatternPart = string | 0 | 1;

/**
 * A compiled regular expression: begins at the first step and matches at the end of the list. A step is a jump to several
 * steps at once, an edge of the text, or a character in ranges of code points (with `not`: outside them).
 */
export interface Regex {
  readonly steps: readonly RegexStep[];
  /** True if the expression ignores case. */
  readonly insensitive?: true;
}

export type RegexStep =
  | { readonly chars: readonly (readonly [number, number])[]; readonly not?: true }
  | { readonly goto: readonly number[] }
  | { readonly edge: 'start' | 'end' };

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

/** A test of a field's value. As in Sigma, comparison of text ignores case unless the test is `cased`. */
export type ValueTest =
  | { readonly in: readonly string[]; readonly cased?: true }
  | { readonly like: readonly PatternPart[]; readonly cased?: true }
  | { readonly re: Regex }
  | { readonly cidr: readonly Network[] }
  | { readonly list: string }
  | { readonly compare: Comparison; readonly to: number }
  | { readonly exists: boolean };

/** A comparison of two fields. */
export type Relation = 'equals' | 'startswith' | 'endswith' | 'contains' | Comparison;

/**
 * A condition on flows, or on events. A value that is not available passes only the test `exists: false`. A field of events
 * is a path, which may have several values: see event-matcher.ts.
 */
export type Predicate =
  | { readonly all: readonly Predicate[] }
  | { readonly any: readonly Predicate[] }
  | { readonly not: Predicate }
  /** With `part`, the tests apply to that part of the field's time, in UTC. */
  | { readonly field: string; readonly tests: readonly ValueTest[]; readonly part?: TimePart }
  | { readonly field: string; readonly relation: Relation; readonly other: string; readonly cased?: true }
  /** Matches a flow whose time is before this one, in epoch seconds, or unknown. */
  | { readonly before: number };

/**
 * The measure of a series: matching flows, whether any flow matches, the sum of a field, or its distinct values, at most
 * `cap` a slot. A slot of `presence` holds a positive number, which means nothing else. The field `end` of a series of events
 * is the time of the event.
 */
export type Measure =
  | { readonly kind: 'count' }
  | { readonly kind: 'presence' }
  | { readonly kind: 'sum'; readonly field: string }
  | {
      readonly kind: 'distinct';
      readonly field: string;
      /** Further fields: the distinct values are then combinations of all fields. */
      readonly also?: readonly string[];
      readonly cap: number;
    };

/** A number per group of flows or events, and slot of time; rules with the same definition share a series. */
export interface Series {
  /** A hash of the definition, so that a changed rule starts a new series. */
  readonly id: string;
  /** The events that the series counts. Default: flows. */
  readonly source?: EventSource;
  readonly where: Predicate;
  /** The names that make a group's key, in alphabetical order: fields, or a correlation's aliases. */
  readonly groupBy: readonly string[];
  /** The fields of these names, in the same order; of events, paths. */
  readonly groupFields: readonly string[];
  readonly measure: Measure;
  readonly slotSeconds: number;
}

/**
 * A correlation with one whole number per window: a sum over series, the size of a union of distinct values, or the number
 * of slots in which any flow matches. `active_slots` is what an `event_count` becomes whose `active_slots` condition
 * implies its threshold: see sigma/compile/presence.ts.
 */
export interface ValueCorrelation {
  readonly type: 'event_count' | 'value_sum' | 'value_count' | 'active_slots';
  /** The field to sum or to count distinct values of; the first of several. */
  readonly field?: string;
  /** The further fields of a value_count: see Measure. */
  readonly also?: readonly string[];
  /** The events that are counted. Default: flows. */
  readonly source?: EventSource;
  readonly series: readonly string[];
}

/** One part of a temporal correlation. */
export type TemporalPart =
  /** A detection that must match; `times` is the series of its times. */
  | { readonly name: string; readonly times: string }
  /** A detection or a correlation that must exceed its threshold. */
  | {
      readonly name: string;
      readonly correlation: ValueCorrelation;
      readonly comparison: 'gt' | 'gte';
      readonly threshold: number;
    };

/** A Sigma correlation, with the series that it reads in a window. */
export type Correlation =
  | ValueCorrelation
  | {
      readonly type: 'value_avg';
      readonly field: string;
      readonly sums: readonly string[];
      readonly counts: readonly string[];
    }
  | {
      readonly type: 'value_percentile';
      readonly field: string;
      readonly percentile: number;
      /** Flows whose value is over the threshold, and all that have a value. */
      readonly above: readonly string[];
      readonly all: readonly string[];
    }
  | { readonly type: 'temporal' | 'temporal_ordered'; readonly parts: readonly TemporalPart[] };

/** Further conditions of the block `flow_sentinel` (docs/rules/writing-rules.md, "Beyond Sigma"). */
export interface Extension {
  /** Minimum number of active slots in the window. */
  readonly activeSlots?: number;
  /** Maximum value of a slot. */
  readonly maxSlotValue?: number;
  /** Maximum ratio of the largest to the smallest active slot, without the first and the last slot of the window. */
  readonly maxSlotSpread?: number;
  /** The pair's first flow must be this recent at the window's end, and after the learning period. */
  readonly firstSeen?: { readonly withinSeconds: number; readonly learningSeconds: number };
  /** The correlation's flows must have stopped this long ago, while flows of another series continue. */
  readonly silent?: { readonly forSeconds: number; readonly while: string };
}

/** A compiled rule: one Sigma correlation with its alert settings. */
export interface Rule {
  /** The rule file's name without `.yml`; for a detection with `generate`, the file's name and its own. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Alerts of an experimental rule are log-only: they are in metrics and the log, and no message is sent. */
  readonly status: 'stable' | 'test' | 'experimental';
  readonly level: Level;
  /** MITRE ATT&CK techniques, such as `T1048`, from the tags. */
  readonly techniques: readonly string[];
  /** MITRE ATT&CK tactics, such as `exfiltration`, from the tags. */
  readonly tactics: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  /** The log sources of a rule that reads events. Default: flow logs alone. */
  readonly sources?: readonly LogSource[];
  /** The group-by names in the rule's order. */
  readonly groupBy: readonly string[];
  readonly correlation: Correlation;
  readonly comparison: 'gt' | 'gte';
  /** For a temporal correlation: the number of parts that must occur. */
  readonly threshold: number;
  readonly timespanSeconds: number;
  readonly extension: Extension;
  /** Suppression after an alert, per key, in event time; from the rule's `alert` block. */
  readonly suppressSeconds: number;
  /** Factor of the suppression with each further alert of a key; 1 for no back-off. */
  readonly backoff: number;
  /** Multiples of the threshold, ascending; each alerts although an alert of a smaller multiple is live. */
  readonly escalate: readonly number[];
  /** True if a resolution notice is sent when the alert has ended. */
  readonly ended: boolean;
  /** False if context never raises the level of the rule's alerts. Default: true. */
  readonly raise?: false;
  /** Next steps of an investigation, one sentence each. */
  readonly next: readonly string[];
}

/** An object in S3. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** A named list of networks. */
export interface NamedList {
  readonly name: string;
  /** Empty if the list is only in S3. */
  readonly entries: readonly PackedEntry[];
  /**
   * True if rules refer to the list by name at run time. Otherwise, its networks are compiled into the rules, and a change
   * of the list changes the series of these rules.
   */
  readonly referenced: boolean;
  /** The object that the function reads the list from, repeatedly. */
  readonly s3?: S3Object;
}

/** A Sigma filter that is compiled into detections: its data for reports. */
export interface AppliedFilter {
  readonly title: string;
  readonly file: string;
  /** The rules, by the names in the filter. */
  readonly rules: readonly string[];
  readonly reason?: string | undefined;
  /** The filter's last day in UTC, such as `2027-01-31`. */
  readonly expires?: string | undefined;
}

/** A rule that is left out, and what it needs: a table of regions, or events of CloudTrail or GuardDuty. */
export interface OffRule extends Pick<Rule, 'name' | 'title' | 'level'> {
  readonly needs: 'regions' | 'context';
}

/** A compiled rule set, which is part of the function's bundle. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** The rules that are left out. Default: none. */
  readonly off?: readonly OffRule[];
  readonly series: readonly Series[];
  readonly filters: readonly AppliedFilter[];
  /** The networks whose flows are logged at both endpoints: see isDuplicateObservation. */
  readonly monitoredNetworks: readonly Network[];
  /** The networks of the list `internal_networks`, or the private ranges if the list is missing or in S3. */
  readonly internalNetworks: readonly Network[];
  /** The named lists except that of monitored networks, in the order of their file. */
  readonly lists: readonly NamedList[];
  /** What keeps counters of the same addresses apart (default: nothing). */
  readonly scope?: Scope | undefined;
  /** The keys of the tags in the stack's flow logs, by which alerts name addresses (default: none). */
  readonly tagFields?: TagFields | undefined;
}
