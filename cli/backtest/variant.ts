import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet, Series } from '../../lambda/rules/model.ts';

/** A rule with another threshold, to be judged beside it. */
export interface Variant {
  /** The name of the rule. */
  readonly rule: string;
  readonly threshold: number;
  /** The name by which the variant's own alerts are told apart: that of no rule, which has no `@`. */
  readonly name: string;
}

export function variantOf(rule: string, threshold: number, kind = ''): Variant {
  return { rule, threshold, name: `${rule}@${kind}${threshold}` };
}

/** A variant and the rule set that it is in, compiled with its threshold. */
export interface CompiledVariant {
  readonly variant: Variant;
  readonly ruleSet: RuleSet;
  /**
   * Whether its sets of distinct values may hold more than they would: then those of all such variants are one. More in a
   * set only makes escalations that the rule itself, whose sets are full before, would not see.
   */
  readonly sharesSets: boolean;
}

/**
 * A rule set with variants of its rules beside them. What a variant counts as another rule does, it shares with it; the
 * rules of the set see nothing of it.
 */
export function withVariants(ruleSet: RuleSet, variants: readonly CompiledVariant[]): RuleSet {
  const pool = new SeriesPool(ruleSet.series);
  const rules = variants.map(({ variant, ruleSet: own, sharesSets }): Rule => {
    const rule = own.rules.find(({ name }) => name === variant.rule)!;
    const ids = new Map(
      allSeriesOf(rule).map((id) => [id, pool.idOf(own.series.find((one) => one.id === id)!, sharesSets)]),
    );
    return { ...withSeries(rule, (id) => ids.get(id)!), name: variant.name };
  });
  return { ...ruleSet, rules: [...ruleSet.rules, ...rules], series: pool.series };
}

/** Series by what they mean, each once. */
class SeriesPool {
  readonly #byMeaning = new Map<string, Series>();

  constructor(known: readonly Series[]) {
    for (const one of known) this.#byMeaning.set(meaningOf(one), one);
  }

  get series(): Series[] {
    return [...this.#byMeaning.values()];
  }

  /** The id of a series that means the same, added where there is none. */
  idOf(wanted: Series, sharesSets: boolean): string {
    const { measure } = wanted;
    const isShared = sharesSets && measure.kind === 'distinct';
    const meaning = isShared
      ? `shared ${meaningOf({ ...wanted, measure: { ...measure, cap: 0 } })}`
      : meaningOf(wanted);
    const known = this.#byMeaning.get(meaning);
    const id = known?.id ?? `@${this.#byMeaning.size}`;
    if (!known) this.#byMeaning.set(meaning, { ...wanted, id });
    else if (isShared && known.measure.kind === 'distinct' && known.measure.cap < measure.cap)
      this.#byMeaning.set(meaning, { ...known, measure });
    return id;
  }
}

function meaningOf(series: Series): string {
  return JSON.stringify({ ...series, id: '' });
}

/** The rule with other ids of its series. */
function withSeries(rule: Rule, idOf: (id: string) => string): Rule {
  const { correlation, extension } = rule;
  const { silent } = extension;
  const ids = (of: readonly string[]) => of.map(idOf);
  const extended = silent ? { ...extension, silent: { ...silent, while: idOf(silent.while) } } : extension;
  switch (correlation.type) {
    case 'value_avg': {
      const own = { ...correlation, sums: ids(correlation.sums), counts: ids(correlation.counts) };
      return { ...rule, extension: extended, correlation: own };
    }
    case 'value_percentile': {
      const own = { ...correlation, above: ids(correlation.above), all: ids(correlation.all) };
      return { ...rule, extension: extended, correlation: own };
    }
    case 'temporal':
    case 'temporal_ordered':
      throw new Error(`${rule.name} has no threshold`);
    default:
      return { ...rule, extension: extended, correlation: { ...correlation, series: ids(correlation.series) } };
  }
}

/** Whether a rule has a threshold that others can be tried for. */
export function hasThreshold({ correlation }: Rule): boolean {
  return correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered';
}
