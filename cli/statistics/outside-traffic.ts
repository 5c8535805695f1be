import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import { defined } from '../../lambda/common/defined.ts';
import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import { type GeoEntry, isPublicAddress } from '../../lambda/geo/geo-table.ts';
import type { AddressHints } from '../../lambda/names/known-interface.ts';
import { isInAnyNetwork, type Network } from '../../lambda/networks/ip-address.ts';

/** A counted flow. */
export interface OutsideFlow {
  readonly src: string;
  readonly dst: string;
  /** Accepted bytes. */
  readonly bytes: Quantity;
  readonly rejects: number;
  /** In epoch seconds; undefined if unknown. */
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** The country, the operator and the AWS Region of outside addresses; all are undefined if the table does not know them. */
type Place = Pick<GeoEntry, 'country' | 'asn' | 'asName' | 'awsRegion'>;

/** Sums of the counted flows with one outside end, for the outside ends of one place. */
export interface OutsideRow extends Place {
  /** Number of operators of the country that share the row, since it would be one row too many; undefined for one. */
  readonly operators?: number;
  /** Accepted bytes to the outside ends, and from them. */
  readonly bytesOut: Quantity;
  readonly bytesIn: Quantity;
  /** Number of flow records, accepted or rejected. */
  readonly flows: number;
  readonly rejects: number;
  readonly insideHosts: number;
  readonly outsideAddresses: number;
  /** In epoch seconds; undefined if no flow has a time. */
  readonly firstSeen?: number;
  readonly lastSeen?: number;
}

/** The counted flows that leave the network or enter it, by place. */
export interface OutsideTraffic {
  /** The time of the table of regions, in epoch seconds. */
  readonly dataTime: number;
  /** The most bytes out first. */
  readonly rows: readonly OutsideRow[];
  /** Number of counted flows between two outside addresses, which no row has. */
  readonly outsideFlows: number;
}

/** Maximum number of rows with one operator. The table of a report has a row of 13 numbers and texts for each. */
const maxPlaces = 2000;

/** Maximum number of characters of the name of an operator, which is a text of the user's table. */
const maxNameLength = 64;

const noHints: AddressHints = { own: [], interfaces: [], vpcs: [] };

/**
 * Counts the flows between inside and outside ends by the place of the outside end. An end is outside if it is a public
 * address that is in no monitored network and that no described interface has. The memory grows with the distinct pairs,
 * as the counters of pairs do; each distinct address is looked up once.
 */
export class OutsideTrafficCounter {
  readonly #sources: AddressSources & Required<Pick<AddressSources, 'regions'>>;
  readonly #monitoredNetworks: readonly Network[];
  /** The outside addresses; null for an inside address. */
  readonly #ends = new Map<string, OutsideEnd | null>();
  readonly #places = new Map<string, PlaceSums>();
  #outsideFlows = 0;

  constructor(
    sources: AddressSources & Required<Pick<AddressSources, 'regions'>>,
    monitoredNetworks: readonly Network[],
  ) {
    this.#sources = sources;
    this.#monitoredNetworks = monitoredNetworks;
  }

  /** Adds a counted flow. */
  add(flow: OutsideFlow): void {
    const source = this.#endOf(flow.src);
    const destination = this.#endOf(flow.dst);
    if (source && destination) this.#outsideFlows += 1;
    else if (destination) destination.place.add(flow, destination, flow.src, true);
    else if (source) source.place.add(flow, source, flow.dst, false);
  }

  /** @param max maximum number of rows with one operator; the others share a row for each country and AWS Region */
  read(max: number = maxPlaces): OutsideTraffic {
    const all = [...this.#places.values()].filter(({ flows }) => flows > 0).sort(mostOutFirst);
    const rest = Map.groupBy(all.slice(max), ({ place: { country, awsRegion } }) => nameOf({ country, awsRegion }));
    const rows = [...all.slice(0, max), ...[...rest.values()].map(merged)].sort(mostOutFirst);
    return {
      dataTime: this.#sources.regions!.dataTime,
      rows: rows.map((row) => row.read()),
      outsideFlows: this.#outsideFlows,
    };
  }

  #endOf(address: string): OutsideEnd | null {
    const known = this.#ends.get(address);
    if (known !== undefined) return known;
    const end = this.#isInside(address) ? null : { place: this.#placeOf(address), isCounted: false };
    this.#ends.set(address, end);
    return end;
  }

