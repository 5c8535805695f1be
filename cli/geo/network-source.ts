import type { ByFamily } from './address-range.ts';
import type { NetworkRange } from './geo-table-bytes.ts';

/** A part of a file that was left out. */
export interface LeftOut {
  /** Where it is, such as `ip2asn.tsv:12`, or `GeoLite2-ASN.mmdb: 192.0.2.0/24`. */
  readonly where: string;
  readonly problem: string;
}

/** The countries and operators that a file has. */
export interface NetworkSource {
  readonly networks: ByFamily<NetworkRange>;
  readonly operatorNames: ReadonlyMap<number, string>;
  readonly leftOut: readonly LeftOut[];
}
