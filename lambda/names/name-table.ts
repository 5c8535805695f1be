import type { AddressHints, KnownAddress, NameSource } from './known-interface.ts';

/** The names of addresses in memory. */
export class NameTable implements NameSource {
  readonly time: number | undefined;
  readonly #byAddress = new Map<string, KnownAddress[]>();
  readonly #interfaces = new Map<string, KnownAddress>();
  readonly #vpcs = new Set<string>();

  /** @param addresses in any order; of an interface that is described several times, the latest description counts */
  constructor(addresses: readonly KnownAddress[]) {
    const latest = new Map<string, number>();
    for (const { interface: id, time = 0 } of addresses) latest.set(id, Math.max(time, latest.get(id) ?? 0));
    let oldest = Number.POSITIVE_INFINITY;
    for (const known of addresses) {
      if ((known.time ?? 0) < latest.get(known.interface)!) continue;
      if (known.time !== undefined) oldest = Math.min(oldest, known.time);
      if (!this.#interfaces.has(known.interface)) this.#interfaces.set(known.interface, known);
      if (known.vpc !== undefined) this.#vpcs.add(known.vpc);
      const ofAddress = this.#byAddress.get(known.address) ?? [];
      this.#byAddress.set(known.address, ofAddress);
      if (!ofAddress.some((other) => other.interface === known.interface)) ofAddress.push(known);
    }
    this.time = Number.isFinite(oldest) ? oldest : undefined;
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

  addressOf(address: string, { own, interfaces, vpcs, isInVpcs = false }: AddressHints): KnownAddress | undefined {
    const all = this.#byAddress.get(address) ?? [];
    if (own.length > 0) return only(all.filter((known) => own.includes(known.interface)));
    const ofFlows = only(all.filter((known) => interfaces.includes(known.interface)));
    if (ofFlows) return ofFlows;
    // Another network may have the same addresses.
    if (vpcs.length > 0 && !vpcs.some((vpc) => this.#vpcs.has(vpc))) return undefined;
    const inVpcs = all.filter(({ vpc }) => vpc !== undefined && vpcs.includes(vpc));
    return inVpcs.length > 0 || isInVpcs ? only(inVpcs) : only(all);
  }
}

/** Returns the only element; undefined if there are none, or several. */
function only<T>(elements: readonly T[]): T | undefined {
  return elements.length === 1 ? elements[0] : undefined;
}
