import { ruleNameOf, type SourceDocument, sourceLocation } from '../parse/yaml-document.ts';
import { findRules, type LinkedRules, type RuleDocument } from './link-rules.ts';

/** A rule that alerts, with its name, or with the problem that leaves it without one. */
export type NamedRule = {
  readonly rule: RuleDocument;
  /** True if a correlation of the same file may have been meant to refer to this detection. */
  readonly isLeftOver: boolean;
} & ({ readonly name: string; readonly problem?: undefined } | { readonly name?: undefined; readonly problem: string });

/**
 * Names the rules that alert after their files: correlations first, so that a file's name is that of its outermost
 * correlation. A rule that alerts by `generate` besides its file's rule is named after file and rule.
 *
 * @param failedCorrelations the files with a correlation that could not be read
 * @param hasProblems whether an earlier pass found problems: then left-over detections are omitted
 */
export function nameRules(
  { correlations, detections, references }: LinkedRules,
  failedCorrelations: ReadonlySet<string>,
  hasProblems: boolean,
): NamedRule[] {
  const referencedIf = (generate: boolean) =>
    [...references].flatMap(([{ document }, found]) => (Boolean(document.generate) === generate ? found : []));
  const generated = new Set(referencedIf(true));
  const parts = new Set([...referencedIf(false), ...watchedDetections(correlations, detections)]);
  const standsAlone = (rule: RuleDocument) => !parts.has(rule) && !generated.has(rule);
  const correlated = new Set([...correlations.map(({ source }) => source.file), ...failedCorrelations]);
  const isLeftOver = (rule: RuleDocument) =>
    'where' in rule && !generated.has(rule) && correlated.has(rule.source.file);
  const alerting = [...correlations.filter(standsAlone), ...generated, ...detections.filter(standsAlone)];
  const sources = new Map<string, SourceDocument>();
  return alerting.flatMap((rule): NamedRule[] => {
    if (hasProblems && isLeftOver(rule)) return [];
    const { source } = rule;
    const named = { rule, isLeftOver: isLeftOver(rule) };
    const name = nameOf(rule, generated.has(rule), sources);
    const taken = sources.get(name);
    if (taken) return [{ ...named, problem: source.problem([], takenText(name, source, taken)) }];
    sources.set(name, source);
    return [{ ...named, name }];
  });
}

/** Returns the detections whose flows must continue for a rule's `silent` condition: they do not alert themselves. */
function watchedDetections(
  correlations: LinkedRules['correlations'],
  detections: LinkedRules['detections'],
): RuleDocument[] {
  return correlations.flatMap(({ source, document: { flow_sentinel: block } }) =>
    block?.silent ? findRules(detections, source.file, block.silent.while) : [],
  );
}

function nameOf(
  { source, document }: RuleDocument,
  isGenerated: boolean,
  taken: ReadonlyMap<string, SourceDocument>,
): string {
  const fileName = ruleNameOf(source.file);
  const isFurther = isGenerated && taken.get(fileName)?.file === source.file;
  return isFurther ? `${fileName}.${document.name ?? document.id}` : fileName;
}

function takenText(name: string, source: SourceDocument, taken: SourceDocument): string {
  return taken.file === source.file && name === ruleNameOf(source.file)
    ? 'a file names one rule, and this is its second rule that alerts; move it to a separate file'
    : `the rule at ${sourceLocation(taken, [])} has the same name, ${name}; rename one of the two`;
}
