import type { Quantity } from '../../common/quantity.ts';
import type { Correlation, Rule } from '../../rules/model.ts';

/** The measurement of one window by the correlation of a rule: there is one class for each kind of correlation. */
export interface WindowMeasure {
  readonly value: Quantity;
  /**
   * Whether the true value, or the order of the steps, may differ: the counter has not stored everything. Always true
   * for a percentile, whose value is the smallest possible one.
   */
  readonly isLowerBound: boolean;
  /** Returns whether the window exceeds a multiple of the rule's threshold. */
  exceeds(multiple: number): boolean;
}

/** The correlations that have a property: `sums`, `percentile` or `parts`. */
export type CorrelationWith<Property extends string> = Extract<Correlation, Readonly<Record<Property, unknown>>>;

/** The comparison of a rule or of a part of it. */
export type Condition = Pick<Rule, 'comparison' | 'threshold'>;

/** Returns whether a value exceeds a multiple of a condition's threshold: `gt` or `gte`. */
export function isOver(value: Quantity, { comparison, threshold }: Condition, multiple = 1): boolean {
  const limit = threshold * multiple;
  return comparison === 'gt' ? value > limit : value >= limit;
}
