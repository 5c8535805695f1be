import type { AlertLog } from '../alert/alert-ports.ts';
import type { BatchReport } from './batch-report.ts';
import type { FlushReport } from './flush-report.ts';

/** The port to the function's log and metrics. */
export interface Log extends AlertLog {
  report(report: BatchReport): void;
  /** Reports a flush of the journal. */
  flushed(report: FlushReport): void;
}
