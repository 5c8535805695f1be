import { formatInteger } from '../../lambda/common/format-units.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { beginAtomicFile } from '../terminal/atomic-file.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { inputName, standardInput } from '../terminal/standard-input.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { type GeoSummary, geoSummary, summaryText } from './geo-summary.ts';
import { geoTableBytes } from './geo-table-bytes.ts';
import { joinSources } from './join-sources.ts';
import type { LeftOut } from './network-source.ts';
import { type AwsRanges, readAwsRanges } from './read-aws-ranges.ts';
import { fileName, type NetworkFile, readNetworkSource } from './read-network-source.ts';
import { warnOldData } from './warn-old-data.ts';

/** Options of `geo build`. */
export interface BuildGeoOptions {
  /** Files of iptoasn.com, and MMDB files. */
  readonly from: readonly string[];
  readonly aws?: string;
  readonly out: string;
  /** The time of the data in epoch seconds; undefined for that of the oldest file. */
  readonly date?: number;
  readonly json?: boolean;
}

/** Further bad ranges are only counted. */
const maxReported = 10;

/**
 * Writes a table from files of iptoasn.com, MMDB files and the file of AWS, and prints a summary.
 *
 * @param now epoch seconds
 * @returns whether every line was used
 * @throws InputError if a file cannot be read or written, or has ranges that overlap or no range at all
 */
export async function buildGeo({ from, aws, out, date, json }: BuildGeoOptions, now: number): Promise<boolean> {
  const inputs = [...from, ...(aws === undefined ? [] : [aws])];
  if (inputs.filter((path) => path === standardInput).length > 1)
    throw new InputError('standard input is named more than once by --from and --aws; name files instead');
  checkOutputPaths(
    [out],
    inputs.filter((path) => path !== standardInput).map((name) => ({ name })),
    'sources',
  );
  const file = await beginAtomicFile(out);
  try {
    const files = from.map(readNetworkSource);
    const dataTime = date ?? Math.min(...files.map(timeOf));
    const { networks, operatorNames, leftOut: badRanges } = joinSources(files);
    const services = aws === undefined ? undefined : readAwsRanges(readInput(aws), inputName(aws));
    const bytes = geoTableBytes({
      dataTime,
      sources: [...files.map(({ label }) => label), ...(services ? [awsSource(aws!, services)] : [])],
      networks,
      operatorNames,
      aws: services?.ranges ?? { ipv4: [], ipv6: [] },
    });
    // The summary is that of the written bytes, so a table that cannot be read is not written.
    const summary = geoSummary(readGeoTable(bytes), out, bytes.length, now);
    await file.write(bytes);
    await file.commit();
    const leftOut = [...badRanges, ...(services?.leftOut ?? [])];
    await report(summary, leftOut, json);
    return leftOut.length === 0;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function timeOf({ dataTime }: NetworkFile): number {
  if (dataTime !== undefined) return dataTime;
  throw new InputError('the date of standard input is unknown; give it by --date, such as --date 2026-11-30');
}

function awsSource(path: string, { day }: AwsRanges): string {
  const name = fileName(path);
  return day === undefined ? name : `${name} of ${day}`;
}

async function report(summary: GeoSummary, leftOut: readonly LeftOut[], json: boolean | undefined): Promise<void> {
  for (const { where, problem } of leftOut.slice(0, maxReported))
    process.stderr.write(`flow-sentinel: ${printable(`${where}: ${problem}`)}\n`);
  if (leftOut.length > 0) {
    const others = leftOut.length - maxReported;
    const more = others > 0 ? `, ${formatInteger(others)} of them not listed` : '';
    process.stderr.write(`flow-sentinel: left out ${plural(leftOut.length, 'bad range')}${more}\n`);
  }
  warnOldData(summary.file, summary);
  const document = { ...summary, leftOut: { count: leftOut.length, first: leftOut.slice(0, maxReported) } };
  await writeStdout(json ? `${JSON.stringify(document, null, 2)}\n` : summaryText(summary));
}
