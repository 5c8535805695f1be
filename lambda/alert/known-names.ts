import { printable, truncate } from '../common/text.ts';
import { endpointValue, loggingEndpoint } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { fieldOf } from '../flow-log/flow.ts';
import { serviceName } from '../flow-log/service-names.ts';
import type { GeoEntry } from '../geo/geo-table.ts';
import type { AddressHints, FormerHolder, KnownAddress, UnknownInterface } from '../names/known-interface.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import type { AddressSources } from './address-sources.ts';
import type { AskedFlows, FlowWindow, KnownQuery } from './dns-source.ts';
import { hasSameNames, taggedAddresses } from './tag-names.ts';

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
  /** Who has the addresses; undefined without a source of names. */
  readonly interfaces?: readonly KnownAddress[];
  /** The interfaces that logged the flows and that the source does not know. */
  readonly unknownInterfaces?: readonly string[];
  /** Why these are unknown; undefined if the source looks up nothing. */
  readonly lookups?: readonly UnknownInterface[];
  /** Where the outside addresses lead; undefined without a source of regions. */
  readonly regions?: readonly KnownRegion[];
  /** The names that led to the addresses; undefined without a source of DNS queries. */
  readonly dns?: readonly KnownQuery[];
}

/** Where an address leads. */
export interface KnownRegion extends GeoEntry {
  readonly address: string;
}

/** The most networks and interfaces, and the most characters of a text: a message may have 256 KiB (SNS, "Quotas"). */
const maxNetworks = 16;
const maxInterfaces = 16;
const maxRegions = 16;
const maxGroups = 5;
const maxTextLength = 120;

/** The most characters of a text that anyone in the account writes: an alert may have a hundred evidences with four each. */
const maxTagLength = 64;

/** Returns the names of the addresses in the key and the evidence, and of the ports. */
export function endpointNames(
  flows: AskedFlows,
  lookupLists: ListLookup = () => [],
  sources: AddressSources = {},
): EndpointNames {
  const { key, evidence } = flows;
  const valuesOf = (field: string) => evidence?.values.get(field) ?? [];
  const addresses = new Set(
    [...Object.values(key), ...valuesOf('srcaddr'), ...valuesOf('dstaddr')].filter(canonicalAddress),
  );
  const known = knownNames(sources, evidence, flows.window);
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
  const unknownInterfaces = sources.names
    ? valuesOf('interface-id').filter((id) => known.ofInterface(id).length === 0)
    : undefined;
  return {
    networks: networks.slice(0, maxNetworks),
    services,
    ...((sources.names || sources.tagKeys) && {
      interfaces: knownInterfaces(key, [...addresses], known).slice(0, maxInterfaces),
    }),
    ...(unknownInterfaces && { unknownInterfaces }),
    ...(unknownInterfaces &&
      sources.names?.unknownInterface && {
        lookups: unknownInterfaces.flatMap((id) => sources.names?.unknownInterface?.(id) ?? []),
      }),
    ...(sources.regions && { regions: [...addresses].flatMap(known.regionOf).slice(0, maxRegions) }),
    ...(sources.dns && { dns: sources.dns.queriesOf(flows) }),
  };
}

/**
 * Finds who has the addresses of an alert, where they lead, and which names hosts asked for. Each function returns no element,
 * or one with texts of bounded length.
 */
export interface KnownNames {
  ofAddress(address: string): readonly KnownAddress[];
  ofInterface(id: string): readonly KnownAddress[];
  regionOf(address: string): readonly KnownRegion[];
  /** Returns the last name that a host asked for itself. */
  askedFor(host: string, address: string): readonly string[];
}

