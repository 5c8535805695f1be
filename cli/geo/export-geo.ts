import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { byteSize, formatInteger } from '../../lambda/common/format-units.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { exportLines } from './export-rows.ts';
import { geoSummary } from './geo-summary.ts';
import { readGeoFile } from './read-geo-file.ts';
import { warnOldData } from './warn-old-data.ts';

/** Options of `geo export`. */
export interface ExportGeoOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Lines are compressed and written in parts of about this many characters. */
const partLength = 65_536;

/**
 * Writes the ranges of a table as tab-separated values, compressed with gzip if the name ends with `.gz`.
 *
 * @param now epoch seconds
 * @throws InputError if the table cannot be read, or the file cannot be written
 */
export async function exportGeo(path: string, { out, json }: ExportGeoOptions, now: number): Promise<void> {
  checkOutputPaths([out], [{ name: path }], 'tables');
  const { table, bytes: tableBytes } = readGeoFile(path);
  const file = await beginAtomicFile(out);
  try {
    const written = await writeTable(table, file, out.endsWith('.gz'));
    await file.commit();
    const summary = geoSummary(table, path, tableBytes, now);
    warnOldData(path, summary);
    const { date, ageDays, sources } = summary;
    const document = { file: out, ...written, date, ageDays, sources };
    await writeStdout(json ? `${JSON.stringify(document, null, 2)}\n` : textOf(document));
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function writeTable(table: GeoTable, file: AtomicFile, isCompressed: boolean) {
  const written = { bytes: 0, rows: -1 };
  async function* parts(): AsyncGenerator<string> {
    let part = '';
    for (const line of exportLines(table)) {
      written.rows += 1;
      part += line;
      if (part.length < partLength) continue;
      yield part;
      part = '';
    }
    yield part;
  }
  const write = async (chunks: AsyncIterable<Uint8Array | string>) => {
    for await (const chunk of chunks) {
      const bytes = Buffer.from(chunk);
      written.bytes += bytes.length;
      await file.write(bytes);
    }
  };
  await (isCompressed ? pipeline(parts, createGzip(), write) : pipeline(parts, write));
  return written;
}

function textOf(document: {
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly date: string;
  readonly ageDays: number;
  readonly sources: readonly string[];
}): string {
  const { file, bytes, rows, date, ageDays, sources } = document;
  return [
    `${file}: ${byteSize(bytes)}`,
    `  rows        ${formatInteger(rows)}`,
    `  data        ${date}, ${plural(ageDays, 'day')} old`,
    `  sources     ${sources.map(printable).join(', ')}`,
    '',
  ].join('\n');
}
