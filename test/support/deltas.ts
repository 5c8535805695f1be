import { type ArrivedFlow, aggregate } from '../../lambda/aggregate/aggregate.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Returns the updates that flows make to counters. */
export function deltasOf(flows: readonly ArrivedFlow[], rules: LoadedRules): KeyDelta[] {
  return [...aggregate(flows, rules).deltas];
}
