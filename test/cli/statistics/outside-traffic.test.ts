import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReportCollector } from '../../../cli/report/report-collector.ts';
import { type OutsideFlow, type OutsideRow, OutsideTrafficCounter } from '../../../cli/statistics/outside-traffic.ts';
import type { AddressSources } from '../../../lambda/alert/address-sources.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import type { Flow } from '../../../lambda/flow-log/flow.ts';
import type { GeoEntry } from '../../../lambda/geo/geo-table.ts';
import { readAddresses } from '../../../lambda/names/describe-answers.ts';
import { NameTable } from '../../../lambda/names/name-table.ts';
import { described } from '../../support/describe-answers.ts';
import { directed, epoch, flowOf, lakeRowOf } from '../../support/flows.ts';
import { fewRules, monitored } from '../../support/rules.ts';

/** What the table of the tests knows; 203.0.113.9 and 2001:db8::2 are not in it. */
const entries: Readonly<Record<string, GeoEntry>> = {
  '198.51.100.1': { country: 'DE', asn: 64_496, asName: 'A' },
  '198.51.100.2': { country: 'DE', asn: 64_497, asName: 'B' },
  '198.51.100.3': { country: 'US', asn: 64_511, awsRegion: 'eu-west-1', awsService: 'S3' },
  '198.51.100.4': { country: 'US', asn: 64_511 },
  '2001:db8::1': { country: 'DE', asn: 64_496, asName: 'A' },
};
const inside = ['10.0.1.5', '10.0.1.6', '192.168.1.1', '203.0.113.80'];
const all = [...inside, ...Object.keys(entries), '203.0.113.9', '2001:db8::2'];

/** An interface of the account has 203.0.113.80. */
const names = new NameTable(
  readAddresses(
    { NetworkInterfaces: [described({ PrivateIpAddress: '203.0.113.80', PrivateIpAddresses: [] })] },
    new Map(),
    epoch,
  ),
);

const regions = { dataTime: epoch, lookup: (address: string) => entries[address] };
const anyAddress = fc.constantFrom(...all);
const anyValues = fc.record({
  srcaddr: fc.oneof(anyAddress, fc.constant('-')),
  dstaddr: fc.oneof(anyAddress, fc.constant('-')),
  'pkt-srcaddr': fc.oneof(anyAddress, fc.constant('-')),
  action: fc.constantFrom('ACCEPT', 'ACCEPT', 'REJECT', '-'),
  bytes: fc.constantFrom('40', '1500', '-', '9223372036854775807'),
  'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
  start: fc.integer({ min: epoch, max: epoch + 900 }),
  end: fc.integer({ min: epoch + 900, max: epoch + 1800 }),
});

function placeOf({ country, asn, awsRegion }: GeoEntry | OutsideRow): string {
  return `${country} ${asn} ${awsRegion}`;
}

function total(quantities: readonly Quantity[]): Quantity {
  return quantities.reduce(addQuantity, 0);
}

/** Counts the flows of each place one by one, from the definition of a counted flow. */
function slowRows(flows: readonly Flow[], networks: (typeof fewRules)['monitoredNetworks']) {
  const isOutside = (address: string) => !inside.includes(address);
  const counted = flows.flatMap((flow) => {
    const pair = pairContributionOf(flow, networks);
    if (!pair || isOutside(pair.src) === isOutside(pair.dst)) return [];
    const isOut = isOutside(pair.dst);
    const [outside, host] = isOut ? [pair.dst, pair.src] : [pair.src, pair.dst];
    const [start, end] = ['start', 'end'].map((name) => Number(flow.values[flow.format.names.indexOf(name as never)]));
    return [{ ...pair, isOut, outside, host, start: start!, end: end!, place: placeOf(entries[outside] ?? {}) }];
  });
  return Object.fromEntries(
    [...Map.groupBy(counted, ({ place }) => place)].map(([place, ofPlace]) => [
      place,
      {
        bytesOut: total(ofPlace.filter(({ isOut }) => isOut).map(({ bytes }) => bytes)),
        bytesIn: total(ofPlace.filter(({ isOut }) => !isOut).map(({ bytes }) => bytes)),
        flows: ofPlace.length,
        rejects: ofPlace.filter(({ rejects }) => rejects > 0).length,
        insideHosts: new Set(ofPlace.map(({ host }) => host)).size,
        outsideAddresses: new Set(ofPlace.map(({ outside }) => outside)).size,
        firstSeen: Math.min(...ofPlace.map(({ start }) => start)),
        lastSeen: Math.max(...ofPlace.map(({ end }) => end)),
      },
    ]),
  );
}

function sumsOf({ country: _c, asn: _n, asName: _a, awsRegion: _r, ...sums }: OutsideRow) {
  return sums;
}

function flow(src: string, dst: string, bytes: Quantity, rejects = 0): OutsideFlow {
  return { src, dst, bytes, rejects, start: undefined, end: undefined };
}

