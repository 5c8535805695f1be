import { noRefusedLimits, type RefusedCounts } from '../aggregate/refused.ts';
import { FlowError } from '../common/errors.ts';
import type { Batch } from '../counters/batch.ts';

/** The port to the budget of refused pairs, which all invocations share. Calls reject with the errors of the counter store. */
export interface RefusedPairBudget {
  /** The maximum number of granted pairs in a minute of arrival. */
  readonly perMinute: number;
  /** Reserves refused pairs of the batch's minute. Returns how many of them the budget has left. */
  reserve(batch: Batch, wanted: number, signal: AbortSignal): Promise<number>;
  /** Stores a grant with the batch, unless an attempt has stored one already. Returns the stored one. */
  settle(batch: Batch, proposed: RefusedGrant, signal: AbortSignal): Promise<RefusedGrant>;
}

/** The choice of an attempt, which every other attempt of the batch repeats: otherwise it would count pairs again. */
export interface RefusedGrant {
  /** How many refused pairs, and how many groups of refused sources, are exact: `everyPair` for all. */
  readonly granted: number;
  /** The hash of the networks that decide which pairs are refused: see hashOfNetworks in aggregate/refused.ts. */
  readonly networks: string;
}

/** The ports that the budget needs. */
export interface BudgetPorts {
  /** Default: none, so that every pair is exact. */
  readonly refusedPairs?: RefusedPairBudget;
  readonly deadline: AbortSignal;
}

/**
 * Returns how many refused pairs and groups a batch may count. A batch with few of them needs no grant, which would cost
 * two writes. A retry repeats the choice of the first attempt: without a stored grant, that one counts every pair exactly.
 *
 * @param networks the hash of the networks that decide which pairs are refused
 * @throws FlowError `COUNT_FAILED` if an attempt with another hash has counted some pairs together
 */
export async function refusedLimits(
  { pairs, groups }: RefusedCounts,
  batch: Batch,
  isRetry: boolean,
  networks: string,
  { refusedPairs: budget, deadline }: BudgetPorts,
): Promise<RefusedCounts> {
  if (!budget) return noRefusedLimits;
  const wanted = Math.max(pairs, groups);
  const exempt = exemptPairs(budget.perMinute);
  if (!isRetry && wanted <= exempt) return noRefusedLimits;
  const left = isRetry ? wanted : await budget.reserve(batch, wanted, deadline);
  const granted = left >= wanted ? everyPair : Math.max(left, exempt);
  const grant = await budget.settle(batch, { granted, networks }, deadline);
  if (grant.granted === everyPair) return noRefusedLimits;
  if (grant.networks !== networks) {
    throw new FlowError(
      'COUNT_FAILED',
      'the internal or monitored networks have changed since an attempt counted refused pairs of this batch together: deploy the former networks, and redrive the batch',
    );
  }
  return { pairs: grant.granted, groups: grant.granted };
}

/** The grant of a batch whose refused pairs are all exact. */
export const everyPair = Number.MAX_SAFE_INTEGER;

/** Returns how many refused pairs a batch may have without a grant: 64, or less with a small budget. */
export function exemptPairs(perMinute: number): number {
  return Math.min(64, Math.floor(perMinute / 256));
}

/** Returns the part of the wanted pairs that is left of a minute's budget, after `reserved` pairs of other batches. */
export function leftOf(perMinute: number, reserved: number, wanted: number): number {
  return Math.max(0, Math.min(wanted, perMinute - reserved));
}
