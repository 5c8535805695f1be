import type { AskedFlows, DnsSource, KnownQuery } from '../../lambda/alert/dns-source.ts';
import { endpointValue } from '../../lambda/flow-log/endpoints.ts';
import { type Flow, quantityOf } from '../../lambda/flow-log/flow.ts';
import { parseAddressWords } from '../../lambda/geo/address-words.ts';
import { isPublic } from '../../lambda/geo/public-address.ts';
import { isInAnyNetwork, type Network } from '../../lambda/networks/ip-address.ts';

/** The most entries: an alert has at most eight flows. */
const maxQueries = 8;

/**
 * Returns the names that led the ends of an alert's flows to each other. Addresses that no host asked for come first, then
 * those that the host asked for itself.
 */
export function askedQueries(
  { key, evidence, window, insideNetworks }: AskedFlows,
  namesFor: DnsSource['namesFor'],
): KnownQuery[] {
  const samples = evidence?.samples ?? [];
  const vpcs = evidence?.values.get('vpc-id') ?? [];
  const ends = [[key.srcaddr, key.dstaddr], ...samples.map(endsOf)];
  const pairs = new Map<string, Pair>();
  for (const [src, dst] of ends) {
    if (src === undefined || dst === undefined) continue;
    pairs.set(`${src} ${dst}`, { host: src, address: dst });
    pairs.set(`${dst} ${src}`, { host: dst, address: src });
  }
  const isTelling = (query: KnownQuery) => {
    const { host, address, askedBy } = query;
    if (askedBy === host) return true;
    return isOutside(address, insideNetworks) && (askedBy !== undefined || began(samples, host, address));
  };
  const known = [...pairs.values()].flatMap((pair) => {
    const found = namesFor(pair.host, pair.address, window, vpcs);
    return found ? { address: pair.address, host: pair.host, ...found } : [];
  });
  return known
    .filter(isTelling)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, maxQueries);
}

type Pair = Pick<KnownQuery, 'host' | 'address'>;

function endsOf(flow: Flow): [string | undefined, string | undefined] {
  return [endpointValue(flow, 'srcaddr'), endpointValue(flow, 'dstaddr')];
}

function rankOf(query: KnownQuery): number {
  if (query.askedBy === undefined) return 0;
  return query.askedBy === query.host ? 1 : 2;
}

function isOutside(address: string, insideNetworks: readonly Network[] = []): boolean {
  const words = new Uint32Array(4);
  const count = parseAddressWords(address, words);
  return count > 0 && isPublic(words[0]!, count === 1) && !isInAnyNetwork(address, insideNetworks);
}

/** The first port that Linux gives to the end that begins a connection (ip(7), ip_local_port_range). */
const firstEphemeralPort = 32_768;

/** Returns whether the ports of all flows from a host to an address say that the host began. */
function began(flows: readonly Flow[], host: string, address: string): boolean {
  const between = flows.filter((flow) => {
    const [src, dst] = endsOf(flow);
    return src === host && dst === address;
  });
  const portOf = (flow: Flow, field: string) => Number(quantityOf(flow, field) ?? Number.NaN);
  const isOfClient = (flow: Flow) =>
    portOf(flow, 'srcport') >= firstEphemeralPort && portOf(flow, 'dstport') < firstEphemeralPort;
  return between.length > 0 && between.every(isOfClient);
}
