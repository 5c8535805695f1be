import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import { longerInterval } from './interval-lengths.ts';

/** A counted flow. */
export interface HostFlow {
  readonly src: string;
  readonly dst: string;
  /** In epoch seconds; undefined if unknown. */
  readonly at: number | undefined;
  readonly bytes: Quantity;
  readonly rejects: number;
  /** Null or undefined if unknown, as the ports. */
  readonly protocol: number | null | undefined;
  readonly srcport: number | null | undefined;
  readonly dstport: number | null | undefined;
}

/** Sums of the counted flows of hosts, in both directions. */
export interface HostActivity {
  /** Length of an interval, in seconds. */
  readonly seconds: number;
  readonly hosts: readonly HostSums[];
}

/** Sums of one host. The rows are arrays, because a report has hundreds of thousands. */
export interface HostSums {
  readonly address: string;
  /** Rows of a service, without order. */
  readonly ports: readonly PortRow[];
  /** Rows of an interval, without order. */
  readonly intervals: readonly IntervalRow[];
  /** Sums of the ports beyond the limit for each host. */
  readonly otherPorts?: Sums;
  /** Whether earlier flows may be missing, since hosts were dropped before. */
  readonly isPartial?: true;
}

/** Accepted bytes, rejects and flow records. */
export type Sums = readonly [bytes: Quantity, rejects: number, flows: number];

/** Protocol number and port, both -1 if unknown, and the sums. */
export type PortRow = readonly [protocol: number, port: number, ...sums: Sums];

/** Start of the interval in epoch seconds, and the sums. */
export type IntervalRow = readonly [at: number, ...sums: Sums];

/** Maximum number of rows of all hosts together. A row takes about 100 bytes of memory. */
export const maxRows = 250_000;

/** Maximum number of ports of a host, as of the target of a port scan. */
const maxPorts = 100;

const hour = 3600;
const longest = 86_400;

interface MutableSums {
  bytes: Quantity;
  rejects: number;
  flows: number;
}

/**
 * Ports and hours of each host, in bounded memory. Above the limit of rows, intervals become longer, up to a day; then the
 * hosts with the fewest flows are dropped. The same flows in the same order give the same result.
 */
export class HostActivityCounter {
  readonly #maxRows: number;
  #hosts = new Map<string, HostCounter>();
  #rows = 0;
  #seconds = hour;
  #hasDropped = false;

  constructor(limit: number = maxRows) {
    this.#maxRows = limit;
  }

  /** Adds a counted flow to both of its hosts. */
  add(flow: HostFlow): void {
    this.#addTo(flow.src, flow);
    if (flow.dst !== flow.src) this.#addTo(flow.dst, flow);
    while (this.#rows > this.#maxRows) this.#shrink();
  }

  read(): HostActivity {
    return { seconds: this.#seconds, hosts: [...this.#hosts].map(([address, host]) => host.read(address)) };
  }

  #addTo(address: string, flow: HostFlow): void {
    let host = this.#hosts.get(address);
    if (!host) {
      host = new HostCounter(this.#hasDropped);
      this.#hosts.set(address, host);
    }
    const before = host.rows;
    host.add(flow, this.#seconds);
    this.#rows += host.rows - before;
  }

  #shrink(): void {
    if (this.#seconds < longest && this.#hasManyIntervals()) this.#lengthen();
    else this.#drop();
    this.#rows = sumOf(this.#hosts.values(), ({ rows }) => rows);
  }

  /** Returns whether longer intervals save rows: not if most hosts are seen once, as the sources of a flood. */
  #hasManyIntervals(): boolean {
    return sumOf(this.#hosts.values(), ({ intervals }) => intervals) > 3 * this.#hosts.size;
  }

  #lengthen(): void {
    this.#seconds = longerInterval(this.#seconds);
    for (const host of this.#hosts.values()) host.lengthen(this.#seconds);
  }

  /** Retains the hosts with the most flows, in half of the rows. */
  #drop(): void {
    const busiest = [...this.#hosts].sort(([, a], [, b]) => b.flows - a.flows);
    let rows = 0;
    const retained = busiest.filter(([, host]) => {
      rows += host.rows;
      return rows <= this.#maxRows / 2;
    });
    this.#hosts = new Map(retained);
    this.#hasDropped = true;
  }
}

function sumOf(hosts: Iterable<HostCounter>, numberOf: (host: HostCounter) => number): number {
  let sum = 0;
  for (const host of hosts) sum += numberOf(host);
  return sum;
}

class HostCounter {
  flows = 0;
  readonly #isPartial: boolean;
  #ports = new Map<number, MutableSums>();
  #intervals = new Map<number, MutableSums>();
  #otherPorts: MutableSums | undefined;

  constructor(isPartial: boolean) {
    this.#isPartial = isPartial;
  }

  get rows(): number {
    return this.#ports.size + this.#intervals.size;
  }

  get intervals(): number {
    return this.#intervals.size;
  }

  add({ at, bytes, rejects, protocol, srcport, dstport }: HostFlow, seconds: number): void {
    const sums = { bytes, rejects, flows: 1 };
    this.flows += 1;
    merge(this.#ports, portKey(protocol ?? -1, servicePort(srcport, dstport)), sums);
    if (at !== undefined) merge(this.#intervals, Math.floor(at / seconds) * seconds, sums);
    if (this.#ports.size > maxPorts) this.#mergePorts();
  }

  lengthen(seconds: number): void {
    const shorter = this.#intervals;
    this.#intervals = new Map();
    for (const [at, sums] of shorter) merge(this.#intervals, Math.floor(at / seconds) * seconds, sums);
  }

  read(address: string): HostSums {
    const ports = [...this.#ports].map(([key, sums]): PortRow => [...portOf(key), ...rowOf(sums)]);
    const intervals = [...this.#intervals].map(([at, sums]): IntervalRow => [at, ...rowOf(sums)]);
    return {
      ...{ address, ports, intervals },
      ...(this.#otherPorts && { otherPorts: rowOf(this.#otherPorts) }),
      ...(this.#isPartial && { isPartial: true }),
    };
  }

  /** Merges the quieter half of the ports. */
  #mergePorts(): void {
    const busiest = [...this.#ports].sort(([, a], [, b]) => b.flows - a.flows);
    this.#otherPorts ??= { bytes: 0, rejects: 0, flows: 0 };
    for (const [, sums] of busiest.slice(maxPorts / 2)) addSums(this.#otherPorts, sums);
    this.#ports = new Map(busiest.slice(0, maxPorts / 2));
  }
}

/** Returns the lower port, usually that of the service, as the hunt `host` does; -1 without ports. */
function servicePort(srcport: HostFlow['srcport'], dstport: HostFlow['dstport']): number {
  return Math.min(srcport ?? dstport ?? -1, dstport ?? srcport ?? -1);
}

function portKey(protocol: number, port: number): number {
  return (protocol + 1) * 65_537 + port + 1;
}

function portOf(key: number): [protocol: number, port: number] {
  return [Math.floor(key / 65_537) - 1, (key % 65_537) - 1];
}

function merge(all: Map<number, MutableSums>, key: number, added: MutableSums): void {
  const known = all.get(key);
  if (known) addSums(known, added);
  else all.set(key, { ...added });
}

function addSums(sums: MutableSums, { bytes, rejects, flows }: MutableSums): void {
  sums.bytes = addQuantity(sums.bytes, bytes);
  sums.rejects += rejects;
  sums.flows += flows;
}

function rowOf({ bytes, rejects, flows }: MutableSums): Sums {
  return [bytes, rejects, flows];
}
