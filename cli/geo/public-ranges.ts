import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { type AddressRange, numberOfGroups } from './address-range.ts';

/** The networks of lambda/geo/public-address.ts, ascending. A test compares the two for each /24. */
const notPublicIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '224.0.0.0/3',
];

/** Returns the ranges of public addresses, ascending. */
export function publicRanges(bits: 32 | 128): AddressRange[] {
  if (bits === 128) return [rangeOf('2000::/3')];
  const gaps = notPublicIpv4.map(rangeOf);
  return gaps.slice(1).map(({ first }, index) => ({ first: gaps[index]!.last + 1n, last: first - 1n }));
}

function rangeOf(prefix: string): AddressRange {
  const network = parseNetwork(prefix);
  if ('problem' in network) throw new Error(network.problem);
  const first = numberOfGroups(network.groups);
  return { first, last: first + (1n << BigInt(16 * network.groups.length - network.length)) - 1n };
}
