import { type Level, severityRank } from '../../lambda/rules/level.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { allOf, isSeen, type NeededFields, neededText } from './needed-fields.ts';
import { type FieldNames, RuleSight } from './rule-sight.ts';

/** Flows with the same fields: those of a format, of a log group or of files. */
export interface FlowSource {
  readonly fields: FieldNames;
}

/** A rule that cannot see some flows, since these lack fields. */
export interface BlindRule<Source extends FlowSource = FlowSource> {
  readonly rule: string;
  readonly level: Level;
  /** `blind` if the rule can alert on no flow; otherwise some sources or parts of the rule are missing. */
  readonly state: 'blind' | 'partly blind';
  /** The missing fields. With all fields of an alternative, a blind rule can alert, and any other sees all flows. */
  readonly needs: NeededFields;
  /** The sources on whose flows alone the rule cannot alert. */
  readonly blindFor: readonly Source[];
}

/**
 * Finds the rules that cannot see all flows of a stream.
 *
 * @param sources all flows of the stream; without any, no rule is blind
 * @returns blind rules first, then those that see a part; of each the most severe first, then by name
 */
export function blindRules<Source extends FlowSource>(
  ruleSet: Pick<RuleSet, 'rules' | 'series'>,
  sources: readonly Source[],
): BlindRule<Source>[] {
  if (sources.length === 0) return [];
  return ruleSet.rules
    .flatMap((rule) => blindRule(rule, new RuleSight(rule, ruleSet), sources) ?? [])
    .sort(
      (a, b) =>
        a.state.length - b.state.length || severityRank(a.level) - severityRank(b.level) || (a.rule < b.rule ? -1 : 1),
    );
}

function blindRule<Source extends FlowSource>(
  { name, level }: Rule,
  sight: RuleSight,
  sources: readonly Source[],
): BlindRule<Source> | undefined {
  const bySource = sources.map((source) => ({ source, needs: sight.needed([source.fields]) }));
  const blindFor = bySource.flatMap(({ source, needs }) => (isSeen(needs) ? [] : source));
  const needs = sight.needed(sources.map(({ fields }) => fields));
  if (!isSeen(needs)) return { rule: name, level, state: 'blind', needs, blindFor };
  const toSeeAll = allOf(
    bySource.map((one) => (isSeen(one.needs) ? [sight.neededByParts(one.source.fields)] : one.needs)),
  );
  return isSeen(toSeeAll) ? undefined : { rule: name, level, state: 'partly blind', needs: toSeeAll, blindFor };
}

/** Formats why a rule is blind: `blind: needs tcp-flags`. */
export function blindText({ state, needs }: Pick<BlindRule, 'state' | 'needs'>): string {
  return `${state}: needs ${neededText(needs)}`;
}
