import { maxAdditions } from '../../lambda/aggregate/delta-builder.ts';
import { counterLimits } from '../../lambda/aggregate/overflow.ts';
import { slotAttribute } from '../../lambda/count/counter-item.ts';
import { retainedSlots, slotOf, windowSlots } from '../../lambda/counters/window.ts';
import { fields } from '../../lambda/flow-log/fields.ts';
import { allSeriesOf, isOfPairs, windowsOf } from '../../lambda/rules/correlation.ts';
import type { Measure, Rule, RuleSet, Series } from '../../lambda/rules/model.ts';
import { valueBytes } from '../compile/series.ts';

/** What keeping a series takes. */
export interface SeriesCost {
  readonly id: string;
  readonly measure: Measure;
  readonly slotSeconds: number;
  /** For how many slots of time an item keeps what it holds, an attribute each, or packed: see counters/packed-slots.ts. */
  readonly slotsKept: number;
  /** What an attribute takes at most, its name and its value, in bytes. */
  readonly attributeBytes: number;
  /** The other rules that judge the same series. */
  readonly sharedWith: readonly string[];
}

/** What a rule takes: of each item that it counts on, and of each batch. */
export interface RuleCost {
  readonly series: readonly SeriesCost[];
  /** Whether it counts on the items of pairs, which are written for each batch that sees the pair, with rules or without. */
  readonly onPairs: boolean;
  /** Attributes that it adds to a key's item for each slot of time with a matching flow; those of shared series too. */
  readonly attributesPerSlot: number;
  /** Of these, those that no other rule asks for. */
  readonly ownAttributesPerSlot: number;
  /** What it keeps of a key whose every slot is full, in bytes; DynamoDB bills an update by the size of its whole item. */
  readonly bytesPerKey: number;
  /** Writes that a batch makes for each key with a matching flow, besides those of pairs: 0 or 1. */
  readonly writesPerKey: 0 | 1;
  /** The other rules that count on the same items: their writes are the same ones. */
  readonly sameItems: readonly string[];
}

/** What all rules together take of a batch at most. */
export interface RuleSetCost {
  /** Attributes that an update of a pair adds for each slot of time that the batch touches. */
  readonly attributesPerPair: number;
  /** By what the rules group, pairs aside: a flow makes at most one write for each of them. */
  readonly groupings: readonly (readonly string[])[];
  /** The most pairs, and the most other groups, that a batch writes, whatever it holds: see aggregate/overflow.ts. */
  readonly pairs: number;
  readonly groups: number;
  /** The most attributes in one write; what adds more takes several. */
  readonly attributesPerWrite: number;
}

/** What a rule of the set costs. */
export function costOf(rule: Rule, { rules, series }: RuleSet): RuleCost {
  const ids = allSeriesOf(rule);
  const others = rules.filter((other) => other.name !== rule.name);
  const own = ids.flatMap((id) => series.filter((one) => one.id === id));
  const costs = own.map((one): SeriesCost => {
    const sharers = others.filter((other) => allSeriesOf(other).includes(one.id));
    return { ...seriesCost(one, windowsOf(one.id, rules)), sharedWith: sharers.map(({ name }) => name) };
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

/** What a rule set costs. */
export function costOfAll({ series }: RuleSet): RuleSetCost {
  const groupings = new Map(
    series.filter(({ groupBy }) => !isOfPairs(groupBy)).map((one) => [groupingOf(one), one.groupBy] as const),
  );
  return {
    attributesPerPair: series.filter(({ groupBy }) => isOfPairs(groupBy)).length,
    groupings: [...groupings.values()],
    pairs: counterLimits.pairs,
    groups: counterLimits.groups,
    attributesPerWrite: maxAdditions,
  };
}

/** How far a rule's window may reach back, in seconds: its timespan, and up to a slot more. */
export function reachSeconds({ timespanSeconds }: Rule, { slotSeconds }: Pick<Series, 'slotSeconds'>): number {
  return windowSlots(timespanSeconds, slotSeconds) * slotSeconds;
}

function seriesCost({ id, measure, slotSeconds }: Series, windows: 1 | 2): Omit<SeriesCost, 'sharedWith'> {
  const name = slotAttribute(id, slotOf(someTime, slotSeconds)).length;
  return {
    id,
    measure,
    slotSeconds,
    slotsKept: retainedSlots(slotSeconds, windows),
    attributeBytes: name + mostBytes(measure),
  };
}

/** In the year 2033; a slot's number has as many digits for decades before and after. */
const someTime = 2_000_000_000;

/** A byte for each two digits and one more (DynamoDB Developer Guide, "DynamoDB item sizes"), for 19 digits, 2^63. */
const numberBytes = 11;

function mostBytes(measure: Measure): number {
  if (measure.kind !== 'distinct') return numberBytes;
  return measure.cap * valueBytes(measure.also ? 'string' : fields.get(measure.field)!.kind);
}

function groupingOf({ groupBy }: Pick<Series, 'groupBy'>): string {
  return groupBy.toSorted().join();
}
