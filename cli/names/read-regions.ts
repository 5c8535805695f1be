import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { ageWarning, geoSummary } from '../geo/geo-summary.ts';
import { readGeoFile } from '../geo/read-geo-file.ts';

/** Reads a table of `geo build`, and warns if its data is old. @throws InputError if the file is not such a table */
export function readRegions(path: string): GeoTable {
  const { table, bytes } = readGeoFile(path);
  const warning = ageWarning(geoSummary(table, path, bytes, Math.floor(Date.now() / 1000)));
  if (warning !== undefined) process.stderr.write(`flow-sentinel: ${warning}\n`);
  return table;
}
