import type { Flow } from './flow.ts';

/** Details of the flows of one batch that a series counted, for the alert. */
export interface Evidence {
  /** The number of flows. */
  readonly flows: number;
  /** The first eight values of each field of interest, each truncated to 256 characters; of `srcport`, those of services. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The fields with more than eight values. */
  readonly truncatedFields: ReadonlySet<string>;
  /** True if the format has `pkt-srcaddr` and `pkt-dstaddr`: a query must then use them. */
  readonly hasPacketAddresses: boolean;
  /** The first eight flows that differ in endpoints, port, protocol, action or direction. */
  readonly samples: readonly Flow[];
}