/** @param evidence the flows of the alert: they decide between interfaces with the same address */
export function knownNames(
  { names, regions, tagKeys, dns }: AddressSources,
  evidence: Evidence | undefined,
  window: FlowWindow,
): KnownNames {
  // The evidence examines its flows when it is read.
  const hints = onFirstUse(() => hintsOf(evidence));
  const tagged = onFirstUse(() => (tagKeys ? taggedAddresses(tagKeys, evidence?.samples ?? []) : []));
  const byTags = (field: 'address' | 'interface', value: string) => {
    const [first, ...others] = tagged().filter((known) => known[field] === value);
    return others.every((other) => hasSameNames(other, first!)) ? bounded(first) : [];
  };
  return {
    ofAddress(address) {
      const known = names?.addressOf(address, hints()(address));
      // Tags are those of the time of the flow, and an old answer may name a former holder.
      const isPresent = known && !known.isOld && known.goneAt === undefined;
      const tagged = isPresent ? [] : byTags('address', address);
      return tagged.length > 0 ? tagged : bounded(known);
    },
    ofInterface(id) {
      const known = names?.interfaceOf(id);
      return known ? bounded(known) : byTags('interface', id);
    },
    regionOf(address) {
      const entry = regions?.lookup(address);
      return entry ? [{ address, ...(cleaned(entry) as GeoEntry) }] : [];
    },
    askedFor(host, address) {
      const found = dns?.namesFor(host, address, window, evidence?.values.get('vpc-id') ?? []);
      return found?.askedBy === host ? found.names.slice(0, 1).map(({ name }) => name) : [];
    },
  };
}

/** Returns a function that computes a value once. */
function onFirstUse<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => {
    computed ??= { value: compute() };
    return computed.value;
  };
}

/** Returns the same without the addresses that are not certain: for places that cannot say why. */
export function certainNames(sources: AddressSources, evidence: Evidence | undefined, window: FlowWindow): KnownNames {
  const all = knownNames(sources, evidence, window);
  return { ...all, ofAddress: (address) => all.ofAddress(address).filter((known) => isCertain(known, window.from)) };
}

/** Makes a function that returns what flows say about who has an address. */
function hintsOf(evidence: Evidence | undefined): (address: string) => AddressHints {
  const valuesOf = (field: string) => evidence?.values.get(field) ?? [];
  const [interfaces, vpcs] = [valuesOf('interface-id'), valuesOf('vpc-id')];
  const logged = (evidence?.samples ?? []).flatMap((flow) => {
    const end = loggingEndpoint(flow);
    return end === undefined ? [] : { address: endpointValue(flow, `${end}addr`), id: fieldOf(flow, 'interface-id') };
  });
  return (address) => {
    const own = logged.flatMap(({ address: other, id }) => (other === address && id !== undefined ? id : []));
    return { own, interfaces, vpcs };
  };
}

/**
 * Returns whether one interface alone had an address for all of a window.
 *
 * @param from the start of the window in epoch seconds
 */
function isCertain(known: KnownAddress, from: number): boolean {
  const { isShared, since = from, seenSince = from, isOld, goneAt } = known;
  return !isShared && since <= from && seenSince <= from && !isOld && goneAt === undefined;
}

/** Returns who has the addresses, and the interface of the key if its address is not among them. */
function knownInterfaces(
  key: Readonly<Record<string, string>>,
  addresses: readonly string[],
  { ofAddress, ofInterface }: KnownNames,
): KnownAddress[] {
  const ofAddresses = addresses.flatMap(ofAddress);
  const id = key['interface-id'];
  if (id === undefined || ofAddresses.some((known) => known.interface === id)) return ofAddresses;
  return [...ofInterface(id), ...ofAddresses];
}

function bounded(known: KnownAddress | undefined): readonly KnownAddress[] {
  if (!known) return [];
  const groups = known.groups.slice(0, maxGroups).map((group) => cleanText(group));
  const { before } = known;
  return [{ ...(cleaned(known) as KnownAddress), groups, ...(before && { before: cleaned(before) as FormerHolder }) }];
}

/** Returns an object with its texts printable and of bounded length. */
function cleaned(values: object): object {
  const entries = Object.entries(values).map(([field, value]: [string, unknown]): [string, unknown] => [
    field,
    typeof value === 'string' ? cleanText(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function cleanText(text: string): string {
  return truncate(printable(text), maxTagLength);
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
