import type { AlertReport } from './alert-report.ts';

/** What a flush has done, and how late it is. */
export interface FlushNumbers {
  /** The lanes that this process flushed, and the lanes that another process held. */
  readonly lanes: number;
  readonly lanesHeldElsewhere: number;
  readonly pages: number;
  readonly countersTouched: number;
  /** The age of the oldest page that is not counted, in seconds; 0 without one. */
  readonly uncountedSeconds: number;
  /** How far a page's clock is ahead of this process's clock, in seconds. */
  readonly aheadSeconds: number;
  /** The earliest of the latest ends of the counted keys, in epoch seconds; undefined without keys. */
  readonly earliestEnd: number | undefined;
}

/** A flush of the journal in numbers. */
export interface FlushReport extends FlushNumbers, AlertReport {
  /** Why lanes are not flushed, or alerts not published: the next flush tries again. */
  readonly problems: readonly string[];
}
