import { readFileSync } from 'node:fs';
import { FlowError } from '../../lambda/common/errors.ts';
import { printable } from '../../lambda/common/text.ts';
import { type GeoEntry, type GeoTable, isPublicAddress } from '../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { table } from '../terminal/text-table.ts';
import { ageWarning, geoSummary, summaryText } from './geo-summary.ts';

/** An address, and what a table has of it. */
interface ShownAddress extends GeoEntry {
  readonly address: string;
  /** False for private and other addresses that no table knows. */
  readonly public: boolean;
}

/**
 * Prints what a table is, and what it has of addresses.
 *
 * @param now epoch seconds
 * @throws InputError if the file is not a table, or an address is invalid
 */
export async function showGeo(
  path: string,
  addresses: readonly string[],
  { json }: { readonly json?: boolean },
  now: number,
): Promise<void> {
  const parsed = addresses.map(parseAddress);
  const bytes = readBytes(path);
  const geoTable = readTable(bytes, path);
  const summary = geoSummary(geoTable, path, bytes.length, now);
  const shown = parsed.map(
    (address): ShownAddress => ({
      address,
      public: isPublicAddress(address),
      ...geoTable.lookup(address),
    }),
  );
  const warning = ageWarning(summary);
  if (warning !== undefined) process.stderr.write(`flow-sentinel: ${warning}\n`);
  if (json) return writeStdout(`${JSON.stringify({ ...summary, addresses: shown }, null, 2)}\n`);
  await writeStdout(summaryText(summary));
  if (shown.length > 0) await writeStdout(`\n${addressTable(shown)}${note(shown)}`);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}

function readTable(bytes: Uint8Array, path: string): GeoTable {
  try {
    return readGeoTable(bytes);
  } catch (error) {
    if (error instanceof FlowError && error.code === 'GEO_TABLE_INVALID')
      throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

function addressTable(shown: readonly ShownAddress[]): string {
  const rows = shown.map((one) => [
    one.address,
    one.public ? (one.country === undefined ? '-' : `${one.country} (registry)`) : 'not public',
    one.asn === undefined ? '-' : printable(`AS${one.asn} ${one.asName ?? ''}`),
    printable(one.awsRegion ?? '-'),
    printable(one.awsService ?? '-'),
  ]);
  return table(['address', 'country', 'operator', 'AWS Region', 'AWS service'], rows, []);
}

/** Says what a country means where one is shown. */
function note(shown: readonly ShownAddress[]): string {
  if (!shown.some(({ country }) => country !== undefined)) return '';
  return '\n  The country is that of the registry or the operator, not where the packets went.\n';
}
