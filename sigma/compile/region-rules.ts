import { regionFields } from '../../lambda/flow-log/region-fields.ts';
import { measuredFields } from '../../lambda/rules/correlation.ts';
import type { Series } from '../../lambda/rules/model.ts';
import { findRules, type LinkedRules, type RuleDocument } from './link-rules.ts';
import type { CorrelationRule, Detection } from './read-rules.ts';

/** Why a rule that needs a table of regions is off. */
export const offText = 'off: needs a geo table';

/**
 * Returns whether a rule needs a table of regions: a detection that it refers to, its key or its measure has a field of
 * regions. A filter does not count: without a table, it excludes nothing.
 *
 * @param series the series of the rule
 */
export function needsRegions(
  rule: RuleDocument,
  series: readonly Series[],
  { references, detections: all }: LinkedRules,
): boolean {
  const detections = (one: RuleDocument): boolean =>
    'where' in one ? one.readsRegions : [...(references.get(one) ?? []), ...watched(one, all)].some(detections);
  const isRegion = (name: string) => regionFields.has(name);
  return detections(rule) || series.some((one) => [...one.groupFields, ...measuredFields(one)].some(isRegion));
}

/** Returns the detection whose flows must continue, for a rule with `silent`. */
function watched({ source, document }: CorrelationRule, detections: readonly Detection[]): Detection[] {
  const { silent } = document.flow_sentinel ?? {};
  return silent ? findRules(detections, source.file, silent.while) : [];
}
