import type { GeoEntry } from '../../../lambda/geo/geo-table.ts';
import type { AddressFacts, NamedInterface, ReportedAddresses } from './report-data.ts';

/** The facts about addresses as columns: each address is an index into those of the pairs, and equal facts are stored once. */
export interface AddressColumns extends Omit<ReportedAddresses, 'addresses'> {
  /** Indexes into `addresses` of the pairs; the address itself if no pair has it. */
  readonly of: readonly (number | string)[];
  readonly interfaces: readonly NamedInterface[];
  /** For each address an index into `interfaces`; -1 without a name. */
  readonly who: readonly number[];
  readonly regions: readonly GeoEntry[];
  /** For each address an index into `regions`; -1 without a region. */
  readonly region: readonly number[];
}

/** Converts facts to columns. @param pairAddresses `addresses` of the columns of the pairs */
export function writeAddressColumns(
  { addresses, ...rest }: ReportedAddresses,
  pairAddresses: readonly string[],
): AddressColumns {
  const indexes = new Map(pairAddresses.map((address, index) => [address, index]));
  const [interfaces, regions] = [new Interned<NamedInterface>(), new Interned<GeoEntry>()];
  return {
    ...rest,
    of: addresses.map(({ address }) => indexes.get(address) ?? address),
    who: addresses.map(({ who }) => interfaces.indexOf(who)),
    region: addresses.map(({ region }) => regions.indexOf(region)),
    interfaces: interfaces.values,
    regions: regions.values,
  };
}

/** Converts columns to facts. */
export function readAddressColumns(columns: AddressColumns, pairAddresses: readonly string[]): ReportedAddresses {
  const { of, interfaces, who, regions, region, ...rest } = columns;
  const addresses = of.map((address, row): AddressFacts => {
    const [named, place] = [interfaces[who[row]!], regions[region[row]!]];
    return {
      address: typeof address === 'number' ? pairAddresses[address]! : address,
      ...(named && { who: named }),
      ...(place && { region: place }),
    };
  });
  return { ...rest, addresses };
}

/** The distinct ones of some values. */
class Interned<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  /** Returns the index of a value; -1 for undefined. */
  indexOf(value: T | undefined): number {
    if (value === undefined) return -1;
    const text = JSON.stringify(value);
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    this.#indexes.set(text, this.values.length);
    return this.values.push(value) - 1;
  }
}
