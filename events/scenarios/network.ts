import { createHash } from 'node:crypto';

/** A network interface with flow logs. */
export interface Interface {
  readonly id: string;
  readonly instance: string;
  readonly subnet: string;
  readonly vpc: string;
  readonly zone: string;
  /** The second of the minute at which its aggregation intervals begin. */
  readonly offset: number;
  /** The interface is removed when its host sleeps. Any other interface logs NODATA in each minute without traffic. */
  readonly sleeps: boolean;
}

/** A source and a destination, as rules group by them. */
export type Pair = readonly [src: string, dst: string];

/** The hosts of one company that have flow logs, and the NAT gateway that some of them are behind. */
export class Network {
  readonly #name: string;
  readonly #interfaces = new Map<string, Interface>();
  readonly #behindNat = new Set<string>();
  #nat: string | undefined;

  /** @param name seed of all ids */
  constructor(name: string) {
    this.#name = name;
  }

  get interfaces(): ReadonlySet<Interface> {
    return new Set(this.#interfaces.values());
  }

  /** The CIDR blocks of the hosts with flow logs: a /16 for each IPv4 block, and a /48 for each IPv6 block. */
  get cidrBlocks(): string[] {
    const blockOf = (address: string) =>
      address.includes(':')
        ? `${address.split(':').slice(0, 3).join(':')}::/48`
        : `${address.split('.').slice(0, 2).join('.')}.0.0/16`;
    return [...new Set([...this.#interfaces.keys()].map(blockOf))].sort();
  }

  /** Adds a host with an interface, and further addresses of it, as a node has for its pods. Returns the first address. */
  add(address: string, { further = [] as readonly string[], sleeps = false, behindNat = false } = {}): string {
    const subnet = address.slice(0, address.lastIndexOf(address.includes(':') ? ':' : '.'));
    const number = Number.parseInt(this.#hash(address).slice(0, 6), 16);
    const one = {
      id: `eni-0${this.#hash(address)}`,
      instance: `i-0${this.#hash(`instance ${address}`)}`,
      subnet: `subnet-0${this.#hash(`subnet ${subnet}`)}`,
      vpc: `vpc-0${this.#hash('vpc')}`,
      zone: `use1-az${1 + (number % 3)}`,
      offset: number % 60,
      sleeps,
    };
    for (const each of [address, ...further]) {
      this.#interfaces.set(each, one);
      if (behindNat) this.#behindNat.add(each);
    }
    return address;
  }

  /** Adds the NAT gateway, through which the hosts behind it reach the internet. */
  addNat(address: string): string {
    this.#nat = this.add(address);
    return address;
  }

  /** Returns the interface with an address; undefined for addresses outside the network. */
  interfaceOf(address: string): Interface | undefined {
    return this.#interfaces.get(address);
  }

  /** Returns the address of the NAT gateway between a client and a server; undefined if the client sends directly. */
  natBetween(client: string, server: string): string | undefined {
    return this.#behindNat.has(client) && !isPrivate(server) ? this.#nat : undefined;
  }

  /** Returns the pairs that count the traffic from a client to a server: its own, and that of the NAT gateway. */
  pairsOf(client: string, server: string): Pair[] {
    const nat = this.natBetween(client, server);
    return [[client, server], ...(nat === undefined ? [] : [[nat, server] as const])];
  }

  #hash(text: string): string {
    return createHash('sha256').update(`${this.#name} ${text}`).digest('hex').slice(0, 16);
  }
}

/** Returns whether an address is in the private networks of the corpus: 10.0.0.0/8 and fd00::/8. */
function isPrivate(address: string): boolean {
  return address.startsWith('10.') || address.startsWith('fd');
}
