import type { Interface } from './network.ts';

/** One flow log record, in the fields of lambda/flow-log/deployed-format.ts. Times are epoch seconds. */
export interface FlowRecord {
  readonly seenBy: Interface;
  readonly direction: 'ingress' | 'egress';
  readonly src: string;
  readonly dst: string;
  readonly pktSrc: string;
  readonly pktDst: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly protocol: number;
  readonly srcService: string | undefined;
  readonly dstService: string | undefined;
  /** `traffic-path`: undefined if it is not available, as for ingress. */
  readonly path: number | undefined;
  readonly action: 'ACCEPT' | 'REJECT';
  packets: number;
  bytes: number;
  start: number;
  end: number;
  /** `tcp-flags`: FIN 1, SYN 2, RST 4, SYN-ACK 18. */
  flags: number;
  /** The end of the aggregation interval of the record. */
  readonly due: number;
}

/** The only account in the corpus: AWS's own for examples in its documentation. */
const account = '123456789012';

/** The highest version among the fields of the deployed format: that of `reject-reason`. */
const version = 8;

/** Formats a record as a line of the deployed format. */
export function lineOf(record: FlowRecord): string {
  const { seenBy, src, dst, srcport, dstport, protocol, packets, bytes, start, end, action } = record;
  const { id, instance, subnet, vpc, zone } = seenBy;
  const { direction, flags, pktSrc, pktDst, srcService = '-', dstService = '-', path = '-' } = record;
  const head = `${version} ${account} ${id} ${src} ${dst} ${srcport} ${dstport} ${protocol} ${packets} ${bytes}`;
  const seen = `${start} ${end} ${action} ${direction} ${flags} ${pktSrc} ${pktDst} ${srcService} ${dstService}`;
  return `${head} ${seen} ${path} - ${instance} ${subnet} ${vpc} ${zone} us-east-1 OK`;
}

/** Formats the line of an interval without traffic (NODATA), or with skipped records (SKIPDATA). */
export function statusLine({ id }: Interface, due: number, status: 'NODATA' | 'SKIPDATA'): string {
  const nothing = (fields: number) => Array.from({ length: fields }, () => '-').join(' ');
  return `${version} ${account} ${id} ${nothing(7)} ${due - 60} ${due - 1} ${nothing(14)} ${status}`;
}
