import { type ArrivedFlow, aggregate } from '../lambda/core/aggregate.ts';
import type { KeyDelta } from '../lambda/core/delta-builder.ts';
import type { LoadedRules } from '../lambda/sigma/load.ts';

/** What flows add to each counter. */
export function deltasOf(flows: Iterable<ArrivedFlow>, rules: LoadedRules): KeyDelta[] {
  return [...aggregate(flows, rules).deltas];
}
