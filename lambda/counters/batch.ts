import type { Scope } from '../flow-log/scope.ts';

/** The identity of a batch, the same at each attempt. */
export interface Batch {
  /** Eight characters: three bits of a version and 45 bits of a hash over the content (parse/batch-identity.ts). */
  readonly dedupToken: string;
  /** Eight more characters, which distinguish two batches with the same token before one of them is skipped as counted. */
  readonly check?: string;
  /** Arrival of the batch's last record, in epoch seconds. */
  readonly arrival: number;
  /** The scope of this attempt's rules; the counters have that of the first attempt: see BatchStart. */
  readonly scope?: Scope | undefined;
}

/** Returns the minute of a batch's arrival, counted from the epoch. */
export function minuteOf({ arrival }: Batch): number {
  return Math.floor(arrival / 60);
}
