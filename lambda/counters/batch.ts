/** What makes a batch this one, however often it comes. */
export interface Batch {
  /** Eight characters, 48 bits of a hash over the content. */
  readonly dedupToken: string;
  /** Eight characters more, that tell two batches with one token apart where a batch would not be counted at all. */
  readonly check?: string;
  /** When the last of its records came in, in epoch seconds. */
  readonly arrival: number;
}

/** The minute of a batch's arrival, since the epoch. */
export function minuteOf({ arrival }: Batch): number {
  return Math.floor(arrival / 60);
}
