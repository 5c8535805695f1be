import type { RegionSource } from '../geo/geo-table.ts';
import type { NameSource } from '../names/known-interface.ts';
import type { DnsSource } from './dns-source.ts';
import type { TagKeys } from './tag-names.ts';

/** What says who has the addresses of alerts, and where they lead. Default: nothing. */
export interface AddressSources {
  readonly names?: NameSource | undefined;
  readonly regions?: RegionSource | undefined;
  /** The keys of the tags in the flows, which name addresses that `names` does not know. */
  readonly tagKeys?: TagKeys | undefined;
  /** What hosts asked for before they talked to an address. */
  readonly dns?: DnsSource | undefined;
}

/** What says who has addresses, and what hosts asked for. The rules have the other sources. */
export type HostSources = Pick<AddressSources, 'names' | 'dns'>;
