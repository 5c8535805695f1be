import type { Settings } from '../../lib/settings/settings.ts';

/** The ways to count: each batch writes its counters, or a journal gathers what batches add. */
export const countingWays = ['direct', 'journal'] as const;

/** The way to count; with a journal, the minutes between two flushes and the number of lanes. */
export type Counting = Pick<Settings, 'counting' | 'countEvery' | 'countLanes'>;
