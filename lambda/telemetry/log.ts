import type { AlertLog } from '../alert/alert-ports.ts';
import type { BatchReport } from './batch-report.ts';

/** The port to the function's log and metrics. */
export interface Log extends AlertLog {
  report(report: BatchReport): void;
}
