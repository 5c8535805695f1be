import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet, Series } from '../../lambda/rules/model.ts';

/** A rule with another threshold, which is evaluated in addition to the rule. */
export interface Variant {
  /** Name of the rule. */
  readonly rule: string;
  readonly threshold: number;
  /** Unique name for the alerts of the variant. The names of rules have no `@`. */
  readonly name: string;
}

/** Returns a variant of a rule. @param kind distinguishes variants with the same threshold */
export function variantOf(rule: string, threshold: number, kind = ''): Variant {
  return { rule, threshold, name: `${rule}@${kind}${threshold}` };
}

/** A variant and the rule set that was compiled with its threshold. */
export interface CompiledVariant {
  readonly variant: Variant;
  readonly ruleSet: RuleSet;
  /**
   * Whether its sets of distinct values are shared with the other such variants, and may hold more values than its own
   * would. A larger set only adds escalations that the rule itself misses, since its set is full earlier.
   */
  readonly sharesSets: boolean;
}

/** Adds variants to a rule set. A variant shares equal series with other rules, and does not change their results. */
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

/** Series without duplicates: two series with equal definitions are one. */
class SeriesPool {
  readonly #byDefinition = new Map<string, Series>();

  constructor(known: readonly Series[]) {
    for (const one of known) this.#byDefinition.set(definitionOf(one), one);
  }

  get series(): Series[] {
    return [...this.#byDefinition.values()];
  }

  /** Returns the id of the series with the same definition; adds the series if it is missing. */
  idOf(wanted: Series, sharesSets: boolean): string {
    const { measure } = wanted;
    const isShared = sharesSets && measure.kind === 'distinct';
    const definition = isShared
      ? `shared ${definitionOf({ ...wanted, measure: { ...measure, cap: 0 } })}`
      : definitionOf(wanted);
    const known = this.#byDefinition.get(definition);
    const id = known?.id ?? `@${this.#byDefinition.size}`;
    if (!known) this.#byDefinition.set(definition, { ...wanted, id });
    else if (isShared && known.measure.kind === 'distinct' && known.measure.cap < measure.cap)
      this.#byDefinition.set(definition, { ...known, measure });
    return id;
  }
}

function definitionOf(series: Series): string {
  return JSON.stringify({ ...series, id: '' });
}

/** Returns the rule with other series ids. */
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

/** Returns whether a rule has a threshold that can be varied. */
export function hasThreshold({ correlation }: Rule): boolean {
  return correlation.type !== 'temporal' && correlation.type !== 'temporal_ordered';
}
