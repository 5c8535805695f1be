import { isOfPairs } from '../../lambda/rules/correlation.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { unitsPerMonth } from './bill.ts';
import type { MergedKeys, Traffic } from './measured-traffic.ts';
import type { Load } from './model.ts';
import { type PriceList, priced } from './price-list.ts';

/** What the counters of one grouping cost on demand, without their share of markers and compaction. */
export interface CounterCost {
  /** The fields in alphabetical order, joined with commas. */
  readonly groupBy: string;
  /** The rules that group by these fields; the pairs are counted without any rule. */
  readonly rules: readonly string[];
  /** False for a grouping of own rules. Its cost is then the maximum, a write for each record, and not part of the bill. */
  readonly isMeasured: boolean;
  /** Write units for a thousand records. */
  readonly units: number;
  /** US dollars a month for writes and reads. */
  readonly usd: number;
}

/** The grouping of pairs: its counters are written for the totals, with or without rules. */
export const pairGrouping = 'dstaddr,srcaddr';

const none: MergedKeys = [0, 0, 0];

/** Returns the traffic with the groupings that rules use. It was measured with the rules that come with the program. */
export function trafficOfRules(traffic: Traffic, { series }: Pick<RuleSet, 'series'>): Traffic {
  const measured = { ...traffic.groupings, ...traffic.regionGroupings };
  const groupings = Object.entries(measured).flatMap(([name, grouping]) => {
    const ofGrouping = series.filter(({ groupBy }) => groupBy.join() === name);
    if (ofGrouping.length === 0) return [];
    const hasPresence = ofGrouping.some(({ measure }) => measure.kind === 'presence');
    const hasAmounts = ofGrouping.some(({ measure }) => measure.kind !== 'presence');
    const amounts = hasAmounts ? {} : { touched: 0, ofMinute: 0, mergedAmounts: none };
    const presence = hasPresence ? {} : { present: 0, slots: 0, mergedPresence: none };
    return [[name, { ...grouping, ...amounts, ...presence }] as const];
  });
  return { ...traffic, groupings: Object.fromEntries(groupings) };
}

/** Returns the cost of the counters by grouping, the dearest first. */
export function counterCosts(load: Load, { rules }: Pick<RuleSet, 'rules'>, { prices }: PriceList): CounterCost[] {
  const { batchesPerMinute: batches, recordsPerBatch, groupings, unitsPerGroupWrite } = load;
  const recordsPerSecond = (batches * recordsPerBatch) / 60;
  const ofPairs = {
    groupBy: pairGrouping,
    writeUnitsPerSecond: load.pairWriteUnitsPerSecond,
    readUnitsPerSecond: 0,
  };
  const measured = [ofPairs, ...groupings].map((one) => ({ ...one, isMeasured: true }));
  const others = new Set(rules.map(({ groupBy }) => groupingOf(groupBy)));
  for (const { groupBy } of measured) others.delete(groupBy);
  const atMost = [...others].map((groupBy) => ({
    groupBy,
    writeUnitsPerSecond: recordsPerSecond * unitsPerGroupWrite,
    readUnitsPerSecond: 0,
    isMeasured: false,
  }));
  return [...measured, ...atMost]
    .map(({ groupBy, isMeasured, writeUnitsPerSecond, readUnitsPerSecond }) => ({
      groupBy,
      rules: rules.filter((rule) => groupingOf(rule.groupBy) === groupBy).map(({ name }) => name),
      isMeasured,
      units: (writeUnitsPerSecond * 1000) / recordsPerSecond,
      usd:
        priced(prices.dynamoWriteUnits, unitsPerMonth(writeUnitsPerSecond)) +
        priced(prices.dynamoReadUnits, unitsPerMonth(readUnitsPerSecond)),
    }))
    .sort((a, b) => b.usd - a.usd);
}

/** Returns the grouping of a rule. @param groupBy field names in any order */
export function groupingOf(groupBy: readonly string[]): string {
  return isOfPairs(groupBy) ? pairGrouping : groupBy.toSorted().join();
}
