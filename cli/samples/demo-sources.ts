import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { contextOf } from '../context/context-of.ts';
import { readDnsLogs } from '../dns/read-dns-logs.ts';
import { geoTableBytes } from '../geo/geo-table-bytes.ts';
import { readIp2Asn } from '../geo/read-ip2asn.ts';
import { readNames } from '../names/read-names.ts';
import type { GivenSources } from '../replay/run-events.ts';
import { eventsDirectory } from './bundled-events.ts';

/** The time of the made-up data, in epoch seconds: the day before the sample events. */
const dataTime = Date.UTC(2026, 10, 23) / 1000;

/**
 * Returns made-up names of the hosts of the sample events, and made-up regions and queries of the outside addresses. It also
 * returns what else happened in the quiet hour.
 */
export async function demoSources(): Promise<GivenSources> {
  const path = join(import.meta.dirname, 'demo-regions/ip2asn.tsv');
  const { networks, operatorNames } = readIp2Asn(readFileSync(path, 'utf8'), path);
  const aws = { ipv4: [], ipv6: [] };
  return {
    names: readNames(join(import.meta.dirname, 'demo-names')),
    regions: readGeoTable(geoTableBytes({ dataTime, sources: ['made up'], networks, operatorNames, aws })),
    context: await contextOf({
      context: [join(eventsDirectory, 'quiet-hour/context')],
      names: join(import.meta.dirname, 'demo-names'),
    }),
    dns: await readDnsLogs([join(import.meta.dirname, 'demo-dns')]),
  };
}
