import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import { enumerated, plural } from '../../lambda/common/text.ts';
import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { comparisonText, valueText } from '../../lambda/rules/value-text.ts';
import { type RuleCost, type RuleSetCost, reachSeconds } from '../../sigma/lint/rule-cost.ts';

/** A rule in plain words: what each part of it means, without a full stop at the end. */
export interface RuleWords {
  readonly counts: string;
  readonly window: string;
  readonly alerts: string;
  readonly afterwards: readonly string[];
  readonly status: string;
}

/**
 * What a rule means.
 *
 * @param watched the name of the flows that must go on where the rule looks for silence
 */
export function wordsOf(rule: Rule, { series }: RuleSet, watched?: string): RuleWords {
  const { slotSeconds } = series.find(({ id }) => id === allSeriesOf(rule)[0])!;
  const reach = duration(reachSeconds(rule, { slotSeconds }));
  const timespan = duration(rule.timespanSeconds);
  return {
    counts: `${measured(rule)} per ${enumerated(rule.groupBy)}, of`,
    window: `the last ${timespan}, by the time at which flows ended, in slots of ${duration(slotSeconds)}; it reaches back at least ${timespan} and at most ${reach}`,
    alerts: [`when ${due(rule)} within the window`, ...extensionWords(rule, slotSeconds, watched)].join('; and '),
    afterwards: afterwards(rule),
    status: rule.status === 'experimental' ? 'experimental: counts and logs, and pages nobody' : rule.status,
  };
}

function measured({ correlation }: Rule): string {
  switch (correlation.type) {
    case 'event_count':
      return 'the number of flow records';
    case 'value_sum':
      return `the sum of ${correlation.field}`;
    case 'value_count':
      return `the number of different values of ${correlation.field}`;
    case 'value_avg':
      return `the average of ${correlation.field} a flow record`;
    case 'value_percentile':
      return `percentile ${correlation.percentile} of ${correlation.field}`;
    case 'temporal':
      return 'which of these there are';
    case 'temporal_ordered':
      return 'which of these there are, one after the other,';
  }
}

function due({ correlation, comparison, threshold }: Rule): string {
  if (correlation.type === 'temporal' || correlation.type === 'temporal_ordered') {
    const all = correlation.parts.length;
    const parts = correlation.parts.flatMap((part) =>
      'times' in part || (part.correlation.type === 'event_count' && part.threshold === 1 && part.comparison === 'gte')
        ? []
        : `${part.name} with ${comparisonText(part.comparison)} ${valueText(part.threshold, part.correlation)}`,
    );
    const how = correlation.type === 'temporal_ordered' ? ' in this order' : '';
    return [`${threshold === all ? 'all' : `at least ${threshold}`} of them are there${how}`, ...parts].join(', ');
  }
  return `that comes to ${comparisonText(comparison)} ${valueText(threshold, correlation)}`;
}

function extensionWords(rule: Rule, slotSeconds: number, watched = 'another rule'): string[] {
  const { activeSlots, slotMost, slotSpread, firstSeen, silent } = rule.extension;
  const slots = reachSeconds(rule, { slotSeconds }) / slotSeconds;
  return [
    activeSlots === undefined ? [] : `at least ${activeSlots} of its ${slots} slots hold something`,
    slotMost === undefined ? [] : `none of them holds more than ${valueText(slotMost, rule.correlation)}`,
    slotSpread === undefined
      ? []
      : `the fullest holds at most ${formatInteger(slotSpread)} times as much as the emptiest that holds something, the first and the last left out`,
    firstSeen === undefined
      ? []
      : `the pair was seen first within ${duration(firstSeen.withinSeconds)} before, ${duration(firstSeen.learningSeconds)} or longer after the first flow of all`,
    silent === undefined
      ? []
      : `then there was none for ${duration(silent.forSeconds)}, while the flows of ${watched} went on`,
  ].flat();
}

function afterwards({ suppressSeconds, escalate, backoff, ended }: Rule): string[] {
  const unless =
    escalate.length > 0 ? `, unless it reaches ${enumerated(escalate.map(formatInteger), 'or')} times that` : '';
  return [
    `for ${duration(suppressSeconds)} in the time of the flows no further alert of the same key is sent${unless}`,
    ...(backoff > 1 ? [`with each alert that follows on another this time grows ${formatInteger(backoff)}-fold`] : []),
    ended ? 'a note is sent when it has ended' : [],
  ].flat();
}

/** What a rule costs. */
export function costWords({ groupBy }: Pick<Rule, 'groupBy'>, cost: RuleCost): string[] {
  const per = enumerated(groupBy);
  const shared = cost.series.filter(({ sharedWith }) => sharedWith.length > 0);
  const kept = cost.series.map(({ slotsKept, slotSeconds }) => `${slotsKept} slots of ${duration(slotSeconds)}`);
  return [
    `${plural(cost.attributesPerSlot, 'attribute')} per ${per} and slot, of at most ${enumerated([...new Set(cost.series.map(({ attributeBytes }) => formatInteger(attributeBytes)))])} bytes; it keeps ${enumerated([...new Set(kept)])}: at most ${formatInteger(cost.bytesPerKey)} bytes a key`,
    cost.onPairs
      ? "no write of its own: it adds to the pair's update, which is made anyhow"
      : `one write for each ${per} that matches in a batch${cost.sameItems.length > 0 ? `, the same one as that of ${enumerated(cost.sameItems)}` : ''}`,
    ...shared.map(
      ({ id, sharedWith }) => `the series ${id} is also that of ${enumerated(sharedWith)}, and is kept once`,
    ),
  ];
}

/** What all rules together cost a batch at most. */
export function boundWords({ attributesPerPair, attributesPerWrite, groupings, pairs, groups }: RuleSetCost): string[] {
  const others = groupings.map((names) => names.join(', ')).join('; ');
  return [
    `one write for each pair of the batch, which adds at most ${plural(attributesPerPair, 'attribute')} for each slot that the batch touches; one write takes up to ${attributesPerWrite}`,
    others === ''
      ? 'nothing else: all rules group by pairs'
      : `one write for each other group with a matching flow, which are by ${others}`,
    `whatever comes, at most ${formatInteger(pairs)} pairs and ${formatInteger(groups)} other groups are written`,
  ];
}
