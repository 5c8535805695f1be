import type { Rule } from '../../lambda/rules/model.ts';
import type { ReplayedFiles } from '../replay/replay-files.ts';
import type { Comparison } from './comparison.ts';
import type { RuleStatistics } from './rule-statistics.ts';
import type { Suggestion, ThresholdResult } from './suggestion.ts';

/** A rule and the statistics of its alerts. */
export interface RuleResult {
  readonly rule: Rule;
  readonly statistics: RuleStatistics;
}

/** Result of a backtest. */
export interface BacktestResult {
  readonly replayed: ReplayedFiles;
  /** The UTC days on which flows ended, from the first to the last, such as `2026-11-24`. */
  readonly days: readonly string[];
  /** In the order of their names. */
  readonly rules: readonly RuleResult[];
  /** Swept rules, each with all thresholds including the current one, ascending. */
  readonly sweeps: readonly { readonly rule: Rule; readonly tried: readonly ThresholdResult[] }[];
  /** Suggestions for rules with more alerts on a day than `most`; undefined unless requested. */
  readonly under: { readonly most: number; readonly suggestions: readonly Suggestion[] } | undefined;
  /** Differences to another directory of rules; undefined unless requested. */
  readonly compared: ({ readonly directory: string } & Comparison) | undefined;
}
