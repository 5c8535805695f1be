import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { readGeoFile } from '../geo/read-geo-file.ts';
import { dataAge, warnOldData } from '../geo/warn-old-data.ts';

/** Reads a table of `geo build`, and warns if its data is old. @throws InputError if the file is not such a table */
export function readRegions(path: string): GeoTable {
  const { table } = readGeoFile(path);
  warnOldData(path, dataAge(table.dataTime, Math.floor(Date.now() / 1000)));
  return table;
}
