import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { EndpointNames, KnownRegion } from '../../lambda/alert/known-names.ts';
import { shortRegion } from '../../lambda/alert/where-text.ts';
import { shortName } from '../../lambda/alert/who-text.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import type { AddressHints, KnownAddress } from '../../lambda/names/known-interface.ts';

/** The most characters of a name in a table. */
const maxLength = 24;

/**
 * Returns who has the values of a key, or where they lead, for a cell of a table: `orders-db -> US AS64498`. Empty if
 * nothing is known.
 *
 * @param key addresses and interfaces, in any fields
 * @param scope the account and the VPC of the key (default: unknown)
 */
export function keyCell(
  key: Readonly<Record<string, string>>,
  scope: KeyScope | undefined,
  { names, regions }: AddressSources,
): string {
  return cellOf(
    Object.values(key).map((value) => {
      const known = names?.addressOf(value, scopeHints(scope)) ?? names?.interfaceOf(value);
      const region = regions?.lookup(value);
      return textOf(known, region && { address: value, ...region });
    }),
  );
}

/** Returns what a scope says about who has the addresses of a key. */
export function scopeHints(scope: KeyScope | undefined): AddressHints {
  const vpc = scope?.['vpc-id'];
  return { own: [], interfaces: [], vpcs: vpc === undefined ? [] : [vpc], isInVpcs: vpc !== undefined };
}

/** Returns the same for the key of an alert, by what the alert knows. */
export function alertCell(
  key: Readonly<Record<string, string>>,
  { interfaces = [], regions = [] }: Pick<EndpointNames, 'interfaces' | 'regions'>,
): string {
  return cellOf(
    Object.values(key).map((value) => {
      const known = interfaces.find(({ address, interface: id }) => address === value || id === value);
      return textOf(
        known,
        regions.find(({ address }) => address === value),
      );
    }),
  );
}

/** Returns the name of who has an address for certain, else where the address leads; undefined if neither is known. */
function textOf(known: KnownAddress | undefined, region: KnownRegion | undefined): string | undefined {
  if (known && !known.isShared) return shortName(known);
  return region && shortRegion(region);
}

function cellOf(texts: readonly (string | undefined)[]): string {
  if (texts.every((text) => text === undefined)) return '';
  return texts.map((text) => (text === undefined ? '-' : truncate(printable(text), maxLength))).join(' -> ');
}
