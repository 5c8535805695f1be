import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { beginAtomicFile } from '../terminal/atomic-file.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { showProgress } from '../terminal/progress.ts';
import { inputName, standardInput } from '../terminal/standard-input.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { ageWarning, type GeoSummary, geoSummary, summaryText } from './geo-summary.ts';
import { geoTableBytes } from './geo-table-bytes.ts';
import { type AwsRanges, readAwsRanges } from './read-aws-ranges.ts';
import { type Ip2Asn, type LeftOut, readIp2Asn } from './read-ip2asn.ts';

/** Options of `geo build`. */
export interface BuildGeoOptions {
  readonly from: string;
  readonly aws?: string;
  readonly out: string;
  /** The time of the data in epoch seconds; undefined for the modification time of the file. */
  readonly date?: number;
  readonly json?: boolean;
}

/** Further bad ranges are only counted. */
const maxReported = 10;

/**
 * Writes a table from the file of iptoasn.com and the file of AWS, and prints a summary.
 *
 * @param now epoch seconds
 * @returns whether every line was used
 * @throws InputError if a file cannot be read or written, or has ranges that overlap or no range at all
 */
export async function buildGeo({ from, aws, out, date, json }: BuildGeoOptions, now: number): Promise<boolean> {
  const inputs = [from, ...(aws === undefined ? [] : [aws])];
  if (inputs.length > 1 && inputs.every((path) => path === standardInput))
    throw new InputError('--from and --aws both name standard input; name a file for one of them');
  checkOutputPaths(
    [out],
    inputs.filter((path) => path !== standardInput).map((name) => ({ name })),
    'sources',
  );
  const dataTime = date ?? modificationTime(from);
  const file = await beginAtomicFile(out);
  try {
    const operators = readOperators(from);
    const services = aws === undefined ? undefined : readAwsRanges(readInput(aws), inputName(aws));
    const bytes = geoTableBytes({
      dataTime,
      sources: [fileName(from), ...(services ? [awsSource(aws!, services)] : [])],
      networks: operators.networks,
      operatorNames: operators.operatorNames,
      aws: services?.ranges ?? { ipv4: [], ipv6: [] },
    });
    // The summary is that of the written bytes, so a table that cannot be read is not written.
    const summary = geoSummary(readGeoTable(bytes), out, bytes.length, now);
    await file.write(bytes);
    await file.commit();
    const leftOut = [...operators.leftOut, ...(services?.leftOut ?? [])];
    await report(summary, leftOut, json);
    return leftOut.length === 0;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function modificationTime(path: string): number {
  if (path === standardInput)
    throw new InputError('the date of standard input is unknown; give it by --date, such as --date 2026-11-30');
  try {
    return Math.max(0, Math.floor(statSync(path).mtimeMs / 1000));
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}

function readOperators(path: string): Ip2Asn {
  const name = inputName(path);
  const text = readInput(path);
  const progress = showProgress(`Reading ${name}`, text.length);
  try {
    const read = readIp2Asn(text, name, (characters) => progress.update(characters));
    if (read.networks.ipv4.length + read.networks.ipv6.length > 0) return read;
    const [first] = read.leftOut;
    const reason = first ? `: ${first.where}: ${first.problem}` : '';
    throw new InputError(`${name} has no ranges, expected ip2asn-combined.tsv of https://iptoasn.com/${reason}`);
  } finally {
    progress.end();
  }
}

function awsSource(path: string, { day }: AwsRanges): string {
  const name = fileName(path);
  return day === undefined ? name : `${name} of ${day}`;
}

/** Returns the name of a source in one line: the table lists a source each line. */
function fileName(path: string): string {
  return printable(basename(inputName(path)));
}

async function report(summary: GeoSummary, leftOut: readonly LeftOut[], json: boolean | undefined): Promise<void> {
  for (const { where, problem } of leftOut.slice(0, maxReported))
    process.stderr.write(`flow-sentinel: ${printable(`${where}: ${problem}`)}\n`);
  if (leftOut.length > 0) {
    const others = leftOut.length - maxReported;
    const more = others > 0 ? `, ${formatInteger(others)} of them not listed` : '';
    process.stderr.write(`flow-sentinel: left out ${plural(leftOut.length, 'bad range')}${more}\n`);
  }
  const warning = ageWarning(summary);
  if (warning !== undefined) process.stderr.write(`flow-sentinel: ${warning}\n`);
  const document = { ...summary, leftOut: { count: leftOut.length, first: leftOut.slice(0, maxReported) } };
  await writeStdout(json ? `${JSON.stringify(document, null, 2)}\n` : summaryText(summary));
}
