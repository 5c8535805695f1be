import { enrichedPaths, type LogSource } from '../../lambda/rules/event-source.ts';
import type { Measure, Rule, Series } from '../../lambda/rules/model.ts';
import { type CorrelationDocument, type DetectionDocument, eventSourceOf } from '../parse/schema.ts';
import { keyOf, type SourcedReference } from './correlation-key.ts';
import { compileExtension, type FindDetection } from './flow-sentinel-extension.ts';
import { measureOf, withActiveSlots } from './presence.ts';
import type { Problem } from './problem.ts';
import { metadataOf, metadataProblems } from './rule-metadata.ts';
import { durationOf, RuleScope } from './rule-scope.ts';
import { compileTemporal, isTemporal } from './temporal-correlation.ts';
import {
  type CompiledCorrelation,
  compileValueCorrelation,
  isValueCorrelation,
  type ReferencedRule,
} from './value-correlation.ts';

const maxTimespanSeconds = 7 * 86_400;
const maxSuppressSeconds = 30 * 86_400;
const defaultSuppress = '6h';
const defaultEscalate = [2, 10, 100];

/** The keys of a detection that stands alone: pairs of flows; of events, who or what was where. */
const standaloneKeys: Readonly<Record<LogSource, readonly string[]>> = {
  vpcflow: ['srcaddr', 'dstaddr'],
  cloudtrail: ['recipientAccountId', 'awsRegion', enrichedPaths.who],
  guardduty: ['accountId', 'region', 'type'],
};

/** Returns the correlation of a detection that stands alone: each key that matches at least once. */
function standaloneOf({ logsource }: DetectionDocument): CorrelationDocument['correlation'] {
  const groupBy = standaloneKeys[eventSourceOf(logsource) ?? 'vpcflow'];
  return { type: 'event_count', rules: [], 'group-by': [...groupBy], timespan: '1h', condition: { gte: 1 } };
}

/**
 * A compiled rule, or the mistakes that prevent one. The ids of its series are long; `allocateSeries` shortens them.
 * A failed rule has its series too, so that the capacity of items is checked for all rules.
 */
export type CompiledRule = { readonly series: readonly Series[] } & (
  | { readonly rule: Rule; readonly problems?: undefined }
  | { readonly rule?: undefined; readonly problems: readonly Problem[] }
);

/**
 * Compiles one rule that alerts: a correlation, or a detection that stands alone.
 *
 * @param referenced the rules that the correlation names; of a detection, itself
 */
export function compileRule(
  name: string,
  document: DetectionDocument | CorrelationDocument,
  referenced: readonly ReferencedRule[],
  find: FindDetection,
): CompiledRule {
  const definition = 'correlation' in document ? document.correlation : standaloneOf(document);
  const timespan = durationOf(definition.timespan, ['correlation', 'timespan'], maxTimespanSeconds);
  const suppress = durationOf(document.alert?.suppress ?? defaultSuppress, ['alert', 'suppress'], maxSuppressSeconds);
  const detections = detectionsOf(referenced);
  const key = keyOf(definition, detections);
  const scope = new RuleScope(key.value, timespan.value, [
    ...metadataProblems(name, document),
    ...timespan.problems,
    ...suppress.problems,
    ...key.problems,
  ]);
  const measure = measureOf(document, scope.groupBy);
  const compiled = compileCorrelation(definition, measure, referenced, scope);
  const block = 'flow_sentinel' in document ? document.flow_sentinel : undefined;
  const extension = block ? compileExtension(block, definition.type, find, scope) : {};
  const { series, problems } = scope;
  if (problems.length > 0 || !compiled) return { problems, series };

  const hasMultiples = isValueCorrelation(compiled.correlation) || compiled.correlation.type === 'value_avg';
  const isExtended = Object.keys(extension).length > 0;
  const escalate = document.alert?.escalate ?? (hasMultiples && !isExtended ? defaultEscalate : []);
  if (escalate.length > 0 && !hasMultiples) {
    const text = `escalate is not supported for ${definition.type}, which has no multiples; expected []`;
    return { problems: [{ path: ['alert', 'escalate'], text }], series };
  }
  const rule: Rule = {
    ...metadataOf(name, document),
    ...sourcesOf(detections),
    groupBy: [...scope.groupBy],
    ...compiled,
    timespanSeconds: scope.timespanSeconds,
    extension,
    suppressSeconds: suppress.value,
    backoff: document.alert?.backoff ?? 1,
    escalate: [...escalate].sort((a, b) => a - b),
    ended: document.alert?.ended ?? false,
    ...(document.alert?.raise === false && { raise: false as const }),
    next: document.alert?.next ?? [],
  };
  return { rule: measure.kind === 'presence' ? withActiveSlots(rule) : rule, series };
}

/** Returns the detections that rules are or refer to. */
function detectionsOf(referenced: readonly ReferencedRule[]): SourcedReference[] {
  return referenced.flatMap((one) => (one.rules ? detectionsOf(one.rules) : [one]));
}

/** Returns the log sources of a rule that reads events. */
function sourcesOf(detections: readonly SourcedReference[]): Pick<Rule, 'sources'> {
  const sources = new Set(detections.map(({ eventSource }): LogSource => eventSource ?? 'vpcflow'));
  return [...sources].join() === 'vpcflow' ? {} : { sources: [...sources].sort() };
}

function compileCorrelation(
  definition: CorrelationDocument['correlation'],
  counted: Measure,
  referenced: readonly ReferencedRule[],
  scope: RuleScope,
): CompiledCorrelation | undefined {
  const { type } = definition;
  if (isTemporal(type)) return compileTemporal(type, definition, referenced, scope);
  const nested = referenced.findIndex(({ correlation }) => correlation);
  if (nested >= 0) {
    scope.report(
      ['correlation', 'rules', nested],
      `${type} cannot count the matches of a correlation: on a stream it is unknown when a match is complete; only temporal and temporal_ordered can refer to a correlation`,
    );
    return undefined;
  }
  return compileValueCorrelation(definition, referenced, scope, ['correlation'], counted);
}

/**
 * Returns a rule's document with another threshold. A detection that stands alone then needs that many flows; the threshold
 * of a rule of presence is its number of active slots.
 */
export function withThreshold(
  document: DetectionDocument | CorrelationDocument,
  threshold: number | undefined,
): DetectionDocument | CorrelationDocument {
  if (threshold === undefined) return document;
  const correlation = 'correlation' in document ? document.correlation : standaloneOf(document);
  const comparison = correlation.condition?.gt === undefined ? 'gte' : 'gt';
  const condition = { ...correlation.condition, [comparison]: threshold };
  if ('correlation' in document) {
    if (measureOf(document, keyOf(correlation, []).value.groupBy).kind !== 'presence') {
      return { ...document, correlation: { ...correlation, condition } };
    }
    const activeSlots = { gte: threshold };
    return {
      ...document,
      correlation: { ...correlation, condition: activeSlots },
      flow_sentinel: { ...document.flow_sentinel, active_slots: activeSlots },
    };
  }
  const { logsource: _, detection: __, ...about } = document;
  return { ...about, correlation: { ...correlation, condition } };
}
