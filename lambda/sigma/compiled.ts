import type { Network } from '../core/address.ts';

/** A piece of a pattern: text in lower case, `0` for any run of characters (`*`), `1` for any one of them (`?`). */
export type PatternPart = string | 0 | 1;

/** What one value of a field is tested for; text is compared without regard to case, as Sigma does. */
export type ValueTest =
  | { readonly in: readonly string[] }
  | { readonly like: readonly PatternPart[] }
  | { readonly cidr: readonly Network[] }
  | { readonly compare: 'gt' | 'gte' | 'lt' | 'lte'; readonly to: number }
  | { readonly exists: boolean };

/** Which flows a rule is about. A field that is not available passes no test but `exists: false`. */
export type Predicate =
  | { readonly all: readonly Predicate[] }
  | { readonly any: readonly Predicate[] }
  | { readonly not: Predicate }
  | { readonly field: string; readonly tests: readonly ValueTest[] };

/** What a series adds up: matching flows, the values of a field, or its distinct values, at most `cap` a slot. */
export type Measure =
  | { readonly kind: 'count' }
  | { readonly kind: 'sum'; readonly field: string }
  | { readonly kind: 'distinct'; readonly field: string; readonly cap: number };

/** A number kept per group of flows and slot of time; rules that mean the same series share it. */
export interface Series {
  /** A short name made of the definition, so that a changed rule starts a new series. */
  readonly id: string;
  readonly where: Predicate;
  readonly groupBy: readonly string[];
  readonly measure: Measure;
  readonly slotSeconds: number;
}

/** One Sigma correlation, ready to judge. */
export interface Rule {
  /** The rule file's name without `.yml`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  /** MITRE ATT&CK techniques, such as `T1048`, from the tags. */
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  /** The fields that make a group, in the rule's own order. */
  readonly groupBy: readonly string[];
  /** The id of the series that the rule judges. */
  readonly series: string;
  readonly comparison: 'gt' | 'gte';
  readonly threshold: number;
  readonly timespanSeconds: number;
  /** From the rule's `alert` block: how long an alert keeps further ones of the same key back, in event time. */
  readonly suppressSeconds: number;
  /** Multiples of the threshold at which an alert is sent in spite of a live one, ascending. */
  readonly escalate: readonly number[];
  /** What to look at next, a sentence each. */
  readonly next: readonly string[];
}

/** A whole rule set, as the function is shipped with it. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly series: readonly Series[];
  /** The networks whose flows are logged at both ends: see core/aggregate.ts. */
  readonly monitoredNetworks: readonly Network[];
}
