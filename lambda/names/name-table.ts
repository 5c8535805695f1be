import type { AddressHints, KnownAddress, NameSource } from './known-interface.ts';

/** The names of addresses in memory. */
export class NameTable implements NameSource {
  readonly time: number | undefined;
  readonly #byAddress = new Map<string, KnownAddress[]>();
  readonly #interfaces = new Map<string, KnownAddress>();
  readonly #vpcs = new Set<string>();

  /** @param addresses in any order; of an interface that is described several times, the latest description counts */
  constructor(addresses: Iterable<KnownAddress>) {
    let time = Number.POSITIVE_INFINITY;
    for (const known of addresses) {
      const first = this.#interfaces.get(known.interface);
      if (!first || isLater(known, first)) this.#interfaces.set(known.interface, known);
      if (known.vpc !== undefined) this.#vpcs.add(known.vpc);
      if (known.time !== undefined) time = Math.min(time, known.time);
      const ofAddress = this.#byAddress.get(known.address) ?? [];
      this.#byAddress.set(known.address, ofAddress);
      const index = ofAddress.findIndex((other) => other.interface === known.interface);
      if (index < 0) ofAddress.push(known);
      else if (isLater(known, ofAddress[index]!)) ofAddress[index] = known;
    }
    this.time = Number.isFinite(time) ? time : undefined;
  }

  /** The number of interfaces. */
  get size(): number {
    return this.#interfaces.size;
  }

  /** All addresses of all interfaces. */
  get addresses(): KnownAddress[] {
    return [...this.#byAddress.values()].flat();
  }

  interfaceOf(id: string): KnownAddress | undefined {
    return this.#interfaces.get(id);
  }

  addressOf(address: string, { interfaces, vpcs }: AddressHints): KnownAddress | undefined {
    const all = this.#byAddress.get(address) ?? [];
    const ofFlows = all.find((known) => interfaces.includes(known.interface));
    if (ofFlows) return ofFlows;
    // Another network may have the same addresses.
    if (vpcs.length > 0 && !vpcs.some((vpc) => this.#vpcs.has(vpc))) return undefined;
    return only(all.filter(({ vpc }) => vpc !== undefined && vpcs.includes(vpc))) ?? only(all);
  }
}

/** Returns whether an address was described after another. */
function isLater(known: KnownAddress, other: KnownAddress): boolean {
  return (known.time ?? 0) > (other.time ?? 0);
}

/** Returns the only element; undefined if there are none, or several. */
function only<T>(elements: readonly T[]): T | undefined {
  return elements.length === 1 ? elements[0] : undefined;
}
