import type { GeoContent, NetworkRange } from '../../cli/geo/geo-table-bytes.ts';
import { type Random, seededRandom } from '../../events/scenarios/random.ts';

/** The numbers of a generated table. */
interface GeoSizes {
  readonly ipv4: number;
  readonly ipv6: number;
  readonly operators: number;
}

/** The sizes of a table of the internet, with more ranges than iptoasn.com had in 2026. */
export const fullSize: GeoSizes = { ipv4: 400_000, ipv6: 200_000, operators: 84_000 };

/** Generates made-up ranges of public addresses with gaps, the same at each call: any sizes, some within a /64. */
export function generateGeoContent({ ipv4, ipv6, operators }: GeoSizes): GeoContent {
  const random = seededRandom(5);
  const countries = Array.from({ length: 240 }, () => letter(random) + letter(random));
  const operator = () => 64_496 + random.below(operators);
  // From 11.0.0.0 until 99.255.255.255 there is no network for special purposes.
  const space = 89 * 2 ** 24;
  const mean = space / ipv4 / 2;
  const ranges = (count: number, first: bigint, sizeOf: () => bigint, gapOf: () => bigint): NetworkRange[] => {
    let next = first;
    return Array.from({ length: count }, () => {
      if (random.below(4) === 0) next += gapOf();
      const range = { first: next, last: next + sizeOf() - 1n, country: random.pick(countries), asn: operator() };
      next = range.last + 1n;
      return random.below(100) === 0 ? { ...range, country: undefined } : range;
    });
  };
  const size = () => BigInt(1 + random.below(2 * mean));
  const size6 = () =>
    random.below(100) === 0 ? BigInt(1 + random.below(2 ** 31)) : 2n ** BigInt(64 + random.below(30));
  const operatorNames = Array.from({ length: operators }, (_, index) => {
    return [64_496 + index, `OPERATOR-${index} Made-up operator ${index}`] as const;
  });
  return {
    dataTime: 1_795_910_400,
    sources: ['made-up.tsv'],
    networks: {
      ipv4: ranges(ipv4, BigInt(11 * 2 ** 24), size, size),
      ipv6: ranges(ipv6, 0x2400n << 112n, size6, size6),
    },
    operatorNames: new Map(operatorNames),
    aws: { ipv4: [], ipv6: [] },
  };
}

function letter(random: Random): string {
  return String.fromCharCode(65 + random.below(26));
}
