import { beginAtomicFile } from '../terminal/atomic-file.ts';
import type { ReportData } from './page/report-data.ts';
import { reportHtml } from './report-html.ts';

/** A report file that appears complete or not at all. */
export interface ReportFile {
  /** Writes the report and moves the file to its path. */
  write(data: ReportData): Promise<void>;
  /** Removes an uncommitted file. */
  close(): Promise<void>;
}

/**
 * Creates the file of a report before the work, so that an unwritable path is reported early.
 *
 * @throws InputError if the file cannot be written, here and in `write`
 */
export async function beginReport(path: string): Promise<ReportFile> {
  const file = await beginAtomicFile(path);
  let isCommitted = false;
  return {
    async write(data) {
      await file.write(await reportHtml(data));
      await file.commit();
      isCommitted = true;
    },
    async close() {
      if (!isCommitted) await file.discard();
    },
  };
}

/**
 * Writes a report as one HTML file.
 *
 * @throws InputError if the file cannot be written
 */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const file = await beginReport(path);
  try {
    await file.write(data);
  } finally {
    await file.close();
  }
}
