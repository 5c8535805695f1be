import { regionFields } from '../../lambda/flow-log/region-fields.ts';
import { measuredFields, seriesOfRules } from '../../lambda/rules/correlation.ts';
import type { OffRule, Rule, Series } from '../../lambda/rules/model.ts';
import { findRules, type LinkedRules, type RuleDocument } from './link-rules.ts';
import type { CorrelationRule, Detection } from './read-rules.ts';

/** Why rules are off, by what they need. */
const offTexts: Readonly<Record<OffRule['needs'], string>> = {
  regions: 'off: needs a geo table',
  context: 'off: needs context events',
};

/** Returns why a rule is off. */
export function offText({ needs }: Pick<OffRule, 'needs'>): string {
  return offTexts[needs];
}

/** What rules may read besides flows. */
export interface Available {
  /** Whether there is a table of regions. */
  readonly hasRegions: boolean;
  /** Whether events of CloudTrail and GuardDuty are read. */
  readonly hasContext: boolean;
}

/**
 * Returns what a rule needs and does not have; undefined if it can run.
 *
 * @param series the series of the rule
 */
export function missingNeed(
  rule: RuleDocument,
  series: readonly Series[],
  linked: LinkedRules,
  { hasRegions, hasContext }: Available,
): OffRule['needs'] | undefined {
  if (!hasContext && series.some(({ source }) => source !== undefined)) return 'context';
  return !hasRegions && needsRegions(rule, series, linked) ? 'regions' : undefined;
}

/**
 * Returns whether a rule needs a table of regions: a detection that it refers to, its key or its measure has a field of
 * regions. A filter does not count: without a table, it excludes nothing.
 */
function needsRegions(rule: RuleDocument, series: readonly Series[], { references, detections: all }: LinkedRules) {
  const detections = (one: RuleDocument): boolean =>
    'where' in one ? one.readsRegions : [...(references.get(one) ?? []), ...watched(one, all)].some(detections);
  const isRegion = (name: string) => regionFields.has(name);
  const ofFlows = series.filter(({ source }) => source === undefined);
  return detections(rule) || ofFlows.some((one) => [...one.groupFields, ...measuredFields(one)].some(isRegion));
}

/** Returns the detection whose flows must continue, for a rule with `silent`. */
function watched({ source, document }: CorrelationRule, detections: readonly Detection[]): Detection[] {
  const { silent } = document.flow_sentinel ?? {};
  return silent ? findRules(detections, source.file, silent.while) : [];
}

/** Returns the rules that can run, with their series, and the others as off. @param needs by rule name */
export function withoutOffRules(
  { rules, series }: { readonly rules: readonly Rule[]; readonly series: readonly Series[] },
  needs: ReadonlyMap<string, OffRule['needs']>,
): { readonly rules: readonly Rule[]; readonly series: readonly Series[]; readonly off: readonly OffRule[] } {
  if (needs.size === 0) return { rules, series, off: [] };
  const kept = rules.filter(({ name }) => !needs.has(name));
  const off = rules.flatMap(({ name, title, level }): OffRule[] => {
    const needed = needs.get(name);
    return needed ? [{ name, title, level, needs: needed }] : [];
  });
  return { rules: kept, series: seriesOfRules(kept, series), off };
}
