import { detachString } from '../common/detach-string.ts';
import { addressGroups, groupMask, parseNetwork } from './ip-address.ts';
import type { NetworkEntry } from './network-entry.ts';

/** The networks of one prefix length, by the bits of their prefixes. */
interface Prefixes {
  readonly length: number;
  readonly entries: Map<number | string, NetworkEntry>;
}

/** The same few addresses come again and again; a flood of others must not fill the memory. */
const maxRemembered = 5000;

/**
 * Finds the networks that an address lies in, the smallest first. Looking one up takes a step for each prefix length
 * that the table has, however many networks there are.
 */
export class NetworkTable {
  /** How many networks it holds, each once. */
  readonly size: number;
  /** Whether some entry does not hold for ever: only then does a look-up need a time. */
  readonly hasExpiringEntries: boolean;
  /** Of IPv4 and of IPv6, by the number of 16-bit groups of an address; the longest prefixes first. */
  readonly #prefixes: ReadonlyMap<number, readonly Prefixes[]>;
  readonly #remembered = new Map<string, readonly NetworkEntry[]>();

  /** What is no network is left out. Of entries for the same network, the one that holds the longest counts. */
  constructor(entries: Iterable<NetworkEntry>) {
    const prefixes = new Map<number, Map<number, Prefixes>>();
    for (const entry of entries) {
      const network = parseNetwork(entry.network);
      if ('problem' in network) continue;
      const { groups, length } = network;
      const lengths = prefixes.get(groups.length) ?? new Map<number, Prefixes>();
      prefixes.set(groups.length, lengths);
      const { entries: known } = lengths.get(length) ?? { entries: new Map<number | string, NetworkEntry>() };
      lengths.set(length, { length, entries: known });
      const prefix = prefixOf(groups, length);
      const other = known.get(prefix);
      if (!other || endOf(entry) > endOf(other)) known.set(prefix, entry);
    }
    const lists = [...prefixes].map(([groups, lengths]) => [groups, longestFirst(lengths.values())] as const);
    this.#prefixes = new Map(lists);
    this.hasExpiringEntries = lists.some(([, lengths]) => lengths.some((one) => one.entries.values().some(isBounded)));
    this.size = lists.flatMap(([, lengths]) => lengths).reduce((sum, { entries: known }) => sum + known.size, 0);
  }

  /**
   * The smallest network that holds the address and has not expired; undefined where there is none, or the text is no
   * address.
   *
   * @param time epoch seconds; undefined for no time at all, at which nothing has expired
   */
  lookup(address: string, time: number | undefined): NetworkEntry | undefined {
    if (this.size === 0) return undefined;
    const holding = this.#holding(address);
    return time === undefined ? holding[0] : holding.find((entry) => time < endOf(entry));
  }

  #holding(address: string): readonly NetworkEntry[] {
    const remembered = this.#remembered.get(address);
    if (remembered) return remembered;
    const groups = addressGroups(address);
    const prefixes = (groups && this.#prefixes.get(groups.length)) ?? [];
    const holding: NetworkEntry[] = [];
    for (const { length, entries } of prefixes) {
      const entry = entries.get(prefixOf(groups!, length));
      if (entry) holding.push(entry);
    }
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(detachString(address), holding);
    return holding;
  }
}

function longestFirst(prefixes: Iterable<Prefixes>): Prefixes[] {
  return [...prefixes].sort((a, b) => b.length - a.length);
}

function isBounded(entry: NetworkEntry): boolean {
  return Number.isFinite(endOf(entry));
}

function endOf({ expires }: NetworkEntry): number {
  return expires ?? Number.POSITIVE_INFINITY;
}

/** The first bits of an address: of IPv4 as a whole number, of IPv6 a character for each group that has some of them. */
function prefixOf(groups: readonly number[], length: number): number | string {
  if (groups.length === 2) {
    return ((groups[0]! & groupMask(length, 0)) << 16) | (groups[1]! & groupMask(length, 1));
  }
  let prefix = '';
  for (let index = 0; index * 16 < length; index += 1) {
    prefix += String.fromCharCode(groups[index]! & groupMask(length, index));
  }
  return prefix;
}
