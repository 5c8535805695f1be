import { beginFile } from '../whole-file.ts';
import type { ReportData } from './report-data.ts';
import { reportHtml } from './report-html.ts';

/**
 * Writes a report as one HTML file, whole or not at all.
 *
 * @throws InputError when the file cannot be written
 */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const file = await beginFile(path);
  try {
    await file.write(await reportHtml(data));
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.keep();
}
