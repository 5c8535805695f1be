import { regionFields } from '../../lambda/flow-log/region-fields.ts';
import { allSeriesOf, measuredFields } from '../../lambda/rules/correlation.ts';
import type { Predicate, Rule, RuleSet, Series, TemporalPart, ValueTest } from '../../lambda/rules/model.ts';
import { allOf, atLeast, eitherOf, hasField, isSeen, type NeededFields, nothingNeeded } from './needed-fields.ts';

/** The names of the fields that flows have. */
export type FieldNames = ReadonlySet<string>;

/**
 * The flows that a rule can see, by their fields. Contradictions within a rule are not found. Series of events need no flows,
 * so they are never missing.
 */
export class RuleSight {
  readonly #rule: Rule;
  readonly #series: ReadonlyMap<string, Series>;

  constructor(rule: Rule, { series }: Pick<RuleSet, 'series'>) {
    const ids = allSeriesOf(rule);
    this.#rule = rule;
    this.#series = new Map(series.flatMap((one) => (ids.includes(one.id) && !one.source ? [[one.id, one]] : [])));
  }

  /** All fields that the rule tests, groups by or measures. */
  get fields(): string[] {
    const all = [...this.#series.values()].flatMap(({ where, ...counted }) => [
      ...fieldsOf(where),
      ...fieldsToCount(counted),
    ]);
    return [...new Set(all)].sort();
  }

  /**
   * Returns the fields that flows need besides those that they have, so that the rule can alert. Flows of all formats
   * share counters: one part of a rule may see one format, and another part another.
   */
  needed(formats: readonly FieldNames[]): NeededFields {
    const { extension } = this.#rule;
    const series = (id: string) => {
      const ofFlows = this.#series.get(id);
      return ofFlows ? eitherOf(formats.map((format) => neededBySeries(ofFlows, format))) : nothingNeeded;
    };
    return allOf([
      neededByCorrelation(this.#rule, series),
      extension.silent ? series(extension.silent.while) : nothingNeeded,
    ]);
  }

  /**
   * Returns the fields without which a part of the rule sees no flow of a format. A part does not count if another part
   * tests such a field for `null`: that part stands in.
   */
  neededByParts(format: FieldNames): string[] {
    const fields = [...this.#series.values()].flatMap((one) => {
      const needed = neededBySeries(one, format);
      return isSeen(needed) ? neededByBranches(one.where, format) : (needed[0] ?? []);
    });
    return [...new Set(fields)].sort();
  }
}

type NeededById = (id: string) => NeededFields;

function neededByCorrelation(rule: Rule, series: NeededById): NeededFields {
  const { correlation, threshold } = rule;
  switch (correlation.type) {
    case 'value_avg':
      return allOf([correlation.sums, correlation.counts].map((ids) => eitherOf(ids.map(series))));
    case 'value_percentile':
      return eitherOf(correlation.above.map(series));
    case 'temporal':
    case 'temporal_ordered':
      return atLeast(
        threshold,
        correlation.parts.map((part) => neededByPart(part, series)),
      );
    default:
      return isMetByZero(rule) ? nothingNeeded : eitherOf(correlation.series.map(series));
  }
}

function neededByPart(part: TemporalPart, series: NeededById): NeededFields {
  if ('times' in part) return series(part.times);
  return isMetByZero(part) ? nothingNeeded : eitherOf(part.correlation.series.map(series));
}

function isMetByZero({ comparison, threshold }: Pick<Rule, 'comparison' | 'threshold'>): boolean {
  return comparison === 'gte' && threshold <= 0;
}

/** Returns the fields that flows of a format need to be counted in a series. */
function neededBySeries({ where, ...counted }: Series, format: FieldNames): NeededFields {
  return allOf([
    neededFor(where, true, format),
    ...fieldsToCount(counted).map((field) => (hasField(format, field) ? nothingNeeded : [[field]])),
  ]);
}

/** Returns the fields that a flow must have besides those of the condition. */
function fieldsToCount(series: Pick<Series, 'groupFields' | 'measure'>): string[] {
  const measured = measuredFields(series);
  // Without an end, a flow counts at its arrival: aggregate/aggregate.ts.
  const counted = measured[0] === 'end' ? [...series.groupFields] : [...series.groupFields, ...measured];
  return counted.map(recordField);
}

/** Returns the fields that flows of a format need so that a predicate can have a result. */
function neededFor(predicate: Predicate, result: boolean, format: FieldNames): NeededFields {
  if ('not' in predicate) return neededFor(predicate.not, !result, format);
  if ('all' in predicate || 'any' in predicate) {
    const parts = 'all' in predicate ? predicate.all : predicate.any;
    const needed = parts.map((part) => neededFor(part, result, format));
    return 'all' in predicate === result ? allOf(needed) : eitherOf(needed);
  }
  if ('before' in predicate) return nothingNeeded;
  const missing = fieldsOf(predicate).filter((field) => !hasField(format, field));
  // A value that is not available passes only the test `exists: false`.
  const resultWithout = 'tests' in predicate && predicate.tests.some(isForMissing);
  return missing.length === 0 || resultWithout === result ? nothingNeeded : [missing];
}

function isForMissing(test: ValueTest): boolean {
  return 'exists' in test && !test.exists;
}

/** Returns the fields of the alternatives of a predicate that match no flow of a format. */
function neededByBranches(predicate: Predicate, format: FieldNames): readonly string[] {
  if ('all' in predicate) return predicate.all.flatMap((part) => neededByBranches(part, format));
  if (!('any' in predicate)) return [];
  const branches = predicate.any.map((branch) => ({ branch, needed: neededFor(branch, true, format) }));
  const standIns = branches.flatMap(({ branch, needed }) => (isSeen(needed) ? fieldsTestedForNull(branch) : []));
  return branches.flatMap(({ branch, needed }) => {
    if (isSeen(needed)) return neededByBranches(branch, format);
    const fields = needed[0] ?? [];
    return fields.some((field) => standIns.includes(field)) ? [] : fields;
  });
}

function fieldsTestedForNull(predicate: Predicate): string[] {
  if ('all' in predicate) return predicate.all.flatMap(fieldsTestedForNull);
  if ('any' in predicate) return predicate.any.flatMap(fieldsTestedForNull);
  return 'tests' in predicate && predicate.tests.some(isForMissing) ? [predicate.field] : [];
}

function fieldsOf(predicate: Predicate): string[] {
  if ('all' in predicate) return predicate.all.flatMap(fieldsOf);
  if ('any' in predicate) return predicate.any.flatMap(fieldsOf);
  if ('not' in predicate) return fieldsOf(predicate.not);
  if ('before' in predicate) return [];
  return ('other' in predicate ? [predicate.field, predicate.other] : [predicate.field]).map(recordField);
}

/** Returns the field of a record that a field is read from: a field of regions needs an endpoint. */
function recordField(field: string): string {
  return regionFields.get(field)?.address ?? field;
}
