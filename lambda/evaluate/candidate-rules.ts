import { allSeriesOf } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { type BoundOf, couldExceed, isBoundOver } from './upper-bound.ts';

/** Rules over a value of the same series, those with the lowest threshold first. */
interface ThresholdLadder {
  readonly series: readonly string[];
  readonly rules: Rule[];
}

/** The rules that evaluate a series. */
interface SeriesRules {
  readonly ladders: ThresholdLadder[];
  /** Rules whose value is not a sum over slots: each is tested by itself. */
  readonly others: Rule[];
}

/** An index of rules by the series that they evaluate: an update tests only rules that it could bring over a threshold. */
export class RuleIndex {
  readonly #bySeries = new Map<string, SeriesRules>();
  readonly #positions = new Map<Rule, number>();

  constructor(rules: readonly Rule[]) {
    const ladders = new Map<string, ThresholdLadder>();
    for (const [position, rule] of rules.entries()) {
      this.#positions.set(rule, position);
      const { correlation } = rule;
      let ladder: ThresholdLadder | undefined;
      if ('series' in correlation) {
        const name = [correlation.series.join(), ...allSeriesOf(rule)].join(' ');
        ladder = ladders.get(name) ?? { series: correlation.series, rules: [] };
        ladders.set(name, ladder);
        ladder.rules.push(rule);
      }
      for (const id of allSeriesOf(rule)) {
        const ofSeries = this.#bySeries.get(id) ?? { ladders: [], others: [] };
        this.#bySeries.set(id, ofSeries);
        if (!ladder) ofSeries.others.push(rule);
        else if (!ofSeries.ladders.includes(ladder)) ofSeries.ladders.push(ladder);
      }
    }
    for (const { rules: ofLadder } of ladders.values()) {
      // Of two rules with one threshold, `gte` comes first: a value that equals the threshold is enough for it.
      ofLadder.sort(
        (a, b) => a.threshold - b.threshold || (a.comparison === b.comparison ? 0 : a.comparison === 'gte' ? -1 : 1),
      );
    }
  }

  /**
   * Returns the rules whose threshold a counter could exceed, of the rules that evaluate a series with an addition: in the
   * order of the series, and for one series in the order of the rule set.
   *
   * @param ids the series of the additions
   * @param boundOf the bounds of the counter after the additions
   */
  candidates(ids: readonly string[], boundOf: BoundOf): readonly Rule[] {
    let found = none;
    const seen: string[] = [];
    for (const series of ids) {
      if (seen.includes(series)) continue;
      seen.push(series);
      const ofSeries = this.#bySeries.get(series);
      if (!ofSeries) continue;
      const more = this.#candidatesOf(ofSeries, boundOf, found);
      if (more.length > 0) found = [...found, ...more];
    }
    return found;
  }

  /** Returns the candidates of one series, without those that are known. */
  #candidatesOf({ ladders, others }: SeriesRules, boundOf: BoundOf, known: readonly Rule[]): readonly Rule[] {
    let found: Rule[] | undefined;
    const take = (rule: Rule) => {
      if (known.includes(rule)) return;
      if (found) found.push(rule);
      else found = [rule];
    };
    for (const { series, rules } of ladders) {
      const bound = boundOf(series);
      for (const rule of rules) {
        if (!isBoundOver(bound, rule)) break;
        if (bound.filled >= (rule.extension.activeSlots ?? 0)) take(rule);
      }
    }
    for (const rule of others) if (couldExceed(rule, boundOf)) take(rule);
    return found?.sort((a, b) => this.#positions.get(a)! - this.#positions.get(b)!) ?? none;
  }
}

const none: readonly Rule[] = [];

const indexes = new WeakMap<LoadedRules, RuleIndex>();

/** Returns the index of a rule set, built at the first call. */
export function candidateIndex(rules: LoadedRules): RuleIndex {
  let index = indexes.get(rules);
  if (!index) {
    index = new RuleIndex([...rules.rules.values()]);
    indexes.set(rules, index);
  }
  return index;
}
