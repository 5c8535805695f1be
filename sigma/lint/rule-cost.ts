import { counterLimits } from '../../lambda/aggregate/overflow.ts';
import { maxAdditions } from '../../lambda/aggregate/update-parts.ts';
import { slotAttribute } from '../../lambda/count/counter-item.ts';
import { retainedSlots, slotOf, windowSlots } from '../../lambda/counters/window.ts';
import { allSeriesOf, isOfPairs, lateEventSecondsOf, windowCount } from '../../lambda/rules/correlation.ts';
import type { Measure, Rule, RuleSet, Series } from '../../lambda/rules/model.ts';
import { distinctKind, valueBytes } from '../compile/series.ts';

/** The storage of a series. */
export interface SeriesCost {
  readonly id: string;
  readonly measure: Measure;
  readonly slotSeconds: number;
  /** The number of slots that an item retains: one attribute each, or packed (counters/packed-slots.ts). */
  readonly slotsKept: number;
  /** The maximum size of an attribute, name and value, in bytes. */
  readonly attributeBytes: number;
  /** The other rules that evaluate the same series. */
  readonly sharedWith: readonly string[];
}

/** The cost of a rule, per item and per batch. */
export interface RuleCost {
  readonly series: readonly SeriesCost[];
  /** True if the rule counts in the items of pairs, which are written for each batch even without rules. */
  readonly onPairs: boolean;
  /** Attributes per key and slot with a matching flow, including those of shared series. */
  readonly attributesPerSlot: number;
  /** Attributes per slot that no other rule needs. */
  readonly ownAttributesPerSlot: number;
  /** Bytes of a key with all slots full; DynamoDB bills an update by the size of the complete item. */
  readonly bytesPerKey: number;
  /** Writes of a batch per key with a matching flow, besides those of pairs: 0 or 1. */
  readonly writesPerKey: 0 | 1;
  /** The other rules that count in the same items and share their writes. */
  readonly sameItems: readonly string[];
}

/** The maximum cost of a batch with all rules. */
export interface RuleSetCost {
  /** Attributes of a pair's update, per slot that the batch touches. */
  readonly attributesPerPair: number;
  /** The groupings of the rules, without pairs: a flow causes at most one write for each. */
  readonly groupings: readonly (readonly string[])[];
  /** The maximum numbers of pairs and of other groups that any batch writes: see aggregate/overflow.ts. */
  readonly pairs: number;
  readonly groups: number;
  /** The maximum number of attributes in one write; larger updates take several writes. */
  readonly attributesPerWrite: number;
}

/** Computes the cost of a rule of the set. */
export function costOf(rule: Rule, { rules, series }: RuleSet): RuleCost {
  const ids = allSeriesOf(rule);
  const others = rules.filter((other) => other.name !== rule.name);
  const ruleSeries = ids.flatMap((id) => series.filter((known) => known.id === id));
  const costs = ruleSeries.map((one): SeriesCost => {
    const sharers = others.filter((other) => allSeriesOf(other).includes(one.id));
    const slotsKept = retainedSlots(one.slotSeconds, windowCount(one.id, rules), lateEventSecondsOf(one.id, rules));
    return { ...seriesCost(one, slotsKept), sharedWith: sharers.map(({ name }) => name) };
  });
  const onPairs = isOfPairs(rule.groupBy);
  return {
    series: costs,
    onPairs,
    attributesPerSlot: costs.length,
    ownAttributesPerSlot: costs.filter(({ sharedWith }) => sharedWith.length === 0).length,
    bytesPerKey: costs.reduce((sum, { slotsKept, attributeBytes }) => sum + slotsKept * attributeBytes, 0),
    writesPerKey: onPairs ? 0 : 1,
    sameItems: onPairs ? [] : others.filter((other) => groupingOf(other) === groupingOf(rule)).map(({ name }) => name),
  };
}

/** Computes the maximum cost of a batch with all rules of a set. */
export function costOfAll({ series }: RuleSet): RuleSetCost {
  const groupings = new Map(
    series
      .filter(({ groupBy, source }) => !source && !isOfPairs(groupBy))
      .map((one) => [groupingOf(one), one.groupBy] as const),
  );
  return {
    attributesPerPair: series.filter(({ groupBy }) => isOfPairs(groupBy)).length,
    groupings: [...groupings.values()],
    pairs: counterLimits.pairs,
    groups: counterLimits.groups,
    attributesPerWrite: maxAdditions,
  };
}

/** Returns the maximum length of a rule's window, in seconds: its timespan and up to one slot. */
export function lookbackSeconds({ timespanSeconds }: Rule, { slotSeconds }: Pick<Series, 'slotSeconds'>): number {
  return windowSlots(timespanSeconds, slotSeconds) * slotSeconds;
}

function seriesCost({ id, measure, source, slotSeconds }: Series, slotsKept: number): Omit<SeriesCost, 'sharedWith'> {
  const name = slotAttribute(id, slotOf(someTime, slotSeconds)).length;
  return {
    id,
    measure,
    slotSeconds,
    slotsKept,
    attributeBytes: name + maxBytesOf(measure, source),
  };
}

/** A time in the year 2033; slot numbers have the same number of digits for decades. */
const someTime = 2_000_000_000;

/** One byte per two digits and one more (DynamoDB Developer Guide, "DynamoDB item sizes"), for 19 digits, 2^63. */
const numberBytes = 11;

function maxBytesOf(measure: Measure, source: Series['source']): number {
  if (measure.kind !== 'distinct') return numberBytes;
  return measure.cap * valueBytes(distinctKind({ measure, source }));
}

function groupingOf({ groupBy }: Pick<Series, 'groupBy'>): string {
  return groupBy.toSorted().join();
}
