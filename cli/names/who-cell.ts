import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { EndpointNames } from '../../lambda/alert/known-names.ts';
import { shortRegion } from '../../lambda/alert/where-text.ts';
import { shortName } from '../../lambda/alert/who-text.ts';
import { printable, truncate } from '../../lambda/common/text.ts';

/** The most characters of a name in a table. */
const maxLength = 24;

/**
 * Returns who has the values of a key, or where they lead, for a cell of a table: `orders-db -> US AS64498`. Empty if
 * nothing is known.
 *
 * @param key addresses and interfaces, in any fields
 */
export function keyCell(key: Readonly<Record<string, string>>, { names, regions }: AddressSources): string {
  return cellOf(
    Object.values(key).map((value) => {
      const known = names?.addressOf(value, { interfaces: [], vpcs: [] }) ?? names?.interfaceOf(value);
      if (known) return shortName(known);
      const region = regions?.lookup(value);
      return region && shortRegion({ address: value, ...region });
    }),
  );
}

/** Returns the same for the key of an alert, by what the alert knows. */
export function alertCell(
  key: Readonly<Record<string, string>>,
  { interfaces = [], regions = [] }: Pick<EndpointNames, 'interfaces' | 'regions'>,
): string {
  return cellOf(
    Object.values(key).map((value) => {
      const known = interfaces.find(({ address, interface: id }) => address === value || id === value);
      if (known) return shortName(known);
      const region = regions.find(({ address }) => address === value);
      return region && shortRegion(region);
    }),
  );
}

function cellOf(texts: readonly (string | undefined)[]): string {
  if (texts.every((text) => text === undefined)) return '';
  return texts.map((text) => (text === undefined ? '-' : truncate(printable(text), maxLength))).join(' -> ');
}
