import { kindOf } from '../../lambda/flow-log/region-fields.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { Correlation, Measure, Predicate, Rule, ValueCorrelation } from '../../lambda/rules/model.ts';
import type { CorrelationDocument } from '../parse/schema.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import type { SourcedReference } from './correlation-key.ts';
import type { RuleScope } from './rule-scope.ts';
import { fieldOfSource } from './source-fields.ts';

/** A rule that a correlation refers to. */
export interface ReferencedRule extends SourcedReference {
  /** The flows or events of a detection. */
  readonly where?: Predicate;
  /** The definition of a correlation, and the detections that it refers to. */
  readonly correlation?: CorrelationDocument['correlation'];
  readonly rules?: readonly ReferencedRule[];
}

/** The comparison of a value with a threshold. */
export type Threshold = Pick<Rule, 'comparison' | 'threshold'>;

/** A compiled correlation and the threshold that its value is compared with. */
export type CompiledCorrelation<C extends Correlation = Correlation> = Threshold & { readonly correlation: C };

type Definition = CorrelationDocument['correlation'];

/** A correlation with one value per window: all but the temporal ones. */
type SingleValueCorrelation = Exclude<Correlation, { parts: unknown }>;

/** Returns whether a correlation counts, sums or counts distinct values, which have slots and multiples. */
export function isValueCorrelation(correlation: Pick<Correlation, 'type'>): correlation is ValueCorrelation {
  return ['event_count', 'value_sum', 'value_count'].includes(correlation.type);
}

/**
 * Compiles a correlation of a count, a sum, an average or a percentile.
 *
 * @param path the location of the correlation in the rule's document
 * @param counted what the flows of an `event_count` are measured by
 * @returns undefined after a mistake, which the scope has
 */
export function compileValueCorrelation(
  definition: Definition,
  referenced: readonly ReferencedRule[],
  scope: RuleScope,
  path: YamlPath,
  counted: Measure = { kind: 'count' },
): CompiledCorrelation<SingleValueCorrelation> | undefined {
  const threshold = thresholdOf(definition, scope, path);
  const correlation = threshold && measure(definition, threshold, counted, referenced, scope, path);
  return correlation && { ...threshold, correlation };
}

/** Reads a correlation's condition; undefined without one. */
export function thresholdOf({ type, condition }: Definition, scope: RuleScope, path: YamlPath): Threshold | undefined {
  if (!condition) {
    scope.report(path, `${type} needs a condition with gt or gte`);
    return undefined;
  }
  const comparison = condition.gt === undefined ? 'gte' : 'gt';
  const threshold = condition.gt ?? condition.gte ?? 0;
  if (comparison === 'gte' && threshold === 0) {
    scope.report([...path, 'condition', 'gte'], 'gte: 0 is always true, expected 1 or more');
  }
  if (!Number.isInteger(threshold) && type !== 'value_avg') {
    scope.report(
      [...path, 'condition', comparison],
      `the threshold of ${type} is invalid: got ${threshold}, expected a whole number`,
    );
  }
  return { comparison, threshold };
}

function measure(
  definition: Definition,
  threshold: Threshold,
  counted: Measure,
  referenced: readonly ReferencedRule[],
  scope: RuleScope,
  path: YamlPath,
): SingleValueCorrelation | undefined {
  const { type, condition } = definition;
  const eventSource = onlySource(referenced);
  if ('problem' in eventSource) {
    scope.report([...path, 'rules'], eventSource.problem);
    return undefined;
  }
  const ofEvents = eventSource.only === undefined ? {} : { source: eventSource.only };
  const fieldPath = [...path, 'condition', 'field'];
  const [name, ...otherNames] = [condition?.field ?? []].flat();
  if (type !== 'value_percentile' && condition?.percentile !== undefined) {
    scope.report([...path, 'condition', 'percentile'], `percentile is not supported for ${type}; remove it`);
  }
  if (type === 'event_count') {
    if (name !== undefined)
      scope.report(fieldPath, 'field is not supported for event_count, which counts flows; remove it');
    return { type, ...ofEvents, series: scope.addAll(referenced, counted) };
  }
  if (eventSource.only && type !== 'value_count') {
    scope.report([...path, 'type'], `${type} is not supported for events; expected event_count or value_count`);
    return undefined;
  }
  const fieldIn = (written: string | undefined) => fieldOf(type, written, eventSource.only, scope, fieldPath);
  const field = fieldIn(name);
  const also = otherNames.map(fieldIn);
  if (field === undefined || also.includes(undefined)) return undefined;
  if (type === 'value_count') {
    const others = also.filter((name) => name !== undefined);
    const series = scope.addAll(referenced, distinctValues(field, others, threshold));
    return { type, field, ...(others.length > 0 && { also: others }), ...ofEvents, series };
  }
  if (also.length > 0) scope.report(fieldPath, `${type} needs exactly one field`);
  const kind = kindOf(field);
  if (kind !== 'int64' && kind !== 'int32') {
    scope.report(fieldPath, `${type} needs a field of amounts such as bytes, got ${field}`);
    return undefined;
  }
  return measureAmount(definition, field, threshold, referenced, scope, path);
}

/** Returns the measure of distinct values. Its cap lets a set hold ten times the threshold, for escalation. */
function distinctValues(field: string, also: readonly string[], { comparison, threshold }: Threshold): Measure {
  const due = comparison === 'gt' ? threshold + 1 : threshold;
  return { kind: 'distinct', field, ...(also.length > 0 && { also }), cap: Math.max(10 * due, 20) };
}

/** Measures a sum, an average or a percentile of a numeric field. */
function measureAmount(
  { type, condition }: Definition,
  field: string,
  { comparison, threshold }: Threshold,
  referenced: readonly ReferencedRule[],
  scope: RuleScope,
  path: YamlPath,
): SingleValueCorrelation | undefined {
  const hasValue: Predicate = { field, tests: [{ exists: true }] };
  switch (type) {
    case 'value_sum':
      return { type, field, series: scope.addAll(referenced, { kind: 'sum', field }) };
    case 'value_avg': {
      const sums = scope.addAll(referenced, { kind: 'sum', field });
      const counts = scope.addAll(referenced, { kind: 'count' }, hasValue);
      return { type, field, sums, counts };
    }
    case 'value_percentile': {
      const percentile = condition?.percentile;
      if (percentile === undefined) {
        scope.report(path, 'value_percentile needs condition.percentile, a number from 1 to 100; the median is 50');
        return undefined;
      }
      const isAbove: Predicate = { field, tests: [{ compare: comparison, to: threshold }] };
      const above = scope.addAll(referenced, { kind: 'count' }, isAbove);
      const all = scope.addAll(referenced, { kind: 'count' }, hasValue);
      return { type, field, percentile, above, all };
    }
    default:
      return undefined;
  }
}

function fieldOf(
  type: string,
  name: string | undefined,
  eventSource: EventSource | undefined,
  scope: RuleScope,
  path: YamlPath,
): string | undefined {
  const field = name === undefined ? { problem: `${type} needs condition.field` } : fieldOfSource(eventSource, name);
  if (typeof field === 'string') return field;
  scope.report(path, field.problem);
  return undefined;
}

/** Returns the only source of some rules. What is counted together must be of one kind. */
function onlySource(rules: readonly ReferencedRule[]): { only: EventSource | undefined } | { problem: string } {
  const [only, ...others] = new Set(rules.map(({ eventSource }) => eventSource));
  return others.length === 0
    ? { only }
    : { problem: 'the rules have different log sources, which cannot be counted together' };
}
