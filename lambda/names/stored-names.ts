import type { AddressHints, KnownAddress, NameSource, UnknownInterface } from './known-interface.ts';
import { isOld, type NameEntry } from './name-entry.ts';
import { type NameKey, nameKeyText } from './name-key.ts';

/** The names that were read for the alerts of a batch. */
export class StoredNames implements NameSource {
  readonly time: number | undefined;
  readonly #read: ReadonlySet<string>;
  readonly #entries: ReadonlyMap<string, NameEntry>;
  readonly #now: number;

  /**
   * @param read the keys that the table was asked for and answered
   * @param entries by the text of their keys
   * @param now epoch seconds
   */
  constructor(read: readonly NameKey[], entries: ReadonlyMap<string, NameEntry>, now: number) {
    this.#read = new Set(read.map(nameKeyText));
    this.#entries = entries;
    this.#now = now;
    const times = [...entries.values()].flatMap(({ holder }) => holder?.time ?? []);
    this.time = times.length === 0 ? undefined : Math.min(...times);
  }

  interfaceOf(id: string): KnownAddress | undefined {
    return this.#holdersOf({ interface: id })[0];
  }

  addressOf(address: string, { own, interfaces, vpcs }: AddressHints): KnownAddress | undefined {
    const places = vpcs.length > 0 ? vpcs : interfaces;
    const ofPlaces = places.flatMap((place) => this.#holdersOf({ address, place }));
    const ofFlows = interfaces.flatMap((id) =>
      this.#holdersOf({ interface: id }).filter((one) => one.address === address),
    );
    // The entry of the address comes first: it knows who had the address before.
    const all = [...ofPlaces, ...ofFlows];
    if (own.length > 0) return onlyHolder(all.filter((one) => own.includes(one.interface)));
    const known = onlyHolder(all.filter((one) => interfaces.includes(one.interface)));
    if (known) return known;
    const ofAddress = onlyHolder(all);
    const isUncertain = places.some((place) => isOld(this.#entries.get(nameKeyText({ address, place })), this.#now));
    return ofAddress && isUncertain ? { ...ofAddress, isOld: true } : ofAddress;
  }

  unknownInterface(id: string): UnknownInterface | undefined {
    const key = nameKeyText({ interface: id });
    if (!this.#read.has(key)) return undefined;
    const { reason, time } = this.#entries.get(key)?.missing ?? {};
    return reason && time !== undefined
      ? { interface: id, result: reason, time }
      : { interface: id, result: 'pending' };
  }

  /** Returns the addresses of an entry with their holder; of an address, at most one. */
  #holdersOf(key: NameKey): KnownAddress[] {
    const { holder, addresses, before, seenSince, goneAt } = this.#entries.get(nameKeyText(key)) ?? { addresses: [] };
    if (!holder) return [];
    const history = before && seenSince !== undefined && { before, seenSince };
    return addresses.map((one) => ({ ...holder, ...one, ...history, ...(goneAt !== undefined && { goneAt }) }));
  }
}

/** Returns the first of some descriptions if all are of one interface: no name is better than a wrong one. */
function onlyHolder(known: readonly KnownAddress[]): KnownAddress | undefined {
  const [first, ...others] = known;
  return others.every((one) => one.interface === first!.interface) ? first : undefined;
}
