import { seededRandom } from '../../events/scenarios/random.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { NetworkTable } from '../../lambda/networks/network-table.ts';
import { type Part, timesThePeer } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';

/** Most entries of threat lists are single addresses. */
const prefixLengths = [32, 32, 32, 32, 32, 24, 24, 22, 20, 16];

/** Measures the look-up of an address in a list of networks. */
export const lookUpNetworks: Part = {
  number: '8',
  title: 'an address among 100,000 networks, against one among 100',
  async run(bench) {
    const lookups = bench.isQuick ? 20_000 : 200_000;
    const [few, many] = [tableOf(100), tableOf(100_000)];
    // More addresses than the cache of a table, a tenth of them frequent, as in real traffic.
    const random = seededRandom(3);
    const addresses = Array.from({ length: 50_000 }, () => addressOf(random.below(2 ** 31)));
    const queries = Array.from(
      { length: lookups },
      () => addresses[Math.floor((random.below(2 ** 30) / 2 ** 30) ** 3 * 50_000)]!,
    );
    bench.say(`${formatInteger(lookups)} look-ups in each`);
    let found = 0;
    const run = (table: NetworkTable) => async () => ({
      ns:
        (1e9 / lookups) *
        (await processorSeconds(() => {
          for (const address of queries) if (table.lookup(address, undefined)) found += 1;
        })),
    });
    const measured = await compare({ many: run(many), few: run(few) }, { rounds: bench.isQuick ? 1 : 9, warmUp: 2 });
    bench.say(`${formatInteger(found)} found in total`);
    bench.add(
      timesThePeer({
        id: '8',
        name: 'a look-up among 100,000 networks, against 100: processor time (ns)',
        ours: measured.many.ns,
        peer: measured.few.ns,
        target: { compare: '<=', value: 3 },
      }),
    );
  },
};

function tableOf(size: number): NetworkTable {
  const { below, pick } = seededRandom(2);
  return new NetworkTable(
    Array.from({ length: size }, () => {
      const length = pick(prefixLengths);
      const host = below(2 ** 31);
      return {
        network: `${addressOf(length === 32 ? host : Math.floor(host / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`,
      };
    }),
  );
}

function addressOf(host: number): string {
  return [host >>> 24, (host >>> 16) & 255, (host >>> 8) & 255, host & 255].join('.');
}
