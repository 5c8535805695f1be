import type { Counter } from '../counters/counter.ts';
import type { Addition } from '../counters/delta.ts';
import { allSeriesOf } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { couldExceed, reachesThreshold, upperBound } from './window-value.ts';

/** Rules over a value of the same series, those with the least threshold first. */
interface ThresholdLadder {
  readonly series: readonly string[];
  readonly rules: Rule[];
}

/** The rules that judge a series. */
interface SeriesRules {
  readonly ladders: ThresholdLadder[];
  /** Those whose value is no sum of what slots hold: each is looked at by itself. */
  readonly others: Rule[];
}

/** The rules by the series that they judge, so that an update looks at those only that it may bring over the threshold. */
export class RuleIndex {
  readonly #judges = new Map<string, SeriesRules>();
  readonly #places = new Map<Rule, number>();

  constructor(rules: readonly Rule[]) {
    const ladders = new Map<string, ThresholdLadder>();
    for (const [place, rule] of rules.entries()) {
      this.#places.set(rule, place);
      const { correlation } = rule;
      let ladder: ThresholdLadder | undefined;
      if ('series' in correlation) {
        const name = [correlation.series.join(), ...allSeriesOf(rule)].join(' ');
        ladder = ladders.get(name) ?? { series: correlation.series, rules: [] };
        ladders.set(name, ladder);
        ladder.rules.push(rule);
      }
      for (const id of allSeriesOf(rule)) {
        const judges = this.#judges.get(id) ?? { ladders: [], others: [] };
        this.#judges.set(id, judges);
        if (!ladder) judges.others.push(rule);
        else if (!judges.ladders.includes(ladder)) judges.ladders.push(ladder);
      }
    }
    for (const { rules: all } of ladders.values()) {
      // Of two with one threshold, the one that it is enough for comes first.
      all.sort(
        (a, b) => a.threshold - b.threshold || (a.comparison === b.comparison ? 0 : a.comparison === 'gte' ? -1 : 1),
      );
    }
  }

  /**
   * The rules that a counter may be over the threshold of, of those that judge a series that was added to: in the order of
   * the additions, and for one of them in that of the rule set.
   */
  candidates(additions: readonly Addition[], counter: Pick<Counter, 'slots'>): readonly Rule[] {
    let found = none;
    const seen: string[] = [];
    for (const { series } of additions) {
      if (seen.includes(series)) continue;
      seen.push(series);
      const judges = this.#judges.get(series);
      if (!judges) continue;
      const further = this.#furtherOf(judges, counter, found);
      if (further.length > 0) found = [...found, ...further];
    }
    return found;
  }

  #furtherOf(
    { ladders, others }: SeriesRules,
    counter: Pick<Counter, 'slots'>,
    known: readonly Rule[],
  ): readonly Rule[] {
    let found: Rule[] | undefined;
    const take = (rule: Rule) => {
      if (known.includes(rule)) return;
      if (found) found.push(rule);
      else found = [rule];
    };
    for (const { series, rules } of ladders) {
      const sum = upperBound(series, counter);
      for (const rule of rules) {
        if (!reachesThreshold(rule, sum)) break;
        if (sum.filled >= (rule.extension.activeSlots ?? 0)) take(rule);
      }
    }
    for (const rule of others) if (couldExceed(rule, counter)) take(rule);
    return found?.sort((a, b) => this.#places.get(a)! - this.#places.get(b)!) ?? none;
  }
}

const none: readonly Rule[] = [];

const indexes = new WeakMap<LoadedRules, RuleIndex>();

/** The index of a rule set: built once for each. */
export function candidateIndex(rules: LoadedRules): RuleIndex {
  let index = indexes.get(rules);
  if (!index) {
    index = new RuleIndex([...rules.rules.values()]);
    indexes.set(rules, index);
  }
  return index;
}
