import { endOfDay } from '../../lambda/common/calendar.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { AppliedFilter, Predicate } from '../../lambda/rules/model.ts';
import { parseCondition } from '../parse/condition.ts';
import {
  type CorrelationDocument,
  type DetectionDocument,
  eventSourceOf,
  type FilterDocument,
} from '../parse/schema.ts';
import { ruleNameOf, type SourceDocument } from '../parse/yaml-document.ts';
import { compileSelections } from './detection.ts';
import type { Checked } from './problem.ts';
import type { NetworkLists } from './selection.ts';

/** A compiled Sigma filter. */
export interface Filter {
  readonly source: SourceDocument;
  readonly applied: AppliedFilter;
  /** The events that it is about; undefined for flows. It leaves other events, and other detections, as they are. */
  readonly eventSource: EventSource | undefined;
  /** The condition that a rule's flows or events must meet besides its own. */
  readonly keep: Predicate;
}

/** The filters of each rule, by the rule's document. */
export type FiltersByRule = ReadonlyMap<SourceDocument, readonly Filter[]>;

/** A rule that a filter may name. */
export interface Filterable {
  readonly source: SourceDocument;
  readonly document: DetectionDocument | CorrelationDocument;
  /** Of a detection: see Detection. */
  readonly eventSource?: EventSource | undefined;
}

/**
 * Compiles a filter (Sigma Filters Specification 2.1). Conditions are written in two ways. pySigma joins a filter's
 * condition to the rule's by `and`, so people write `not selection`; the specification's example writes `selection` for
 * the flows to exclude. A condition of negations only is therefore joined unchanged, any other condition negated.
 *
 * After the last day of `allow.expires`, in UTC and by the time of the flows, the filter no longer applies.
 */
export function compileFilter(
  source: SourceDocument,
  { title, logsource, filter, allow }: FilterDocument,
  networks: NetworkLists,
): Checked<Filter> {
  const { rules, condition, ...selections } = filter;
  const eventSource = eventSourceOf(logsource);
  const context = { networks, isFirewall: logsource.category === 'firewall', eventSource };
  const { value: compiled, problems } = compileSelections(selections, ['filter'], context);
  const predicate = parseCondition(condition, compiled);
  const invalid = 'problem' in predicate ? [{ path: ['filter', 'condition'], text: predicate.problem }] : [];
  const written: Predicate = 'problem' in predicate ? { any: [] } : predicate;
  const joined = isNegation(condition, compiled) ? written : { not: written };
  const end = allow?.expires === undefined ? undefined : endOfDay(allow.expires);
  const keep: Predicate = end === undefined ? joined : { any: [joined, { not: { before: end } }] };
  const applied = { title, file: source.file, rules: [rules].flat(), ...allow };
  return { value: { source, applied, eventSource, keep }, problems: [...problems, ...invalid] };
}

/** Returns whether the condition is a negation, or joins nothing but negations, whatever its selections are. */
function isNegation(condition: string, selections: ReadonlyMap<string, Predicate>): boolean {
  const names = [...selections.keys()].map((name): [string, Predicate] => [name, { field: name, tests: [] }]);
  const negates = (predicate: Predicate): boolean =>
    'not' in predicate ||
    ('all' in predicate && predicate.all.every(negates)) ||
    ('any' in predicate && predicate.any.every(negates));
  const predicate = parseCondition(condition, new Map(names));
  return !('problem' in predicate) && negates(predicate);
}

/**
 * Finds the rules that each filter names: by name, id, or the name of the file that the rule is named after. `any`
 * names every detection, and so every correlation of detections.
 *
 * @returns the filters by rule, and a problem, as `file:line: text`, for each name that no rule has
 */
export function linkFilters(
  filters: readonly Filter[],
  detections: readonly Filterable[],
  correlations: readonly Filterable[],
): { filtersOf: FiltersByRule; problems: string[] } {
  const correlated = new Set(correlations.map(({ source }) => source.file));
  const namedByFile = [...correlations, ...detections.filter(({ source }) => !correlated.has(source.file))];
  const named = (name: string) => [
    ...[...detections, ...correlations].filter(({ document }) => document.name === name || document.id === name),
    ...namedByFile.filter(({ source }) => ruleNameOf(source.file) === name),
  ];
  const problems: string[] = [];
  const found = new Map<SourceDocument, Set<Filter>>();
  for (const filter of filters) {
    for (const [index, name] of filter.applied.rules.entries()) {
      const isAny = name.toLowerCase() === 'any';
      const isOfSource = (rule: Filterable) =>
        'correlation' in rule.document || rule.eventSource === filter.eventSource;
      const rules = (isAny ? detections : named(name)).filter(isOfSource);
      if (rules.length === 0) {
        const problem = isAny
          ? 'any needs at least one detection of the log source, got none'
          : named(name).length > 0
            ? `the rule ${JSON.stringify(name)} has another log source than the filter`
            : `no rule has the name, id or file ${JSON.stringify(name)}`;
        problems.push(filter.source.problem(['filter', 'rules', index], problem));
      }
      for (const { source } of rules) found.set(source, (found.get(source) ?? new Set()).add(filter));
    }
  }
  return { filtersOf: new Map([...found].map(([source, set]) => [source, [...set]])), problems };
}

/** Returns a detection's predicate with those filters applied that are about its log source. */
export function filtered(
  where: Predicate,
  eventSource: EventSource | undefined,
  filters: readonly Filter[] = [],
): Predicate {
  const ofSource = filters.filter((filter) => filter.eventSource === eventSource);
  return ofSource.length === 0 ? where : { all: [where, ...ofSource.map(({ keep }) => keep)] };
}
