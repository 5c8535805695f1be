import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { FlowWindow } from '../../lambda/alert/dns-source.ts';
import type { EndpointNames, KnownRegion } from '../../lambda/alert/known-names.ts';
import { shortRegion } from '../../lambda/alert/where-text.ts';
import { shortName } from '../../lambda/alert/who-text.ts';
import { printable, truncate, truncateStart } from '../../lambda/common/text.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import type { AddressHints, KnownAddress } from '../../lambda/names/known-interface.ts';

/** The most characters of a name in a table. */
const maxLength = 24;

/**
 * Returns who has the values of a key, the names that hosts asked for, or where the values lead, for a cell of a table:
 * `orders-db -> US AS64498`. Empty if nothing is known.
 *
 * @param key addresses and interfaces, in any fields
 * @param scope the account and the VPC of the key (default: unknown)
 * @param window the time of the key's flows
 */
export function keyCell(
  key: Readonly<Record<string, string>>,
  scope: KeyScope | undefined,
  { names, regions, dns }: AddressSources,
  window: FlowWindow,
): string {
  const values = Object.values(key);
  const hints = scopeHints(scope);
  return cellOf(
    values.map((value) => {
      const known = names?.addressOf(value, hints) ?? names?.interfaceOf(value);
      const asked = values.flatMap((host) => {
        const found = dns?.namesFor(host, value, window, hints.vpcs);
        return found?.askedBy === host ? found.names : [];
      });
      const region = regions?.lookup(value);
      return textOf(known, asked[0]?.name, region && { address: value, ...region });
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
  { interfaces = [], regions = [], dns = [] }: Pick<EndpointNames, 'interfaces' | 'regions' | 'dns'>,
): string {
  const values = Object.values(key);
  return cellOf(
    values.map((value) => {
      const known = interfaces.find(({ address, interface: id }) => address === value || id === value);
      const asked = dns.find(({ address, host, askedBy }) => {
        return address === value && askedBy === host && values.includes(host);
      });
      return textOf(
        known,
        asked?.names[0]?.name,
        regions.find(({ address }) => address === value),
      );
    }),
  );
}

/** Returns the name of who has an address for certain, else the name that was asked for, else where the address leads. */
function textOf(
  known: KnownAddress | undefined,
  asked: string | undefined,
  region: KnownRegion | undefined,
): string | undefined {
  if (known && !known.isShared) return shortName(known);
  if (asked !== undefined) return truncateStart(asked, maxLength);
  return region && shortRegion(region);
}

function cellOf(texts: readonly (string | undefined)[]): string {
  if (texts.every((text) => text === undefined)) return '';
  return texts.map((text) => (text === undefined ? '-' : truncate(printable(text), maxLength))).join(' -> ');
}
