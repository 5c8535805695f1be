import type { RuleSet } from '../../lambda/rules/model.ts';
import { type BillBasis, billOf } from './bill.ts';
import { trafficOfRules } from './counter-costs.ts';

/** What the setting `geoTable` adds to the bill. */
export interface GeoCost {
  /** The number of rules that are on with the table only. */
  readonly rules: number;
  /** US dollars a month. */
  readonly usd: number;
}

/**
 * Returns what the geo table of a usage adds to the bill: the counters and metrics of its rules, and its alarms. Undefined
 * without a table. The requests to S3 cost less than two cents a month for each process.
 *
 * @param others the rules that need no table
 */
export function geoCostOf(others: RuleSet, ...[usage, traffic, machine, prices]: BillBasis): GeoCost | undefined {
  if (!usage.geoTable) return undefined;
  const without = { ...usage, geoTable: false, rules: others.rules.length };
  const usd =
    billOf(usage, traffic, machine, prices).usd - billOf(without, trafficOfRules(traffic, others), machine, prices).usd;
  return { rules: usage.rules - others.rules.length, usd };
}
