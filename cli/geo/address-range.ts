import { addressGroups, addressText } from '../../lambda/networks/ip-address.ts';

/** An address as a number of 32 or 128 bits. */
export interface AddressNumber {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Addresses from the first to the last, both included. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Ranges of each kind of address, ascending and without overlaps. */
export interface ByFamily<Range extends AddressRange> {
  readonly ipv4: readonly Range[];
  readonly ipv6: readonly Range[];
}

/** Parses an address to a number; undefined if the text is not an address. */
export function addressNumber(text: string): AddressNumber | undefined {
  const groups = addressGroups(text);
  if (!groups) return undefined;
  return { bits: groups.length === 2 ? 32 : 128, value: numberOfGroups(groups) };
}

/** Returns the number of an address. @param groups see addressGroups */
export function numberOfGroups(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => value * 65_536n + BigInt(group), 0n);
}

/** Formats a number as an address. */
export function addressOf({ bits, value }: AddressNumber): string {
  const groups = Array.from({ length: bits / 16 }, (_, index) =>
    Number((value >> BigInt(bits - 16 * (index + 1))) & 0xffffn),
  );
  return addressText(groups);
}
