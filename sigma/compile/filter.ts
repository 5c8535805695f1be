import { endOfDay } from '../../lambda/common/calendar.ts';
import type { AppliedFilter, Predicate } from '../../lambda/rules/model.ts';
import { parseCondition } from '../parse/condition.ts';
import type { CorrelationDocument, DetectionDocument, FilterDocument } from '../parse/schema.ts';
import { ruleNameOf, type SourceDocument } from '../parse/yaml-document.ts';
import { compileSelections } from './detection.ts';
import type { NetworkLists } from './selection.ts';

/** A Sigma filter, compiled. */
export interface Filter {
  readonly source: SourceDocument;
  readonly applied: AppliedFilter;
  /** What a flow must be besides what a rule says. */
  readonly keep: Predicate;
}

/** The filters that name a rule. */
export type FiltersByRule = ReadonlyMap<SourceDocument, readonly Filter[]>;

/** A rule that a filter may name. */
export interface Filterable {
  readonly source: SourceDocument;
  readonly document: DetectionDocument | CorrelationDocument;
}

/**
 * Compiles a filter (Sigma Filters Specification 2.1). Its condition is written in two ways: pySigma joins it to the
 * rule's by `and`, so that people write `not selection`; the specification's own example writes `selection` for what is
 * to be left out. So a condition of nothing but negations is joined as it is, and of any other the negation is.
 *
 * After the last day of `allow.expires`, in UTC and in the time of the flows, the filter no longer applies.
 */
export function compileFilter(
  source: SourceDocument,
  { title, logsource, filter, allow }: FilterDocument,
  networks: NetworkLists,
  problems: string[],
): Filter {
  const { rules, condition, ...selections } = filter;
  const reading = { networks, isFirewall: logsource.category === 'firewall' };
  const compiled = compileSelections(source, selections, ['filter'], reading, problems);
  const predicate = parseCondition(condition, compiled);
  if ('problem' in predicate) problems.push(source.problem(['filter', 'condition'], predicate.problem));
  const meant: Predicate = 'problem' in predicate ? { any: [] } : predicate;
  const joined = saysWhatStays(condition, compiled) ? meant : { not: meant };
  const end = allow?.expires === undefined ? undefined : endOfDay(allow.expires);
  const keep: Predicate = end === undefined ? joined : { any: [joined, { not: { before: end } }] };
  return { source, applied: { title, file: source.file, rules: [rules].flat(), ...allow }, keep };
}

/** Whether the condition itself, whatever its selections are, is a negation, or nothing but negations joined. */
function saysWhatStays(condition: string, selections: ReadonlyMap<string, Predicate>): boolean {
  const names = [...selections.keys()].map((name): [string, Predicate] => [name, { field: name, tests: [] }]);
  const isNegation = (predicate: Predicate): boolean =>
    'not' in predicate ||
    ('all' in predicate && predicate.all.every(isNegation)) ||
    ('any' in predicate && predicate.any.every(isNegation));
  const predicate = parseCondition(condition, new Map(names));
  return !('problem' in predicate) && isNegation(predicate);
}

/**
 * Which filters name a rule: by name, id, or the name of the file that the rule is named after. `any` names every
 * detection, and so every correlation of them. A name that no rule has is a problem.
 */
export function filtersByRule(
  filters: readonly Filter[],
  detections: readonly Filterable[],
  correlations: readonly Filterable[],
  problems: string[],
): FiltersByRule {
  const correlated = new Set(correlations.map(({ source }) => source.file));
  const namedByFile = [...correlations, ...detections.filter(({ source }) => !correlated.has(source.file))];
  const named = (name: string) => [
    ...[...detections, ...correlations].filter(({ document }) => document.name === name || document.id === name),
    ...namedByFile.filter(({ source }) => ruleNameOf(source.file) === name),
  ];
  const found = new Map<SourceDocument, Set<Filter>>();
  for (const filter of filters) {
    for (const [index, name] of filter.applied.rules.entries()) {
      const isAny = name.toLowerCase() === 'any';
      const rules = isAny ? detections : named(name);
      if (rules.length === 0) {
        const problem = isAny
          ? 'there is no rule that any could mean'
          : `no rule is named ${JSON.stringify(name)}, by name, id or file`;
        problems.push(filter.source.problem(['filter', 'rules', index], problem));
      }
      for (const { source } of rules) found.set(source, (found.get(source) ?? new Set()).add(filter));
    }
  }
  return new Map([...found].map(([source, set]) => [source, [...set]]));
}

/** What a detection means with filters on it. */
export function filtered(where: Predicate, filters: readonly Filter[] = []): Predicate {
  return filters.length === 0 ? where : { all: [where, ...filters.map(({ keep }) => keep)] };
}
