import type { Rule } from '../../lambda/rules/model.ts';
import type { ReplayedFiles } from '../replay/replay-files.ts';
import type { Comparison } from './comparison.ts';
import type { RuleStatistics } from './rule-statistics.ts';
import type { Suggestion, ThresholdResult } from './suggestion.ts';

/** A rule and what its alerts came to. */
export interface RuleResult {
  readonly rule: Rule;
  readonly statistics: RuleStatistics;
}

/** What came of a backtest. */
export interface BacktestResult {
  readonly replayed: ReplayedFiles;
  /** In the order of their names. */
  readonly rules: readonly RuleResult[];
  /** The rules that were swept, each with all thresholds, its own too, ascending. */
  readonly sweeps: readonly { readonly rule: Rule; readonly tried: readonly ThresholdResult[] }[];
  /** What to do about rules with more alerts on a day than wanted; undefined where nobody asked. */
  readonly under: { readonly most: number; readonly suggestions: readonly Suggestion[] } | undefined;
  /** What another directory of rules changes; undefined where nobody asked. */
  readonly compared: ({ readonly directory: string } & Comparison) | undefined;
}
