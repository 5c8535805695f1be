import { type AddressNumber, addressOf } from '../../cli/geo/address-range.ts';
import { geoTableBytes, type NetworkRange } from '../../cli/geo/geo-table-bytes.ts';
import { type Random, seededRandom } from '../../events/scenarios/random.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { counted, type Part, timesThePeer } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';
import { fullSize, generateGeoContent } from './geo-content.ts';

/** Measures the look-up of an address in a table of countries and operators, from its text to its entry. */
export const lookUpRegions: Part = {
  number: '8b',
  title: 'the country and operator of an address, against a bare binary search',
  async run(bench) {
    const lookups = bench.isQuick ? 20_000 : 200_000;
    const content = generateGeoContent(bench.isQuick ? { ipv4: 4000, ipv6: 2000, operators: 800 } : fullSize);
    const bytes = geoTableBytes(content);
    const [named, unnamed] = [readGeoTable(bytes), readGeoTable(bytes, { names: false })];
    const { ipv4, ipv6 } = content.networks;
    const random = seededRandom(3);
    const ipv4Queries = addressesIn(ipv4, 32, lookups, random);
    const ipv6Queries = addressesIn(ipv6, 128, lookups, random);
    const starts = Uint32Array.from(ipv4, ({ first }) => Number(first));
    const numbers = Uint32Array.from(ipv4Queries, ({ value }) => Number(value));
    bench.say(`${formatInteger(lookups)} look-ups in each, among ${formatInteger(ipv4.length + ipv6.length)} ranges`);
    let found = 0;
    const contestant = (work: () => void) => async () => ({ ns: (1e9 / lookups) * (await processorSeconds(work)) });
    const lookUp = (table: typeof named, texts: readonly string[]) =>
      contestant(() => {
        for (const text of texts) if (table.lookup(text)) found += 1;
      });
    const [ipv4Texts, ipv6Texts] = [ipv4Queries.map(addressOf), ipv6Queries.map(addressOf)];
    const measured = await compare(
      {
        bare: contestant(() => {
          for (const number of numbers) if (lastStart(starts, number) >= 0) found += 1;
        }),
        ipv4: lookUp(unnamed, ipv4Texts),
        ipv6: lookUp(unnamed, ipv6Texts),
        named: lookUp(named, ipv4Texts),
      },
      { rounds: bench.isQuick ? 1 : 9, warmUp: 2 },
    );
    bench.say(`${formatInteger(found)} found in total`);
    const against = 'against a binary search of an IPv4 number: processor time (ns)';
    const peer = measured.bare.ns;
    const target = { compare: '<=', value: 6 } as const;
    bench.add(
      timesThePeer({
        id: '8b',
        name: `country and operator of IPv4, ${against}`,
        ours: measured.ipv4.ns,
        peer,
        target,
      }),
    );
    bench.add(timesThePeer({ id: '8b', name: `the same of IPv6, ${against}`, ours: measured.ipv6.ns, peer, target }));
    bench.add(
      timesThePeer({
        id: '8b',
        name: `the same of IPv4 with names, ${against}`,
        ours: measured.named.ns,
        peer,
        target,
      }),
    );
    const size = bench.isQuick ? {} : { target: { compare: '<=', value: 16e6 } as const };
    bench.add(counted({ id: '8b', name: 'the table: bytes', ours: bytes.length, ...size }));
  },
};

function addressesIn(
  ranges: readonly NetworkRange[],
  bits: AddressNumber['bits'],
  count: number,
  random: Random,
): AddressNumber[] {
  return Array.from({ length: count }, () => {
    const { first, last } = random.pick(ranges);
    return { bits, value: (first + last) / 2n };
  });
}

/** Returns the index of the last start that is not after a number; -1 if all are. */
function lastStart(starts: Uint32Array, number: number): number {
  let [from, to] = [0, starts.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (starts[middle]! > number) to = middle;
    else from = middle + 1;
  }
  return from - 1;
}
