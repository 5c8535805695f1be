/** The ways to count, as the setting `counting` names them. */
export const countingWays = ['direct', 'journal'] as const;

/** The options of a run that say how it counts. */
export interface CountingOptions {
  /** Default: `direct`. */
  readonly counting?: (typeof countingWays)[number];
  /** With a journal: minutes from one flush to the next. Default: 5. */
  readonly countEvery?: number;
}

/** The number of lanes of a run's journal. */
export const lanesOfRun = 16;

/** Returns the seconds from one flush of the journal to the next; undefined if a run counts directly. */
export function flushSecondsOf({ counting = 'direct', countEvery = 5 }: CountingOptions): number | undefined {
  return counting === 'journal' ? countEvery * 60 : undefined;
}

/** Returns the words of a command that count the same way. */
export function countingWords({ counting = 'direct', countEvery }: CountingOptions): string[] {
  if (counting === 'direct') return [];
  return ['--counting', counting, ...(countEvery === undefined ? [] : ['--count-every', String(countEvery)])];
}
