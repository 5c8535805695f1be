import { describe, expect, it } from 'vitest';
import { alertsCsv, pairsCsv } from '../../../../cli/report/page/exports.ts';
import { knownAddresses } from '../../../../cli/report/page/known-addresses.ts';
import { shownAlerts } from '../../../../cli/report/page/shown-alert.ts';
import type { AddressSources } from '../../../../lambda/alert/address-sources.ts';
import { alertsOfAllRules, fewAlerts, madeUpNames, madeUpRegions, reportOf, somePairs } from '../report-fixtures.ts';

const sent = fewAlerts(await alertsOfAllRules());

function csvOf(addressSources?: AddressSources) {
  const data = reportOf(sent, somePairs, addressSources);
  const known = knownAddresses(data);
  const lines = (text: string) => text.trimEnd().split('\r\n');
  return { pairs: lines(pairsCsv(data.pairs, known)), alerts: lines(alertsCsv(shownAlerts(data.alerts), known)) };
}

const pairHeader = 'src,dst,bytes,rejects,first_seen,last_seen';

describe('the CSV of a report', () => {
  it('has no columns about addresses without a source', () => {
    const { pairs, alerts } = csvOf();
    expect(pairs[0]).toBe(pairHeader);
    expect(alerts[0]).toMatch(/,id,headline$/);
  });

  it('has columns of names only when the report has names', () => {
    const { pairs, alerts } = csvOf({ names: madeUpNames('=orders-db') });
    expect(pairs[0]).toBe(`${pairHeader},src_name,src_owner,dst_name,dst_owner`);
    expect(pairs[1]).toMatch(/^10\.0\.1\.5,10\.0\.2\.7,.*,'=orders-db,payments,web-1,$/);
    expect(alerts[0]).toMatch(/,headline,srcaddr_name,srcaddr_owner,dstaddr_name,dstaddr_owner$/);
    expect(alerts.filter((line) => line.includes(",'=orders-db,payments,")).length).toBeGreaterThan(0);
  });

  it('has columns of regions only when the report has regions', () => {
    const { pairs } = csvOf({ regions: madeUpRegions() });
    const columns = ['country', 'asn', 'operator', 'aws_region'];
    const ends = ['src', 'dst'].flatMap((end) => columns.map((column) => `${end}_${column}`));
    expect(pairs[0]).toBe([pairHeader, ...ends].join());
    const [aws] = pairs.filter((line) => line.includes(',198.51.100.100,'));
    expect(aws).toMatch(/,,,,,US,64511,MADE-UP-AWS Example of a cloud provider,eu-west-1$/);
    const [unknown] = pairs.filter((line) => line.includes(',198.51.100.140,'));
    expect(unknown).toMatch(/,,,,,,,,$/);
  });
});
