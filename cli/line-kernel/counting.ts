import type { Network } from '../../lambda/networks/ip-address.ts';
import type { TimeRange } from '../flow-files/time-range.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import type { PairSums } from './pair-sums.ts';

/** The sums and counts to add to, and the networks by which duplicate observations are detected. */
export interface Counting {
  readonly monitoredNetworks: readonly Network[];
  readonly sums: PairSums;
  readonly counts: FlowCounts;
  /** Limits the flows by their end (default: all flows). */
  readonly range?: TimeRange | undefined;
}