describe('the outside traffic of a report', () => {
  it.each([
    ['without monitored networks', fewRules],
    ['with monitored networks, so that duplicate observations count once', monitored(fewRules)],
  ])('has the sums of a slow count of any flows %s', (_name, rules) => {
    fc.assert(
      fc.property(fc.array(anyValues, { maxLength: 60 }), (values) => {
        const flows = values.map((one) => flowOf(one, directed));
        const addressSources = { names, regions };
        const collector = new ReportCollector(rules, [directed], { withHosts: true, addressSources });
        for (const one of flows) {
          collector.delivered(lakeRowOf({ kind: 'flow', flow: one }, rules.monitoredNetworks), epoch);
        }
        const { outside } = collector.finish({ command: '', hunt: { words: [] }, sources: [], pairs: [] });
        const rows = outside!.rows.map((row) => [placeOf(row), sumsOf(row)]);
        expect(Object.fromEntries(rows)).toEqual(slowRows(flows, rules.monitoredNetworks));
        const pairs = flows.flatMap((one) => pairContributionOf(one, rules.monitoredNetworks) ?? []);
        const isOutside = (address: string) => !inside.includes(address);
        expect(outside!.outsideFlows).toBe(pairs.filter(({ src, dst }) => isOutside(src) && isOutside(dst)).length);
        const out = outside!.rows.map(({ bytesOut }) => bytesOut);
        expect(out).toEqual(out.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      }),
      { numRuns: 200 },
    );
  });

  it('is absent when there is no table of regions, or no report is written', () => {
    const reportOf = (withHosts: boolean, addressSources: AddressSources) =>
      new ReportCollector(fewRules, [directed], { withHosts, addressSources }).finish({
        ...{ command: '', hunt: { words: [] }, sources: [], pairs: [] },
      });
    expect(reportOf(true, { names })).not.toHaveProperty('outside');
    expect(reportOf(false, { regions })).not.toHaveProperty('outside');
    expect(reportOf(true, { regions })).toHaveProperty('outside');
  });
});

describe('OutsideTrafficCounter', () => {
  it('looks each address up once, whatever the number of its flows', () => {
    const asked: string[] = [];
    const lookup = (address: string) => {
      asked.push(address);
      return entries[address];
    };
    const counter = new OutsideTrafficCounter({ regions: { dataTime: epoch, lookup } }, []);
    for (let n = 0; n < 100; n += 1) {
      counter.add(flow('10.0.1.5', '198.51.100.1', 1));
      counter.add(flow('203.0.113.9', '10.0.1.5', 1));
    }
    expect(asked).toEqual(['198.51.100.1', '203.0.113.9']);
  });

  it('merges operators to a row of their country when there are too many rows, with the same sums', () => {
    const anyFlow = fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), fc.nat(30), fc.nat(9), fc.boolean());
    fc.assert(
      fc.property(fc.array(anyFlow, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (given, max) => {
        const lookup = (address: string): GeoEntry => {
          const n = Number(address.split('.')[3]);
          return { country: n % 2 === 0 ? 'DE' : 'US', asn: n };
        };
        const counter = new OutsideTrafficCounter({ regions: { dataTime: epoch, lookup } }, []);
        for (const [host, n, bytes, isOut] of given) {
          const outside = `198.51.100.${n}`;
          counter.add(isOut ? flow(host, outside, bytes) : flow(outside, host, bytes));
        }
        const { rows: every } = counter.read();
        const { rows } = counter.read(max);
        expect(rows.length).toBeLessThanOrEqual(max + 2);
        for (const name of ['bytesOut', 'bytesIn', 'flows', 'outsideAddresses'] as const) {
          expect(total(rows.map((row) => row[name]))).toBe(total(every.map((row) => row[name])));
        }
        expect(total(rows.map(({ operators = 1 }) => operators))).toBe(every.length);
        for (const { operators, country, insideHosts } of rows) {
          if (operators === undefined) continue;
          const listed = new Set(rows.map(({ asn }) => asn));
          const merged = given.filter(([, n]) => !listed.has(n) && (n % 2 === 0 ? 'DE' : 'US') === country);
          expect(insideHosts).toBe(new Set(merged.map(([host]) => host)).size);
        }
      }),
    );
  });

  it('bounds hostile texts of the table', () => {
    const lookup = () => ({ asn: 1, asName: `\u202e<b>${'long'.repeat(500)}`, awsRegion: `\u0000${'x'.repeat(900)}` });
    const counter = new OutsideTrafficCounter({ regions: { dataTime: epoch, lookup } }, []);
    counter.add(flow('10.0.0.1', '198.51.100.1', 1));
    const [row] = counter.read().rows;
    expect(row!.asName).toMatch(/^\?<b>long.*\.\.\.$/);
    expect(row!.asName).toHaveLength(64);
    expect(row!.awsRegion).toHaveLength(64);
  });
});
