import type { Flow } from './flow.ts';

/** What the flows of one batch that a series counted were like, for the alert. */
export interface Evidence {
  /** How many flows there were. */
  readonly flows: number;
  /** The values seen of each field of interest: the first eight, each cut after 256 characters. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The fields of which more values were seen than are kept. */
  readonly truncatedFields: ReadonlySet<string>;
  /** Whether their format has `pkt-srcaddr` and `pkt-dstaddr`, so that a query must ask for those. */
  readonly hasPacketAddresses: boolean;
  /** Flows of theirs that differ in their ends, port, protocol, action or direction: the first eight of such. */
  readonly samples: readonly Flow[];
}
