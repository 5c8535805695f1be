import type { Correlation, TemporalPart, ValueCorrelation } from '../../lambda/rules/model.ts';
import type { CorrelationDocument } from '../parse/schema.ts';
import { parseTimespan } from '../parse/timespan.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import type { RuleScope } from './rule-scope.ts';
import {
  type CompiledCorrelation,
  compileValueCorrelation,
  isValueCorrelation,
  type ReferencedRule,
  thresholdOf,
} from './value-correlation.ts';

/** The number of flow end times that a slot stores for `temporal_ordered`. */
const maxStoredTimes = 20;

type TemporalType = 'temporal' | 'temporal_ordered';

type Definition = CorrelationDocument['correlation'];

/** Returns whether a correlation asks for several rules within a window. */
export function isTemporal(type: Definition['type']): type is TemporalType {
  return type === 'temporal' || type === 'temporal_ordered';
}

/**
 * Compiles a correlation of several rules, in any order or in theirs.
 *
 * @returns undefined after a mistake, which the scope has
 */
export function compileTemporal(
  type: TemporalType,
  definition: Definition,
  referenced: readonly ReferencedRule[],
  scope: RuleScope,
): CompiledCorrelation | undefined {
  const path = ['correlation'];
  if (referenced.length < 2) scope.report([...path, 'rules'], `${type} needs two rules or more`);
  const { condition } = definition;
  if (condition?.field !== undefined)
    scope.report([...path, 'condition', 'field'], `field is not supported for ${type}; remove it`);
  const wanted = condition ? thresholdOf(definition, scope, path) : undefined;
  const threshold = (wanted?.threshold ?? referenced.length) + (wanted?.comparison === 'gt' ? 1 : 0);
  if (threshold > referenced.length) {
    scope.report(
      [...path, 'condition'],
      `the condition asks for ${threshold} rules, expected at most ${referenced.length}, the number of rules`,
    );
  } else if (type === 'temporal_ordered' && threshold < referenced.length) {
    scope.report([...path, 'condition'], 'temporal_ordered needs all its rules; remove the condition');
  }
  const parts = referenced.map((one, index) => partOf(type, definition, one, scope, [...path, 'rules', index]));
  if (parts.includes(undefined)) return undefined;
  return { comparison: 'gte', threshold, correlation: { type, parts: parts.filter((part) => part !== undefined) } };
}

function partOf(
  type: TemporalType,
  outer: Definition,
  referenced: ReferencedRule,
  scope: RuleScope,
  path: YamlPath,
): TemporalPart | undefined {
  const { name, where, eventSource, correlation, rules } = referenced;
  if (where && type === 'temporal_ordered') {
    return { name, times: scope.add(referenced, [where], { kind: 'distinct', field: 'end', cap: maxStoredTimes }) };
  }
  if (where) {
    const series = [scope.add(referenced, [where], { kind: 'count' })];
    const ofEvents = eventSource && { source: eventSource };
    return { name, correlation: { type: 'event_count', ...ofEvents, series }, comparison: 'gte', threshold: 1 };
  }
  if (!correlation || !rules) return undefined;
  if (!isValueCorrelation(correlation as Pick<Correlation, 'type'>)) {
    scope.report(
      path,
      `${name} has the type ${correlation.type}; only event_count, value_sum and value_count can be part of another correlation`,
    );
    return undefined;
  }
  if (parseTimespan(correlation.timespan) !== scope.timespanSeconds) {
    scope.report(
      path,
      `${name} has the timespan ${correlation.timespan}, expected ${outer.timespan} as in this rule: both are evaluated in the same slots of time`,
    );
    return undefined;
  }
  const compiled = compileValueCorrelation(correlation, rules, scope, path);
  return compiled && { name, ...compiled, correlation: compiled.correlation as ValueCorrelation };
}
