import { noRefusedLimits, type RefusedCounts } from '../aggregate/refused.ts';
import type { Batch } from '../counters/batch.ts';

/** The port to the budget of refused pairs, which all invocations share. Calls reject with the errors of the counter store. */
export interface RefusedPairBudget {
  /** The maximum number of granted pairs in a minute of arrival. */
  readonly perMinute: number;
  /**
   * Grants a batch exact counters for at most `wanted` of its refused pairs. Each attempt of a batch gets the number that
   * the first one got: otherwise, an attempt would count a pair with others after another attempt counted it exactly.
   */
  grant(batch: Batch, wanted: number, signal: AbortSignal): Promise<number>;
}

/** The ports that the budget needs. */
export interface BudgetPorts {
  /** Default: none, so that every pair is exact. */
  readonly refusedPairs?: RefusedPairBudget;
  readonly deadline: AbortSignal;
}

/**
 * Returns how many refused pairs and groups a batch may count. A batch with few of them needs no grant, which would cost
 * two writes. Whether a pair is exact depends only on the batch's pairs and its grant, and so is the same at each attempt.
 */
export async function refusedLimits(
  { pairs, groups }: RefusedCounts,
  batch: Batch,
  { refusedPairs: budget, deadline }: BudgetPorts,
): Promise<RefusedCounts> {
  const exempt = budget ? exemptPairs(budget.perMinute) : Number.POSITIVE_INFINITY;
  if (!budget || Math.max(pairs, groups) <= exempt) return noRefusedLimits;
  const granted = await budget.grant(batch, Math.max(pairs, groups), deadline);
  return { pairs: pairs <= exempt ? pairs : granted, groups: Math.max(granted, exempt) };
}

/** Returns how many refused pairs a batch may have without a grant: 64, or less with a small budget. */
export function exemptPairs(perMinute: number): number {
  return Math.min(64, Math.floor(perMinute / 256));
}

/** Returns the part of the wanted pairs that is left of a minute's budget, after `reserved` pairs of other batches. */
export function leftOf(perMinute: number, reserved: number, wanted: number): number {
  return Math.max(0, Math.min(wanted, perMinute - reserved));
}
