import type { Rule } from '../../lambda/rules/model.ts';
import type { ReplayedFiles } from '../replay/replay-files.ts';
import type { Comparison } from './comparison.ts';
import type { RuleTally } from './rule-statistics.ts';
import type { Suggestion, Tried } from './suggestion.ts';

/** A rule and what its alerts came to. */
export interface TalliedRule {
  readonly rule: Rule;
  readonly tally: RuleTally;
}

/** What came of a backtest. */
export interface Backtested {
  readonly replayed: ReplayedFiles;
  /** In the order of their names. */
  readonly rules: readonly TalliedRule[];
  /** The rules that were swept, each with all thresholds, its own too, ascending. */
  readonly sweeps: readonly { readonly rule: Rule; readonly tried: readonly Tried[] }[];
  /** What to do about rules with more alerts on a day than wanted; undefined where nobody asked. */
  readonly under: { readonly most: number; readonly suggestions: readonly Suggestion[] } | undefined;
  /** What another directory of rules changes; undefined where nobody asked. */
  readonly compared: ({ readonly directory: string } & Comparison) | undefined;
}
