import { aggregate, type Collected, collect } from '../../lambda/aggregate/aggregate.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { type ArrivedFlow, rowsOf } from '../../lambda/flow-log/flow-rows.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Returns the updates that flows make to counters. */
export function deltasOf(flows: readonly ArrivedFlow[], rules: LoadedRules): KeyDelta[] {
  return [...aggregate(flows, rules).deltas];
}

/** Collects separate flows: see collect. */
export function collectFlows(
  flows: readonly ArrivedFlow[],
  rules: LoadedRules,
  ...options: Parameters<typeof collect> extends [unknown, unknown, ...infer Rest] ? Rest : never
): Collected {
  return collect(rules.columnsOf(rowsOf(flows)), rules, ...options);
}
