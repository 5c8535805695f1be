import type { TimePart } from '../common/calendar.ts';
import type { Network } from '../networks/ip-address.ts';
import type { PackedEntry } from '../networks/network-entry.ts';

/** A piece of a pattern: text (in lower case where case does not matter), `0` for any run of characters (`*`), `1` for any one of them (`?`). */
export type PatternPart = string | 0 | 1;

/**
 * A regular expression as steps, of which the first is where it begins and the end of the list is a match: a character
 * out of (or with `not`, outside of) ranges of code points; going on at several steps at once; an edge of the text.
 */
export interface Regex {
  readonly steps: readonly RegexStep[];
  /** Whether upper and lower case are the same. */
  readonly insensitive?: true;
}

export type RegexStep =
  | { readonly chars: readonly (readonly [number, number])[]; readonly not?: true }
  | { readonly goto: readonly number[] }
  | { readonly edge: 'start' | 'end' };

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

/** What one value of a field is tested for; text is compared without regard to case, as Sigma does, unless `cased`. */
export type ValueTest =
  | { readonly in: readonly string[]; readonly cased?: true }
  | { readonly like: readonly PatternPart[]; readonly cased?: true }
  | { readonly re: Regex }
  | { readonly cidr: readonly Network[] }
  | { readonly list: string }
  | { readonly compare: Comparison; readonly to: number }
  | { readonly exists: boolean };

/** How a field is compared with another. */
export type Relation = 'equals' | 'startswith' | 'endswith' | 'contains' | Comparison;

/** Which flows a rule is about. A field that is not available passes no test but `exists: false`. */
export type Predicate =
  | { readonly all: readonly Predicate[] }
  | { readonly any: readonly Predicate[] }
  | { readonly not: Predicate }
  /** With `part`, the tests are of that part of the field's time, in UTC. */
  | { readonly field: string; readonly tests: readonly ValueTest[]; readonly part?: TimePart }
  | { readonly field: string; readonly relation: Relation; readonly other: string; readonly cased?: true }
  /** The flow's time is before this one, in epoch seconds, or is not known. */
  | { readonly before: number };

/** What a series adds up: matching flows, the values of a field, or its distinct values, at most `cap` a slot. */
export type Measure =
  | { readonly kind: 'count' }
  | { readonly kind: 'sum'; readonly field: string }
  | {
      readonly kind: 'distinct';
      readonly field: string;
      /** Further fields: then it is their combinations that are told apart. */
      readonly also?: readonly string[];
      readonly cap: number;
    };

/** A number kept per group of flows and slot of time; rules that mean the same series share it. */
export interface Series {
  /** A short name made of the definition, so that a changed rule starts a new series. */
  readonly id: string;
  readonly where: Predicate;
  /** The names that make a group's key, in alphabetical order: fields, or a correlation's aliases. */
  readonly groupBy: readonly string[];
  /** The field that each of them is read from. */
  readonly groupFields: readonly string[];
  readonly measure: Measure;
  readonly slotSeconds: number;
}

/** What is over a threshold: a whole number per window, of one or more series added up or taken together. */
export interface ValueCorrelation {
  readonly type: 'event_count' | 'value_sum' | 'value_count';
  /** The field that is summed up or whose values are told apart; of several, the first. */
  readonly field?: string;
  readonly series: readonly string[];
}

/** One of the rules that a temporal correlation asks for. */
export type Part =
  /** A detection that must have matched, with the times at which it did. */
  | { readonly name: string; readonly times: string }
  /** A detection or a correlation that must be over its threshold. */
  | {
      readonly name: string;
      readonly correlation: ValueCorrelation;
      readonly comparison: 'gt' | 'gte';
      readonly threshold: number;
    };

/** What a rule looks for in a window: a Sigma correlation, over the series that it needs. */
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
  | { readonly type: 'temporal' | 'temporal_ordered'; readonly parts: readonly Part[] };

/** What our own block `flow_sentinel` asks of a window besides: see docs/rules/writing-rules.md, "Beyond Sigma". */
export interface Extension {
  /** How many slots of the window must hold something. */
  readonly activeSlots?: number;
  /** The most that a slot may hold. */
  readonly slotMost?: number;
  /** How many times the emptiest slot the fullest may hold; the first and the last of the window are left out. */
  readonly slotSpread?: number;
  /** The pair must have been seen first within so many seconds before the window's end, and not while still learning. */
  readonly firstSeen?: { readonly withinSeconds: number; readonly learningSeconds: number };
  /** The correlation's flows must have stopped for so many seconds, while the flows of another series go on. */
  readonly silent?: { readonly forSeconds: number; readonly while: string };
}

/** One Sigma correlation, ready to judge. */
export interface Rule {
  /** The rule file's name without `.yml`; for a detection that `generate` lets alert by itself, that and its own name. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** An experimental rule counts and tells of its alerts in metrics and the log, and pages nobody. */
  readonly status: 'stable' | 'test' | 'experimental';
  readonly level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  /** MITRE ATT&CK techniques, such as `T1048`, from the tags. */
  readonly techniques: readonly string[];
  /** MITRE ATT&CK tactics, such as `exfiltration`, from the tags. */
  readonly tactics: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  /** The names that make a group, in the rule's own order. */
  readonly groupBy: readonly string[];
  readonly correlation: Correlation;
  readonly comparison: 'gt' | 'gte';
  /** Of a temporal correlation: how many of its parts must be there. */
  readonly threshold: number;
  readonly timespanSeconds: number;
  readonly extension: Extension;
  /** From the rule's `alert` block: how long an alert keeps further ones of the same key back, in event time. */
  readonly suppressSeconds: number;
  /** By how much that time grows with each alert of a key that follows on another; 1 for not. */
  readonly backoff: number;
  /** Multiples of the threshold at which an alert is sent in spite of a live one, ascending. */
  readonly escalate: readonly number[];
  /** Whether a note is sent when what was alerted has ended. */
  readonly ended: boolean;
  /** What to look at next, a sentence each. */
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
  /** None where the list is only in S3. */
  readonly entries: readonly PackedEntry[];
  /**
   * Whether a rule that uses the list looks it up by its name when it runs. Else the list's networks are put into the
   * rule, which then is another one when they change.
   */
  readonly referenced: boolean;
  /** What to read the list from, again and again. */
  readonly s3?: S3Object;
}

/** A Sigma filter, which the detections that it names are compiled with; this is what people are told of it. */
export interface AppliedFilter {
  readonly title: string;
  readonly file: string;
  /** The rules as it names them. */
  readonly rules: readonly string[];
  readonly reason?: string | undefined;
  /** The last day on which it applies, in UTC, such as `2027-01-31`. */
  readonly expires?: string | undefined;
}

/** A whole rule set, as the function is shipped with it. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly series: readonly Series[];
  readonly filters: readonly AppliedFilter[];
  /** The networks whose flows are logged at both ends: see aggregate/aggregate.ts. */
  readonly monitoredNetworks: readonly Network[];
  /** The named lists but for the one of monitored networks, in the order of their file. */
  readonly lists: readonly NamedList[];
}
