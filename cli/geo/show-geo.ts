import { printable } from '../../lambda/common/text.ts';
import { type GeoEntry, isPublicAddress } from '../../lambda/geo/geo-table.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { table } from '../terminal/text-table.ts';
import { geoSummary, summaryText } from './geo-summary.ts';
import { readGeoFile } from './read-geo-file.ts';
import { warnOldData } from './warn-old-data.ts';

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
  const { table: geoTable, bytes } = readGeoFile(path);
  const summary = geoSummary(geoTable, path, bytes, now);
  const shown = parsed.map(
    (address): ShownAddress => ({
      address,
      public: isPublicAddress(address),
      ...geoTable.lookup(address),
    }),
  );
  warnOldData(path, summary);
  if (json) return writeStdout(`${JSON.stringify({ ...summary, addresses: shown }, null, 2)}\n`);
  await writeStdout(summaryText(summary));
  if (shown.length > 0) await writeStdout(`\n${addressTable(shown)}${note(shown)}`);
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
