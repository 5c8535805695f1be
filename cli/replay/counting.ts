/** The ways to count: each batch writes its counters, or a journal gathers what batches add. */
export const countingWays = ['direct', 'journal'] as const;

/** Minutes from one flush of a journal to the next: the stack's default, whose module would slow the start of the CLI. */
export const defaultCountEvery = 5;

/** The options of a run that say how it counts. */
export interface CountingOptions {
  /** Default: `direct`. */
  readonly counting?: (typeof countingWays)[number];
  /** With a journal: minutes from one flush to the next. Default: `defaultCountEvery`. */
  readonly countEvery?: number;
}

/** The number of lanes of a run's journal. */
export const lanesOfRun = 16;

/** Returns the seconds from one flush of the journal to the next; undefined if a run counts directly. */
export function flushSecondsOf({
  counting = 'direct',
  countEvery = defaultCountEvery,
}: CountingOptions): number | undefined {
  return counting === 'journal' ? countEvery * 60 : undefined;
}

/** Returns the line that says how a run with a journal differs; empty without a journal. */
export function countingText(counting: CountingOptions): string {
  if (counting.counting !== 'journal') return '';
  const minutes = counting.countEvery ?? defaultCountEvery;
  return `  counted by a journal, countEvery ${minutes}: alerts come up to ${minutes + 1} minutes later than with direct counting\n`;
}

/** Returns the way to count of a run as members of its JSON document; none with direct counting. */
export function countingJson({ counting, countEvery = defaultCountEvery }: CountingOptions): CountingOptions {
  return counting === 'journal' ? { counting, countEvery } : {};
}

/** Returns the words of a command that count the same way. */
export function countingWords({ counting = 'direct', countEvery }: CountingOptions): string[] {
  if (counting === 'direct') return [];
  return ['--counting', counting, ...(countEvery === undefined ? [] : ['--count-every', String(countEvery)])];
}
