import { geoTableBytes } from '../../cli/geo/geo-table-bytes.ts';
import { readIp2Asn } from '../../cli/geo/read-ip2asn.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { epoch } from './flows.ts';

/** Makes a table of ranges, each as `first last asn country`. */
export function regionsOf(...ranges: readonly string[]): GeoTable {
  const lines = ranges.map((range) => `${range.split(' ').join('\t')}\tMADE-UP\n`).join('');
  const { networks, operatorNames, leftOut } = readIp2Asn(lines, 'made-up.tsv');
  if (leftOut.length > 0) throw new Error(leftOut.map(({ where, problem }) => `${where}: ${problem}`).join('\n'));
  const aws = { ipv4: [], ipv6: [] };
  return readGeoTable(geoTableBytes({ dataTime: epoch, sources: ['made-up.tsv'], networks, operatorNames, aws }));
}
