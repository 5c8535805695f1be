import type { Settings } from '../../lib/settings/settings.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';
import { type Bill, billOf } from './bill.ts';
import { type Alternative, alternativesOf } from './comparison.ts';
import { type ContextCost, contextCostOf } from './context-costs.ts';
import { type CounterCost, counterCosts, trafficOfRules } from './counter-costs.ts';
import { type CountingAdvice, countingAdviceOf } from './counting-ways.ts';
import { type GeoCost, geoCostOf } from './geo-costs.ts';
import { meanTraffic, readMeasured, type Traffic } from './measured-traffic.ts';
import { type NameCost, nameCostOf } from './name-costs.ts';
import type { PriceList } from './price-list.ts';
import { type Capacity, capacityOf, monthWith, type Saving, savingsOf } from './savings.ts';
import { type TagCost, tagCostOf, trafficWithTags } from './tag-costs.ts';
import { type Usage, usageOf } from './usage.ts';

export interface CostOptions extends Partial<Omit<Usage, 'recordsPerDay' | 'pairsPerDay'>> {
  readonly recordsPerDay?: readonly number[];
  readonly pairs?: number;
  /** The measured style of traffic; default: the mean of all styles. */
  readonly traffic?: string;
  /** A region whose price list comes with the program; default: us-east-1. */
  readonly region?: string;
  /** A file with a price list, instead of a region. */
  readonly prices?: string;
  /** The stage of flow-sentinel.json whose settings apply if no option replaces them. */
  readonly stage?: string;
  readonly json?: boolean;
}

/** The bill of one volume, and the changes that would lower the bill. */
export interface CostAnswer {
  readonly usage: Usage;
  readonly bill: Bill;
  readonly capacity: Capacity;
  /** The counters by grouping, the dearest first. */
  readonly counters: readonly CounterCost[];
  readonly savings: readonly Saving[];
  /** What the setting `tagFields` adds; undefined without tag fields. */
  readonly tags?: TagCost;
  /** What the setting `geoTable` adds; undefined without a table. */
  readonly geo?: GeoCost;
  /** What the setting `names` adds; undefined without it. */
  readonly names?: NameCost;
  /** What the setting `context` adds; undefined without it. */
  readonly context?: ContextCost;
  /** The ways to count, and the recommended one. */
  readonly counting: CountingAdvice;
  /** Other services, for the same records. */
  readonly alternatives: readonly Alternative[];
}

/** Computes the answers in the order of the volumes; options replace settings. */
export function costsOf(
  { recordsPerDay = [], pairs, traffic, ...setup }: Omit<CostOptions, 'stage' | 'json' | 'region' | 'prices'>,
  settings: Settings,
  priceList: PriceList,
): CostAnswer[] {
  if (recordsPerDay.length === 0)
    throw new InputError('--records-per-day is missing: give the number of flow records a day, such as 100M');
  const { machine, styles } = readMeasured();
  const ruleSet = compileRuleDirectory(undefined, undefined, {
    hasRegions: settings.geoTable !== undefined,
    hasContext: settings.context,
  });
  const others = compileRuleDirectory();
  const untagged = trafficOfRules(trafficOf(styles, traffic), ruleSet);
  return recordsPerDay.map((volume) => {
    const { tagFields, ...ofSettings } = usageOf(settings);
    const basic: Usage = { ...ofSettings, ...setup, recordsPerDay: volume, pairsPerDay: pairs };
    // The setting does not change the records of a log group.
    const usage = tagFields !== undefined && basic.wayIn === 'flow-logs' ? { ...basic, tagFields } : basic;
    const measured = trafficWithTags(untagged, usage.tagFields);
    const tags = tagCostOf(usage, untagged, machine, priceList);
    const geo = geoCostOf(others, usage, measured, machine, priceList);
    const bill = billOf(usage, measured, machine, priceList);
    const names = nameCostOf(usage, bill.lines);
    const context = contextCostOf(usage, bill.lines);
    const capacity = capacityOf(usage, bill, priceList);
    const counters = counterCosts(bill.load, ruleSet, priceList);
    const savings = savingsOf(usage, measured, machine, priceList);
    const alternatives = alternativesOf(usage, measured, bill, ruleSet, priceList);
    const counting = countingAdviceOf(usage, measured, machine, priceList);
    return {
      usage,
      bill,
      capacity,
      counters,
      savings,
      ...(tags && { tags }),
      ...(geo && { geo }),
      ...(names && { names }),
      ...(context && { context }),
      counting,
      alternatives,
    };
  });
}

function trafficOf(styles: Readonly<Record<string, Traffic>>, name: string | undefined): Traffic {
  return name === undefined ? meanTraffic(Object.values(styles)) : styles[name]!;
}

/** Returns the month's bill if its writes are paid for in another way. */
export function withWrites({ bill, capacity }: CostAnswer, way: 'reservedOneYearUsd' | 'provisionedUsd'): number {
  return monthWith(bill, capacity[way]);
}
