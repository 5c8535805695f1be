import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckDbDialect } from '../../../cli/hunt/duckdb-dialect.ts';
import type { FlowDatabase } from '../../../cli/hunt/flow-database.ts';
import { sqlText } from '../../../cli/hunt/load/sql-text.ts';
import { pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import { endpointValue } from '../../../lambda/flow-log/endpoints.ts';
import { type Flow, fieldOf } from '../../../lambda/flow-log/flow.ts';
import { unpackEntry } from '../../../lambda/networks/network-entry.ts';
import { NetworkTable } from '../../../lambda/networks/network-table.ts';
import { savedQueries } from '../../../lib/queries/athena-saved-queries.ts';
import { type HuntOptions, huntSql } from '../../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { directed, epoch, flowOf, lineOf } from '../../support/flows.ts';
import { databaseOf, rowsOf, rules } from './database-of.ts';

/** Each hunt is computed a second time in TypeScript over the same flows, with the same result expected. */

type Values = Record<string, string | number>;
type Row = Record<string, unknown>;

const someFlows = fc.record({
  version: fc.constant(5),
  srcaddr: fc.constantFrom('10.0.1.5', '10.0.1.6', '203.0.113.9', '198.51.100.77', '2001:db8::1', 'fd00::5', '-'),
  dstaddr: fc.constantFrom('10.0.2.7', '10.0.1.5', '198.51.100.3', 'fc00::7', '-'),
  'pkt-srcaddr': fc.constantFrom('-', '-', '10.0.1.6', '192.0.2.1'),
  'pkt-dstaddr': fc.constantFrom('-', '-', '10.0.2.8'),
  'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
  srcport: fc.constantFrom(50_000, 443, '-'),
  dstport: fc.constantFrom(22, 443, 50_000, '-'),
  protocol: fc.constantFrom(6, 17),
  bytes: fc.oneof(fc.integer({ min: 0, max: 3_000_000 }), fc.constantFrom('9007199254740993', '-')),
  packets: fc.integer({ min: 1, max: 1000 }),
  end: fc.integer({ min: epoch, max: epoch + 3 * 86_400 }),
  action: fc.constantFrom('ACCEPT', 'ACCEPT', 'REJECT', '-'),
});

const values: Values[] = [
  ...fc.sample(someFlows, { seed: 20261124, numRuns: 4000 }),
  // A beacon: a few bytes every hour for two days, at one port.
  ...Array.from({ length: 48 }, (_, hour) => ({ dstaddr: '198.51.100.44', end: epoch + hour * 3600, bytes: 500 })),
  // A source that tries a port of a host repeatedly, and one that stops early.
  ...Array.from({ length: 20 }, () => ({ srcaddr: '203.0.113.20', action: 'REJECT', dstport: 22 })),
  ...Array.from({ length: 19 }, () => ({ srcaddr: '203.0.113.19', action: 'REJECT', dstport: 22 })),
  // An interface that accepts a part of its traffic.
  ...Array.from({ length: 30 }, (_, n) => ({ dstaddr: '10.0.9.9', action: n % 3 === 0 ? 'REJECT' : 'ACCEPT' })),
  // A scan of 30 ports of one host, and one of a port of 30 hosts, some of which let it through.
  ...Array.from({ length: 30 }, (_, n) => ({ srcaddr: '203.0.113.30', dstport: 8000 + n, action: 'REJECT' })),
  ...Array.from({ length: 30 }, (_, n) => ({
    ...{ srcaddr: '10.0.3.31', dstaddr: `10.0.4.${n}`, dstport: 445 },
    ...(n < 3 ? { bytes: 100 } : n < 5 ? { start: epoch + 9, bytes: 9000 } : { action: 'REJECT' }),
  })),
  // A connection of two hours in both directions, and one with a pause of an hour.
  ...Array.from({ length: 24 }, (_, n) => ({
    ...(n % 2 === 0
      ? { dstaddr: '198.51.100.88', srcport: 51_515, bytes: 100 }
      : { srcaddr: '198.51.100.88', dstaddr: '10.0.1.5', srcport: 443, dstport: 51_515, bytes: 300 }),
    ...{ start: epoch + n * 300, end: epoch + n * 300 + 250 },
  })),
  ...[0, 600, 1200, 5000, 5600].map((at) => ({
    ...{ dstaddr: '198.51.100.89', srcport: 51_516, start: epoch + at, end: epoch + at + 500 },
  })),
  // Two hosts send to a target through a NAT gateway, which logs each record twice; only the first host logs its own.
  ...['10.0.6.1', '10.0.6.2'].flatMap((host, n) => [
    ...(n === 0 ? [{ srcaddr: host, dstaddr: '198.51.100.90', 'flow-direction': 'egress', bytes: 150_000_000 }] : []),
    {
      ...{ srcaddr: host, dstaddr: '10.0.5.1', 'pkt-srcaddr': host, 'pkt-dstaddr': '198.51.100.90' },
      ...{ 'interface-id': 'eni-0d', 'flow-direction': 'ingress', bytes: 150_000_000 },
    },
  ]),
  {
    ...{ srcaddr: '10.0.5.1', dstaddr: '198.51.100.90', 'interface-id': 'eni-0d' },
    ...{ 'flow-direction': 'egress', bytes: 300_000_000 },
  },
];
const flows = values.map((one) => flowOf(one, directed));

const day = '2026-11-24';
let database: FlowDatabase;
beforeAll(async () => {
  database = await databaseOf(
    values.map((one) => lineOf(one, directed)),
    [directed],
  );
});
afterAll(() => database.close());

async function found(name: string, parameters: string[] = [], choices: Partial<HuntOptions> = {}): Promise<Row[]> {
  const sql = huntSql(hunts.find((hunt) => hunt.name === name)!, duckDbDialect(), parameters.map(sqlText), {
    top: 1_000_000,
    ...choices,
  });
  return rowsOf(database, sql);
}

/** Returns a row for each group of flows with the same key. */
function grouped(some: readonly Flow[], key: (flow: Flow) => Row, sums: (flows: readonly Flow[]) => Row): Row[] {
  const groups = Map.groupBy(some, (flow) => JSON.stringify(key(flow)));
  return [...groups.values()].map((group) => ({ ...key(group[0]!), ...sums(group) }));
}

function expectSame(actual: readonly Row[], expected: readonly Row[]): void {
  const plain = (rows: readonly Row[]) =>
    rows
      .map((row) => Object.entries(row).map(([name, value]) => `${name}=${value}`))
      .map((cells) => cells.join(' '))
      .sort();
  expect(expected.length).toBeGreaterThan(0);
  expect(plain(actual)).toEqual(plain(expected));
}

const src = (flow: Flow) => endpointValue(flow, 'srcaddr') ?? null;
const dst = (flow: Flow) => endpointValue(flow, 'dstaddr') ?? null;
const field = (name: string) => (flow: Flow) => fieldOf(flow, name) ?? null;
const numberOf = (name: string) => (flow: Flow) => BigInt(fieldOf(flow, name) ?? 0);
const bytes = numberOf('bytes');
const isRejected = (flow: Flow) => fieldOf(flow, 'action') === 'REJECT';
const isAccepted = (flow: Flow) => fieldOf(flow, 'action') === 'ACCEPT';
const isCounted = (flow: Flow) => pairContributionOf(flow, rules.monitoredNetworks) !== undefined;
const isTraffic = (flow: Flow) =>
  isCounted(flow) || (fieldOf(flow, 'action') === undefined && fieldOf(flow, 'srcaddr') !== undefined);
const isForwarded = (flow: Flow) =>
  ['src', 'dst'].some((end) => {
    const packet = fieldOf(flow, `pkt-${end}addr`);
    const own = fieldOf(flow, `${end}addr`);
    return packet !== undefined && own !== undefined && packet !== own;
  });

/**
 * Returns the flows without those that a NAT gateway repeats, and the gateway of a pair that is logged elsewhere too.
 *
 * @param asked addresses whose own flows stay
 */
function once(some: readonly Flow[], asked: readonly string[] = []) {
  const legs = new Set<string>();
  for (const flow of flows) {
    const [own, far] = [fieldOf(flow, 'dstaddr'), fieldOf(flow, 'pkt-dstaddr')];
    if (own === undefined || far === undefined || own === far || asked.includes(own)) continue;
    const gateway = fieldOf(flow, 'interface-id');
    legs.add([gateway, own, far].join()).add([gateway, far, own].join());
  }
  const observed = some.filter((flow) => {
    const leg = ['interface-id', 'srcaddr', 'dstaddr'].map((name) => fieldOf(flow, name)).join();
    return (isTraffic(flow) || isForwarded(flow)) && src(flow) !== null && dst(flow) !== null && !legs.has(leg);
  });
  const forwardedFirst = Map.groupBy(observed, (flow) => `${src(flow)} ${dst(flow)}`);
  return [...forwardedFirst.values()].flatMap((pair) => {
    const direct = pair.filter((flow) => !isForwarded(flow));
    const gateway = pair.find(isForwarded);
    const also = direct.length > 0 && gateway ? (fieldOf(gateway, 'interface-id') ?? null) : null;
    return (direct.length > 0 ? direct : pair).map((flow) => ({ flow, also }));
  });
}

/** Returns a row for each group of flows of `once`, with the gateway that also logged them. */
function groupedOnce(
  some: ReturnType<typeof once>,
  key: (flow: Flow) => Row,
  sums: (flows: readonly Flow[]) => Row,
): Row[] {
  const gateways = new Map(some.map(({ flow, also }) => [flow, also]));
  return grouped(
    some.map(({ flow }) => flow),
    key,
    (group) => ({
      ...sums(group),
      also_seen_at: group.map((flow) => gateways.get(flow)!).find((one) => one !== null) ?? null,
    }),
  );
}
const plainFlows = (some: ReturnType<typeof once>) => some.map(({ flow }) => flow);
const sum = (some: readonly Flow[], of: (flow: Flow) => bigint) => some.reduce((total, flow) => total + of(flow), 0n);
const distinct = (some: readonly Flow[], of: (flow: Flow) => string | null) =>
  new Set(some.map(of).filter((value) => value !== null)).size;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
const end = (flow: Flow) => Number(fieldOf(flow, 'end'));
const seen = (some: readonly Flow[]) => ({
  first_seen: iso(Math.min(...some.map((flow) => Number(fieldOf(flow, 'start'))))),
  last_seen: iso(Math.max(...some.map(end))),
});
const hasBytes = (some: readonly Flow[]) => some.some((flow) => fieldOf(flow, 'bytes') !== undefined);
const passed = (some: readonly Flow[]) => {
  const isKnown = some.some((flow) => isRejected(flow) || fieldOf(flow, 'bytes') !== undefined);
  return isKnown
    ? sum(
        some.filter((flow) => !isRejected(flow)),
        bytes,
      )
    : null;
};
const port = (flow: Flow) => {
  const ports = ['srcport', 'dstport'].flatMap((name) => fieldOf(flow, name) ?? []).map(Number);
  return ports.length > 0 ? Math.min(...ports) : null;
};
const service = (flow: Flow) => ({ dstport: field('dstport')(flow), protocol: field('protocol')(flow) });
const tables = new Map(rules.lists.map(({ name, entries }) => [name, new NetworkTable(entries.map(unpackEntry))]));
const networkOf = (list: string, address: string | null) => tables.get(list)!.lookup(address ?? '', epoch)?.network;
const isInside = (address: string | null) => networkOf('internal_networks', address) !== undefined;

describe('hunts in DuckDB', () => {
  it('finds suspicious-ranges as the oracle does', async () => {
    const some = flows.filter(
      (flow) => isRejected(flow) && isCounted(flow) && networkOf('suspicious_ranges', src(flow)),
    );
    const key = (flow: Flow) => ({ src: src(flow), network: networkOf('suspicious_ranges', src(flow)) });
    const expected = grouped(some, key, (group) => ({
      rejects: group.length,
      targets: distinct(group, dst),
      ports: distinct(group, field('dstport')),
      ...seen(group),
    }));
    expectSame(await found('suspicious-ranges'), expected);
  });

  it('finds exfiltration as the oracle does', async () => {
    const some = once(flows.filter((flow) => isAccepted(flow) && !isInside(dst(flow))));
    const expected = groupedOnce(
      some,
      (flow) => ({ day: iso(end(flow)).slice(0, 10), src: src(flow), dst: dst(flow) }),
      (group) => ({ total_bytes: sum(group, bytes), flows: group.length }),
    ).filter(({ total_bytes }) => (total_bytes as bigint) > 100_000_000n);
    expectSame(await found('exfiltration'), expected);
    const through = expected.filter(({ dst }) => dst === '198.51.100.90');
    expect(through.map(({ src, total_bytes, also_seen_at }) => [src, total_bytes, also_seen_at])).toEqual([
      ['10.0.6.1', 150_000_000n, 'eni-0d'],
      ['10.0.6.2', 150_000_000n, null],
    ]);
  });

  it('finds lateral-movement as the oracle does', async () => {
    const some = flows.filter((flow) => isCounted(flow) && isInside(src(flow)) && isInside(dst(flow)));
    const key = (flow: Flow) => ({ src: src(flow), dst: dst(flow), ...service(flow), action: field('action')(flow) });
    const expected = grouped(some, key, (group) => ({
      flows: group.length,
      total_bytes: hasBytes(group) ? sum(group, bytes) : null,
    }));
    expectSame(await found('lateral-movement'), expected);
  });

  it('finds failures as the oracle does', async () => {
    const expected = grouped(
      flows.filter((flow) => isRejected(flow) && isCounted(flow)),
      (flow) => ({ src: src(flow), dst: dst(flow), ...service(flow) }),
      (group) => ({ rejects: group.length, ...seen(group) }),
    ).filter(({ rejects }) => (rejects as number) >= 20);
    expectSame(await found('failures'), expected);
  });

  it('finds beacons as the oracle does', async () => {
    const portOf = (flow: Flow, name: string) => Number(fieldOf(flow, name) ?? Number.NaN);
    const minute = (flow: Flow) => end(flow) - (end(flow) % 60);
    const mean = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0) / numbers.length;
    const calls = once(flows.filter(isAccepted)).filter(
      ({ flow }) => !isInside(dst(flow)) && portOf(flow, 'srcport') >= 32_768 && portOf(flow, 'dstport') < 32_768,
    );
    const expected = groupedOnce(
      calls,
      (flow) => ({ src: src(flow), dst: dst(flow), dstport: field('dstport')(flow) }),
      (group) => {
        const times = [...new Set(group.map(minute))].sort((a, b) => a - b);
        const waited = times.slice(1).map((time, index) => time - times[index]!);
        const average = mean(waited);
        const deviation = Math.sqrt(mean(waited.map((one) => (one - average) ** 2)));
        return {
          calls: times.length,
          mean_interval: Math.round(average),
          variation: Math.round((deviation / average) * 100) / 100,
          total_bytes: sum(group, bytes),
          first_seen: iso(times[0]!),
          last_seen: iso(times.at(-1)!),
        };
      },
    ).filter(
      ({ calls: count, total_bytes, variation }) =>
        (count as number) >= 24 && (total_bytes as bigint) < 10_000_000n && (variation as number) <= 0.5,
    );
    expectSame(await found('beacons'), expected);
    expect(expected).toMatchObject([{ dst: '198.51.100.44', calls: 48, mean_interval: 3600, variation: 0 }]);
  });

  it('finds rejected-against-accepted as the oracle does', async () => {
    const expected = grouped(
      flows.filter((flow) => isRejected(flow) || isAccepted(flow)),
      (flow) => ({ interface_id: field('interface-id')(flow), dst: dst(flow), ...service(flow) }),
      (group) => ({
        rejected: group.filter(isRejected).length,
        accepted: group.filter(isAccepted).length,
        rejected_sources: distinct(group.filter(isRejected), src),
        accepted_sources: distinct(group.filter(isAccepted), src),
      }),
    ).filter(({ rejected, accepted }) => rejected && accepted);
    expectSame(await found('rejected-against-accepted'), expected);
  });

  it('computes counters as the oracle does', async () => {
    const expected = grouped(
      flows.filter(isCounted),
      (flow) => ({ src: src(flow), dst: dst(flow) }),
      (group) => ({
        total_bytes: sum(group.filter(isAccepted), bytes),
        rejects: group.filter(isRejected).length,
      }),
    );
    expectSame(await found('counters'), expected);
  });

  it.each(['10.0.1.5', '10.0.1.6', 'fc00::7'])('finds the traffic of host %s as the oracle does', async (host) => {
    const expected = groupedOnce(
      once(
        flows.filter((flow) => src(flow) === host || dst(flow) === host),
        [host],
      ),
      (flow) => ({
        direction: src(flow) === host ? 'to' : 'from',
        peer: src(flow) === host ? dst(flow) : src(flow),
        port: port(flow),
        protocol: field('protocol')(flow),
      }),
      (group) => ({
        flows: group.length,
        rejects: group.filter(isRejected).length,
        total_bytes: passed(group),
        rejected_bytes:
          group.some((flow) => !isRejected(flow)) || hasBytes(group) ? sum(group.filter(isRejected), bytes) : null,
        ...seen(group),
      }),
    );
    expectSame(await found('host', [host]), expected);
  });

  it('finds the traffic of a pair as the oracle does', async () => {
    const ends = ['10.0.1.5', '10.0.2.7'];
    const expected = groupedOnce(
      once(
        flows.filter(
          (flow) => src(flow) !== dst(flow) && ends.includes(src(flow) ?? '') && ends.includes(dst(flow) ?? ''),
        ),
        ends,
      ),
      (flow) => ({ src: src(flow), dst: dst(flow), port: port(flow), protocol: field('protocol')(flow) }),
      (group) => ({
        flows: group.length,
        rejects: group.filter(isRejected).length,
        total_bytes: passed(group),
        packets: sum(group, numberOf('packets')),
        ...seen(group),
      }),
    );
    expectSame(await found('pair', ends), expected);
    expectSame(await found('pair', ends.toReversed()), expected);
  });

  it.each([3600, 300])('computes the timeline by %i seconds as the oracle does', async (interval) => {
    const expected = grouped(
      plainFlows(once(flows)),
      (flow) => ({ interval_start: iso(end(flow) - (end(flow) % interval)) }),
      (group) => ({
        flows: group.length,
        rejects: group.filter(isRejected).length,
        total_bytes: passed(group),
        sources: distinct(group, src),
        targets: distinct(group, dst),
      }),
    );
    expectSame(await found('timeline', [], { interval }), expected);
  });

  it('finds top-talkers as the oracle does', async () => {
    const expected = grouped(
      plainFlows(once(flows)),
      (flow) => ({ src: src(flow) }),
      (group) => ({
        total_bytes: passed(group),
        flows: group.length,
        rejects: group.filter(isRejected).length,
        targets: distinct(group, dst),
        ...seen(group),
      }),
    );
    expectSame(await found('top-talkers'), expected);
  });

  it.each(hunts)('$name gives the same rows with its SQL for Athena', async ({ name, parameters }) => {
    const addresses = ['10.0.1.5', '10.0.2.7'].slice(0, parameters.length);
    const expected = await found(name, addresses, { top: 1000 });
    const { sql } = savedQueries.find((query) => query.name === name)!;
    // Replaces functions of Trino by those of DuckDB; the networks are those of the rules.
    const translated = sql
      .replaceAll('current_date', `DATE '${day}'`)
      .replaceAll(/contains\(([\w.]+), TRY_CAST\((.+) AS ipaddress\)\)/g, 'in_network($2, $1)')
      .replaceAll('?', () => sqlText(addresses.shift()!));
    expect(expected).not.toEqual([]);
    expect(await rowsOf(database, translated)).toEqual(expected);
  });

  it.each(hunts)(
    '$name returns at most the given number of rows, and the same rows every time',
    async ({ name, parameters }) => {
      const addresses = ['10.0.1.5', '10.0.2.7'].slice(0, parameters.length);
      const once = await found(name, addresses, { top: 2 });
      const [first, second] = await found(name, addresses);
      expect(once).toEqual([first, second].filter((row) => row !== undefined));
    },
  );

  it.each(hunts)('$name reads only flows of the range', async (hunt) => {
    const addresses = ["'10.0.1.5'", "'10.0.2.7'"].slice(0, hunt.parameters.length);
    const rows = (after: number, to: number) =>
      rowsOf(database, huntSql(hunt, duckDbDialect({ after, to }), addresses, { top: 1_000_000 }));
    const last = epoch + 3 * 86_400;
    expect(await rows(last, last + 86_400)).toEqual([]);
    expect(await rows(epoch - 86_400, epoch - 1)).toEqual([]);
    expect(await rows(epoch - 1, last)).toEqual(
      await found(hunt.name, ['10.0.1.5', '10.0.2.7'].slice(0, addresses.length)),
    );
  });
});
