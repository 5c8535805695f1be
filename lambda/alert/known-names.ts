import type { Evidence } from '../flow-log/evidence.ts';
import { serviceName } from '../flow-log/service-names.ts';
import { canonicalAddress } from '../networks/ip-address.ts';

/** A named list that an address is on, and what the list says of it. */
export interface ListedName {
  readonly list: string;
  /** The network on the list that the address lies in. */
  readonly network?: string;
  readonly label?: string;
  readonly reason?: string;
}

/** The lists that an address is on; empty for none. */
export type ListLookup = (address: string) => readonly ListedName[];

/** What the addresses and ports of an alert are known as. */
export interface EndpointNames {
  readonly networks: readonly (ListedName & { readonly address: string })[];
  readonly services: readonly { readonly port: number; readonly protocol: number; readonly name: string }[];
}

/** A message may have 256 KiB (SNS, "Quotas"): so many addresses' networks are named, each text cut after so much. */
const maxNetworks = 16;
const maxLength = 120;

/** The names of the addresses in a key and of those seen, and of the ports that were the targets. */
export function endpointNames(
  key: Readonly<Record<string, string>>,
  evidence: Evidence | undefined,
  lookupLists: ListLookup = () => [],
): EndpointNames {
  const seen = (field: string) => evidence?.values.get(field) ?? [];
  const addresses = new Set([...Object.values(key), ...seen('srcaddr'), ...seen('dstaddr')].filter(canonicalAddress));
  const networks = [...addresses].flatMap((address) =>
    lookupLists(address).map((name) => ({ address, ...shortened(name) })),
  );
  const services = seen('dstport').flatMap((port) =>
    seen('protocol').flatMap((protocol) => {
      const name = serviceName(port, protocol);
      return name === undefined ? [] : [{ port: Number(port), protocol: Number(protocol), name }];
    }),
  );
  return { networks: networks.slice(0, maxNetworks), services };
}

/** So many of the names are shown to people. */
const maxShown = 4;

/** `198.51.100.7 threat_list (a scanner: seen in March)`, of the first few. */
export function listedNames({ networks }: EndpointNames): string {
  const shown = networks.slice(0, maxShown).map(({ address, list, label, reason }) => {
    const said = [label, reason].filter((text) => text !== undefined).join(': ');
    return `${address} ${list}${said === '' ? '' : ` (${said})`}`;
  });
  return [...shown, ...(networks.length > maxShown ? ['and more'] : [])].join('; ');
}

function shortened({ list, network, label, reason }: ListedName): ListedName {
  return {
    list: list.slice(0, maxLength),
    ...(network !== undefined && { network }),
    ...(label !== undefined && { label: label.slice(0, maxLength) }),
    ...(reason !== undefined && { reason: reason.slice(0, maxLength) }),
  };
}
