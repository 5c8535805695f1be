import type { Evidence } from '../flow-log/evidence.ts';
import { serviceName } from '../flow-log/service-names.ts';
import { canonicalAddress } from '../networks/ip-address.ts';

/** A named list with an address, and the list's label and reason for the address. */
export interface ListedName {
  readonly list: string;
  /** The network of the list that contains the address. */
  readonly network?: string;
  readonly label?: string;
  readonly reason?: string;
}

/** Returns the named lists with an address. */
export type ListLookup = (address: string) => readonly ListedName[];

/** The known names of an alert's addresses and ports. */
export interface EndpointNames {
  readonly networks: readonly (ListedName & { readonly address: string })[];
  readonly services: readonly { readonly port: number; readonly protocol: number; readonly name: string }[];
}

/** The most networks, and the most characters of each text: a message may have 256 KiB (SNS, "Quotas"). */
const maxNetworks = 16;
const maxTextLength = 120;

/** Returns the names of the addresses in the key and the evidence, and of the ports. */
export function endpointNames(
  key: Readonly<Record<string, string>>,
  evidence: Evidence | undefined,
  lookupLists: ListLookup = () => [],
): EndpointNames {
  const valuesOf = (field: string) => evidence?.values.get(field) ?? [];
  const addresses = new Set(
    [...Object.values(key), ...valuesOf('srcaddr'), ...valuesOf('dstaddr')].filter(canonicalAddress),
  );
  const networks = [...addresses].flatMap((address) =>
    lookupLists(address).map((name) => ({ address, ...shortened(name) })),
  );
  const ports = new Set([...valuesOf('dstport'), ...valuesOf('srcport')]);
  const services = [...ports].flatMap((port) =>
    valuesOf('protocol').flatMap((protocol) => {
      const name = serviceName(port, protocol);
      return name === undefined ? [] : [{ port: Number(port), protocol: Number(protocol), name }];
    }),
  );
  return { networks: networks.slice(0, maxNetworks), services };
}

/** The most networks in the e-mail. */
const maxShown = 4;

/** Returns the first networks as text: `198.51.100.7 threat_list (a scanner: seen in March)`. */
export function listedNames({ networks }: EndpointNames): string {
  const shown = networks.slice(0, maxShown).map(({ address, list, label, reason }) => {
    const details = [label, reason].filter((text) => text !== undefined).join(': ');
    return `${address} ${list}${details === '' ? '' : ` (${details})`}`;
  });
  return [...shown, ...(networks.length > maxShown ? ['and more'] : [])].join('; ');
}

function shortened({ list, network, label, reason }: ListedName): ListedName {
  return {
    list: list.slice(0, maxTextLength),
    ...(network !== undefined && { network }),
    ...(label !== undefined && { label: label.slice(0, maxTextLength) }),
    ...(reason !== undefined && { reason: reason.slice(0, maxTextLength) }),
  };
}
