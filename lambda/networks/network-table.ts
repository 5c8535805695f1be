import { detachString } from '../common/detach-string.ts';
import { addressGroups, groupMask, parseNetwork } from './ip-address.ts';
import type { NetworkEntry } from './network-entry.ts';

/** The entries of one prefix length, by the bits of their prefix. */
interface Prefixes {
  readonly length: number;
  readonly entries: Map<number | string, NetworkEntry>;
}

/** Most flows share a few addresses; the limit bounds the memory in a flood of others. */
const maxCached = 5000;

/**
 * Finds the smallest network that contains an address. A lookup takes one step for each prefix length in the table, for
 * any number of networks.
 */
export class NetworkTable {
  /** The number of distinct networks. */
  readonly size: number;
  /** True if an entry can expire: only then does a lookup need a time. */
  readonly hasExpiringEntries: boolean;
  /** By the number of 16-bit groups of an address (IPv4 two, IPv6 eight), the longest prefixes first. */
  readonly #prefixes: ReadonlyMap<number, readonly Prefixes[]>;
  readonly #containing = new Map<string, readonly NetworkEntry[]>();

  /** Skips an entry that is not a network. Of entries for the same network, the last to expire counts. */
  constructor(entries: Iterable<NetworkEntry>) {
    const prefixes = new Map<number, Map<number, Prefixes>>();
    for (const entry of entries) {
      const network = parseNetwork(entry.network);
      if ('problem' in network) continue;
      const { groups, length } = network;
      const lengths = prefixes.get(groups.length) ?? new Map<number, Prefixes>();
      prefixes.set(groups.length, lengths);
      const { entries: sameLength } = lengths.get(length) ?? { entries: new Map<number | string, NetworkEntry>() };
      lengths.set(length, { length, entries: sameLength });
      const prefix = prefixOf(groups, length);
      const other = sameLength.get(prefix);
      if (!other || expiryOf(entry) > expiryOf(other)) sameLength.set(prefix, entry);
    }
    const lists = [...prefixes].map(([groups, lengths]) => [groups, longestFirst(lengths.values())] as const);
    this.#prefixes = new Map(lists);
    this.hasExpiringEntries = lists.some(([, lengths]) =>
      lengths.some((prefix) => prefix.entries.values().some(canExpire)),
    );
    this.size = lists.flatMap(([, lengths]) => lengths).reduce((sum, prefix) => sum + prefix.entries.size, 0);
  }

  /**
   * Returns the smallest network that contains the address and has not expired; undefined if no network does, or the
   * text is not an address.
   *
   * @param time epoch seconds; without a time, no entry counts as expired
   */
  lookup(address: string, time: number | undefined): NetworkEntry | undefined {
    if (this.size === 0) return undefined;
    const containing = this.#lookupAll(address);
    return time === undefined ? containing[0] : containing.find((entry) => time < expiryOf(entry));
  }

  /** Returns whether a network contains the address, expired or not. Remembers nothing, for addresses that rarely repeat. */
  has(address: string): boolean {
    if (this.size === 0) return false;
    const groups = addressGroups(address);
    const prefixes = groups && this.#prefixes.get(groups.length);
    return prefixes?.some(({ length, entries }) => entries.has(prefixOf(groups!, length))) ?? false;
  }

  /** Returns the entries of all networks that contain the address, the smallest network first. */
  #lookupAll(address: string): readonly NetworkEntry[] {
    const cached = this.#containing.get(address);
    if (cached) return cached;
    const groups = addressGroups(address);
    const prefixes = (groups && this.#prefixes.get(groups.length)) ?? [];
    const containing: NetworkEntry[] = [];
    for (const { length, entries } of prefixes) {
      const entry = entries.get(prefixOf(groups!, length));
      if (entry) containing.push(entry);
    }
    if (this.#containing.size >= maxCached) this.#containing.clear();
    this.#containing.set(detachString(address), containing);
    return containing;
  }
}

function longestFirst(prefixes: Iterable<Prefixes>): Prefixes[] {
  return [...prefixes].sort((a, b) => b.length - a.length);
}

function canExpire(entry: NetworkEntry): boolean {
  return Number.isFinite(expiryOf(entry));
}

function expiryOf({ expires }: NetworkEntry): number {
  return expires ?? Number.POSITIVE_INFINITY;
}

/** Returns the first bits of an address: for IPv4 a whole number, for IPv6 text with a character for each group. */
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
