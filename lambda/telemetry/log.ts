import type { AlertLog } from '../alert/alert-ports.ts';
import type { BatchReport } from './batch-report.ts';

/** Where the function reports what it does. */
export interface Log extends AlertLog {
  report(report: BatchReport): void;
}
