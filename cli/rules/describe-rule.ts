import { duration, formatInteger } from '../../lambda/common/format-units.ts';
import { enumerated, plural } from '../../lambda/common/text.ts';
import { allSeriesOf, isOfPairs } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { comparisonText, recordNoun, valueText } from '../../lambda/rules/value-text.ts';
import { lookbackSeconds, type RuleCost, type RuleSetCost } from '../../sigma/lint/rule-cost.ts';

/** A rule in words: the meaning of each part, without a final period. */
export interface RuleWords {
  readonly counts: string;
  readonly window: string;
  readonly alerts: string;
  readonly afterwards: readonly string[];
  readonly status: string;
}

/**
 * Describes a rule in words.
 *
 * @param watched the name of the detection whose flows must continue, of a rule with `silent`
 */
export function wordsOf(rule: Rule, { series }: RuleSet, watched?: string): RuleWords {
  const { slotSeconds } = series.find(({ id }) => id === allSeriesOf(rule)[0])!;
  const lookback = duration(lookbackSeconds(rule, { slotSeconds }));
  const timespan = duration(rule.timespanSeconds);
  return {
    counts: `${measured(rule)} per ${enumerated(rule.groupBy)}, of`,
    window: `the last ${timespan}, by ${timesOf(rule)}, in slots of ${duration(slotSeconds)}; it covers at least ${timespan} and at most ${lookback}`,
    alerts: [`when ${due(rule)} within the window`, ...extensionWords(rule, slotSeconds, watched)].join('; and '),
    afterwards: afterwards(rule),
    status: rule.status === 'experimental' ? 'experimental: counts and logs, but sends no notifications' : rule.status,
  };
}

/** Returns which times decide the slots of a rule. */
function timesOf({ sources = ['vpcflow'] }: Rule): string {
  const times = [
    ...(sources.includes('vpcflow') ? ['the end times of flows'] : []),
    ...(sources.join() === 'vpcflow' ? [] : ['the times of events']),
  ];
  return enumerated(times);
}

function measured({ correlation }: Rule): string {
  switch (correlation.type) {
    case 'event_count':
      return `the number of ${recordNoun(correlation.source)}s`;
    case 'active_slots':
      return `the number of slots with ${recordNoun(correlation.source)}s`;
    case 'value_sum':
      return `the sum of ${correlation.field}`;
    case 'value_count':
      return `the number of distinct values of ${correlation.field}`;
    case 'value_avg':
      return `the average of ${correlation.field} per flow record`;
    case 'value_percentile':
      return `percentile ${correlation.percentile} of ${correlation.field}`;
    case 'temporal':
      return 'the number of matching rules';
    case 'temporal_ordered':
      return 'the number of rules that match in this order';
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
    return [`${threshold === all ? 'all' : `at least ${threshold}`} of them match${how}`, ...parts].join(', ');
  }
  return `the value is ${comparisonText(comparison)} ${valueText(threshold, correlation)}`;
}

function extensionWords(rule: Rule, slotSeconds: number, watched = 'another rule'): string[] {
  const { activeSlots, maxSlotValue, maxSlotSpread, firstSeen, silent } = rule.extension;
  const slots = lookbackSeconds(rule, { slotSeconds }) / slotSeconds;
  return [
    activeSlots === undefined ? [] : `at least ${activeSlots} of the window's ${slots} slots have flows`,
    maxSlotValue === undefined ? [] : `no slot has more than ${valueText(maxSlotValue, rule.correlation)}`,
    maxSlotSpread === undefined
      ? []
      : `the fullest slot has at most ${formatInteger(maxSlotSpread)} times the value of the emptiest slot with flows, without the first and the last slot`,
    firstSeen === undefined
      ? []
      : `the ${isOfPairs(rule.groupBy) ? 'pair' : enumerated(rule.groupBy)} was first seen within ${duration(firstSeen.withinSeconds)} before, and at least ${duration(firstSeen.learningSeconds)} after ${isOfPairs(rule.groupBy) ? 'the first flow of all' : 'the first batch that the rule evaluates'}`,
    silent === undefined
      ? []
      : `its flows have stopped for ${duration(silent.forSeconds)}, while the flows of ${watched} continue`,
  ].flat();
}

function afterwards({ suppressSeconds, escalate, backoff, ended, raise, sources }: Rule): string[] {
  const counted = sources && !sources.includes('vpcflow') ? 'events' : 'flows';
  const unless =
    escalate.length > 0
      ? `, unless the value reaches ${enumerated(escalate.map(formatInteger), 'or')} times the threshold`
      : '';
  return [
    `for ${duration(suppressSeconds)}, by the time of the ${counted}, alerts of the same key are suppressed${unless}`,
    ...(backoff > 1 ? [`each following alert multiplies this time by ${formatInteger(backoff)}`] : []),
    ended ? 'a resolution notice is sent when no window exceeds the threshold any more' : [],
    raise === false ? 'context never raises the level' : [],
  ].flat();
}

/** Describes the cost of a rule. */
export function costWords({ groupBy }: Pick<Rule, 'groupBy'>, cost: RuleCost): string[] {
  const per = enumerated(groupBy);
  const isOfPresence = cost.series.every(({ measure }) => measure.kind === 'presence');
  const shared = cost.series.filter(({ sharedWith }) => sharedWith.length > 0);
  const retained = cost.series.map(({ slotsKept, slotSeconds }) => `${slotsKept} slots of ${duration(slotSeconds)}`);
  return [
    `${plural(cost.attributesPerSlot, 'attribute')} per ${per} and slot, of at most ${enumerated([...new Set(cost.series.map(({ attributeBytes }) => formatInteger(attributeBytes)))])} bytes; ${enumerated([...new Set(retained)])} are retained: at most ${formatInteger(cost.bytesPerKey)} bytes per key`,
    cost.onPairs
      ? 'no additional write: the rule extends the update of the pair, which every batch makes'
      : `one write per ${per} ${isOfPresence ? 'and slot, however many batches have its flows' : 'that matches in a batch'}${cost.sameItems.length > 0 ? `, shared with ${enumerated(cost.sameItems)}` : ''}`,
    ...shared.map(({ id, sharedWith }) => `the series ${id} is shared with ${enumerated(sharedWith)}, and stored once`),
  ];
}

/** Describes the maximum cost of a batch with all rules. */
export function boundWords({ attributesPerPair, attributesPerWrite, groupings, pairs, groups }: RuleSetCost): string[] {
  const others = groupings.map((names) => names.join(', ')).join('; ');
  return [
    `one write per pair of the batch, with at most ${plural(attributesPerPair, 'attribute')} per slot that the batch touches; one write has at most ${attributesPerWrite}`,
    others === ''
      ? 'no other writes: all rules group by pairs'
      : `one write per other group with a matching flow, grouped by ${others}`,
    `at most ${formatInteger(pairs)} pairs and ${formatInteger(groups)} other groups per batch, for any input`,
  ];
}
