/** The ways to count: each batch writes its counters, or a journal gathers what batches add. */
export const countingWays = ['direct', 'journal'] as const;

/** The way to count. */
export interface Counting {
  readonly counting: (typeof countingWays)[number];
  /** With a journal: the minutes between two flushes, from 1 to 15, and the number of lanes. */
  readonly countEvery: number;
  readonly countLanes: number;
}

/** The way to count if no option says another; a setting of flow-sentinel.json is to replace it. */
export const defaultCounting: Counting = { counting: 'direct', countEvery: 5, countLanes: 16 };
