import { beginAtomicFile } from '../terminal/atomic-file.ts';
import type { ReportData } from './page/report-data.ts';
import { reportHtml } from './report-html.ts';

/** A report that is being made: its file is there whole or not at all. */
export interface ReportFile {
  /** Writes the report, and puts the file into its place. */
  write(data: ReportData): Promise<void>;
  /** Clears away what is not in its place. */
  close(): Promise<void>;
}

/**
 * Begins the file of a report, so that one learns before the work whether it can be written.
 *
 * @throws InputError when the file cannot be written, here and in `write`
 */
export async function beginReport(path: string): Promise<ReportFile> {
  const file = await beginAtomicFile(path);
  let isKept = false;
  return {
    async write(data) {
      await file.write(await reportHtml(data));
      await file.commit();
      isKept = true;
    },
    async close() {
      if (!isKept) await file.discard();
    },
  };
}

/**
 * Writes a report as one HTML file.
 *
 * @throws InputError when the file cannot be written
 */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const file = await beginReport(path);
  try {
    await file.write(data);
  } finally {
    await file.close();
  }
}
