import { shortName } from '../../lambda/alert/who-text.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import type { KnownAddress, NameSource } from '../../lambda/names/known-interface.ts';

/** The most characters of a name in a table. */
const maxLength = 24;

/** Returns who has the ends of a pair, for a cell of a table: `orders-db -> -`; empty if nobody is known. */
export function pairCell({ src, dst }: { readonly src: string; readonly dst: string }, names: NameSource): string {
  const known = [src, dst].map((address) => names.addressOf(address, { interfaces: [], vpcs: [] }));
  return known.some((one) => one) ? known.map(cellOf).join(' -> ') : '';
}

/** Returns who has the values of a key, for a cell of a table. @param known who is known of the alert */
export function keyCell(key: Readonly<Record<string, string>>, known: readonly KnownAddress[]): string {
  const found = Object.values(key).map((value) =>
    known.find(({ address, interface: id }) => address === value || id === value),
  );
  return found.some((one) => one) ? found.map(cellOf).join(' -> ') : '';
}

function cellOf(known: KnownAddress | undefined): string {
  return known ? truncate(printable(shortName(known)), maxLength) : '-';
}
