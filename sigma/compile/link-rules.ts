import type { Predicate } from '../../lambda/rules/model.ts';
import { type SourceDocument, sourceLocation, type YamlPath } from '../parse/yaml-document.ts';
import type { RuleReference } from './correlation-key.ts';
import { type FiltersByRule, filtered, linkFilters } from './filter.ts';
import type { Checked } from './problem.ts';
import type { CorrelationRule, Detection, RuleDocuments } from './read-rules.ts';
import type { ReferencedRule } from './value-correlation.ts';

/** A detection or a correlation. */
export type RuleDocument = Detection | CorrelationRule;

/** The rules that each correlation refers to. */
export type References = ReadonlyMap<RuleDocument, readonly RuleDocument[]>;

/** Rules with their references and filters. */
export interface LinkedRules {
  /** The detections, with their filters applied. */
  readonly detections: readonly Detection[];
  readonly correlations: readonly CorrelationRule[];
  readonly references: References;
  readonly filtersOf: FiltersByRule;
}

/** Finds the rules that correlations and filters name. Problems are `file:line: text`. */
export function link({ correlations, filters, ...read }: RuleDocuments): { rules: LinkedRules; problems: string[] } {
  const { filtersOf, problems: filterProblems } = linkFilters(filters, read.detections, correlations);
  const detections = read.detections.map(
    (detection): Detection => ({
      ...detection,
      where: filtered(detection.where, detection.eventSource, filtersOf.get(detection.source)),
    }),
  );
  const all = [...correlations, ...detections];
  const found = correlations.map((correlation) => [correlation, referencesOf(correlation, all)] as const);
  const references = new Map(found.map(([correlation, { rules }]) => [correlation, rules]));
  return {
    rules: { detections, correlations, references, filtersOf },
    problems: [
      ...sharedIdProblems([...read.detections, ...correlations, ...filters]),
      ...filterProblems,
      ...found.flatMap(([, { problems }]) => problems),
      ...cycleProblems(references),
    ],
  };
}

/** Finds the rules that a correlation names, with a problem for each name that does not mean exactly one rule. */
function referencesOf(
  { source, document }: CorrelationRule,
  all: readonly RuleDocument[],
): { rules: RuleDocument[]; problems: string[] } {
  const known = new Set<RuleDocument>();
  const problems: string[] = [];
  const rules = [document.correlation.rules].flat().flatMap((name, index) => {
    const path = ['correlation', 'rules', index];
    const found = findRules(all, source.file, name);
    if (found.length !== 1) problems.push(source.problem(path, countText(found.length, 'rule', name)));
    // A repeated rule has a meaning in an order only.
    const isRepeated = document.correlation.type !== 'temporal_ordered' && found.some((rule) => known.has(rule));
    if (isRepeated) problems.push(source.problem(path, `the rule ${JSON.stringify(name)} is listed twice`));
    for (const rule of found) known.add(rule);
    return found;
  });
  return { rules, problems };
}

/** Returns a problem for each document whose id another one has (Sigma Rules Specification 2.1, "Rule Identification"). */
function sharedIdProblems(
  all: readonly { readonly source: SourceDocument; readonly document: { readonly id?: string | undefined } }[],
): string[] {
  const known = new Map<string, SourceDocument>();
  return all.flatMap(({ source, document }) => {
    const id = document.id?.toLowerCase();
    if (id === undefined) return [];
    const other = known.get(id);
    if (other)
      return [source.problem(['id'], `${sourceLocation(other, ['id'])} has the same id; each id must be unique`)];
    known.set(id, source);
    return [];
  });
}

/** Returns a problem for each correlation that refers to itself, directly or through others: none could alert. */
function cycleProblems(references: References): string[] {
  return [...references].flatMap(([rule, found]) => {
    const reached = new Set(found);
    for (const part of reached) for (const further of references.get(part) ?? []) reached.add(further);
    if (!reached.has(rule)) return [];
    const text = 'a correlation cannot refer to itself, directly or through others';
    return [rule.source.problem(['correlation', 'rules'], text)];
  });
}

function countText(count: number, kind: string, name: string): string {
  return `${count === 0 ? `no ${kind} is` : `${count} ${kind}s are`} named ${JSON.stringify(name)}`;
}

/** Finds the detection that a rule's own block names, with the rule's filters. */
export function findDetection(
  rule: RuleDocument,
  name: string,
  path: YamlPath,
  { detections, filtersOf }: LinkedRules,
): Checked<Predicate | undefined> {
  const found = findRules(detections, rule.source.file, name);
  const problems = found.length === 1 ? [] : [{ path, text: countText(found.length, 'detection rule', name) }];
  const [first] = found;
  if (first?.eventSource) problems.push({ path, text: `${name} selects events; expected a detection of flows` });
  return { value: first && predicateWithin(rule, first, filtersOf), problems };
}

/** Returns the rules that a rule is about: those that a correlation refers to; of a detection, itself. */
export function referencedBy(rule: RuleDocument, { references, filtersOf }: LinkedRules): ReferencedRule[] {
  if ('where' in rule) return [detectionReference(rule, rule.where)];
  return (references.get(rule) ?? []).map((part): ReferencedRule => {
    if ('where' in part) return detectionReference(part, predicateWithin(rule, part, filtersOf));
    // A nested correlation cannot contain another one, so the search ends here.
    const inner = (references.get(part) ?? []).flatMap((detection): ReferencedRule[] => {
      if (!('where' in detection)) return [];
      const where = predicateWithin(part, detection, filtersOf);
      const both = filtered(where, detection.eventSource, filtersOf.get(rule.source));
      return [{ ...detectionReference(detection, both), within: referenceTo(part) }];
    });
    return { ...referenceTo(part), correlation: part.document.correlation, rules: inner };
  });
}

/** Returns a detection's predicate within a rule, which may have filters. */
function predicateWithin(rule: RuleDocument, { where, eventSource }: Detection, filtersOf: FiltersByRule): Predicate {
  return filtered(where, eventSource, 'where' in rule ? [] : filtersOf.get(rule.source));
}

function detectionReference(detection: Detection, where: Predicate): ReferencedRule {
  return { ...referenceTo(detection), where, eventSource: detection.eventSource };
}

function referenceTo({ document: { name, id, title } }: RuleDocument): RuleReference {
  return { name: name ?? id ?? title, id };
}

/** Finds rules by name or id: those of the same file, or, without any, those of all files. */
export function findRules<T extends RuleDocument>(rules: readonly T[], file: string, name: string): T[] {
  const named = rules.filter(({ document }) => document.name === name || document.id === name);
  const sameFile = named.filter(({ source }) => source.file === file);
  return sameFile.length > 0 ? sameFile : named;
}