  #isInside(address: string): boolean {
    return (
      !isPublicAddress(address) ||
      isInAnyNetwork(address, this.#monitoredNetworks) ||
      this.#sources.names?.addressOf(address, noHints) !== undefined
    );
  }

  #placeOf(address: string): PlaceSums {
    const { country, asn, asName, awsRegion } = this.#sources.regions!.lookup(address) ?? {};
    const name = nameOf({ country, asn, awsRegion });
    let place = this.#places.get(name);
    if (!place) {
      place = new PlaceSums(defined({ country, asn, asName: shortened(asName), awsRegion: shortened(awsRegion) }));
      this.#places.set(name, place);
    }
    return place;
  }
}

/** An outside address. */
interface OutsideEnd {
  readonly place: PlaceSums;
  /** Whether the address is part of its place's number of addresses. */
  isCounted: boolean;
}

class PlaceSums {
  readonly place: Place;
  readonly insideHosts = new Set<string>();
  operators = 1;
  bytesOut: Quantity = 0;
  bytesIn: Quantity = 0;
  flows = 0;
  rejects = 0;
  outsideAddresses = 0;
  firstSeen = Number.POSITIVE_INFINITY;
  lastSeen = Number.NEGATIVE_INFINITY;

  constructor(place: Place) {
    this.place = place;
  }

  add({ bytes, rejects, start, end }: OutsideFlow, outside: OutsideEnd, inside: string, isOut: boolean): void {
    if (isOut) this.bytesOut = addQuantity(this.bytesOut, bytes);
    else this.bytesIn = addQuantity(this.bytesIn, bytes);
    this.flows += 1;
    this.rejects += rejects;
    this.insideHosts.add(inside);
    if (!outside.isCounted) {
      outside.isCounted = true;
      this.outsideAddresses += 1;
    }
    this.#see(start ?? end ?? Number.POSITIVE_INFINITY, end ?? start ?? Number.NEGATIVE_INFINITY);
  }

  /** Adds another operator of the same country. */
  merge(other: PlaceSums): void {
    this.operators += other.operators;
    this.bytesOut = addQuantity(this.bytesOut, other.bytesOut);
    this.bytesIn = addQuantity(this.bytesIn, other.bytesIn);
    this.flows += other.flows;
    this.rejects += other.rejects;
    for (const host of other.insideHosts) this.insideHosts.add(host);
    this.outsideAddresses += other.outsideAddresses;
    this.#see(other.firstSeen, other.lastSeen);
  }

  read(): OutsideRow {
    const { operators, bytesOut, bytesIn, flows, rejects, insideHosts, outsideAddresses, firstSeen, lastSeen } = this;
    return {
      ...this.place,
      ...(operators !== 1 && { operators }),
      ...{ bytesOut, bytesIn, flows, rejects, insideHosts: insideHosts.size, outsideAddresses },
      ...(Number.isFinite(firstSeen) && { firstSeen, lastSeen }),
    };
  }

  #see(first: number, last: number): void {
    if (first < this.firstSeen) this.firstSeen = first;
    if (last > this.lastSeen) this.lastSeen = last;
  }
}

/** Merges the operators of one country and AWS Region. */
function merged(all: readonly PlaceSums[]): PlaceSums {
  const { country, awsRegion } = all[0]!.place;
  if (all.length === 1) return all[0]!;
  const sums = new PlaceSums(defined({ country, awsRegion }));
  sums.operators = 0;
  for (const one of all) sums.merge(one);
  return sums;
}

function nameOf({ country, asn, awsRegion }: { [Name in keyof Place]?: Place[Name] | undefined }): string {
  return `${country ?? ''} ${asn ?? ''} ${awsRegion ?? ''}`;
}

function shortened(text: string | undefined): string | undefined {
  return text === undefined ? undefined : truncate(printable(text), maxNameLength);
}

/** Orders places by the bytes to them, then by the bytes from them, then by their flows, then by their names. */
function mostOutFirst(a: PlaceSums, b: PlaceSums): number {
  if (a.bytesOut !== b.bytesOut) return a.bytesOut > b.bytesOut ? -1 : 1;
  if (a.bytesIn !== b.bytesIn) return a.bytesIn > b.bytesIn ? -1 : 1;
  return b.flows - a.flows || (nameOf(a.place) < nameOf(b.place) ? -1 : 1);
}
