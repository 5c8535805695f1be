import type {
  AskedFlows,
  AskedName,
  AskedNames,
  DnsSource,
  FlowWindow,
  KnownQuery,
} from '../../lambda/alert/dns-source.ts';
import { detachString } from '../../lambda/common/detach-string.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { InputError } from '../terminal/input-error.ts';
import { askedQueries } from './asked-queries.ts';
import { type DnsQuery, plainAddress } from './dns-query.ts';
import { Uint32Column } from './uint32-column.ts';

/** Upper bounds of a table: an answer takes 16 bytes, a distinct text up to 400. */
const defaultLimits = { answers: 16_000_000, texts: 3_000_000 };

/**
 * How long a name explains flows, in seconds. Resolvers keep an answer for a day at most by default (Unbound,
 * cache-max-ttl), and Route 53 Resolver logs no query that its cache answers.
 */
const maxAge = 86_400;

/** How long the logs must precede a window to say that no host asked, in seconds: most answers live for less than an hour. */
const minLead = 3600;

const maxNames = 3;

/** A time of queries in epoch seconds. */
interface Period {
  first: number;
  last: number;
}

/** A host that asked, in one VPC or in an unknown one. */
interface Asker {
  readonly id: number;
  readonly host: string;
  readonly vpc: string | undefined;
  /** The time of the first query. */
  first: number;
}

/** An answer with an address, as a row of SQL. */
export interface DnsAnswer {
  readonly time: number;
  readonly asker: Pick<Asker, 'host' | 'vpc'>;
  readonly name: string;
  readonly address: string;
}

const maxFound = 1000;

/** The queries of DNS logs in memory: of each answer with an address, who asked for which name and when. */
export class DnsTable implements DnsSource {
  readonly #limits: typeof defaultLimits;
  readonly #askers: Asker[] = [];
  readonly #byHost = new Map<string, Asker[]>();
  readonly #networks = new Map<string | undefined, Period>();
  readonly #names = new TextNumbers();
  readonly #addresses = new TextNumbers();
  /** What was found: an alert asks several times, and an address of a large provider has millions of answers. */
  readonly #found = new Map<string, AskedNames | undefined>();
  /** The columns of the answers. The answers with an address are a list: the latest that was added comes first. */
  readonly #asker = new Uint32Column();
  readonly #name = new Uint32Column();
  readonly #time = new Uint32Column();
  readonly #next = new Uint32Column();
  /** The first answer of each address, plus 1. */
  readonly #head = new Uint32Column();

  /** @param limits upper bounds (default: those of the documentation) */
  constructor(limits: typeof defaultLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** The number of answers with an address. */
  get size(): number {
    return this.#time.length;
  }

  /** The number of hosts that asked. */
  get hosts(): number {
    return this.#askers.length;
  }

  /** Adds a query. @throws InputError if the table is full */
  add({ host, vpc, time, name, addresses }: DnsQuery): void {
    this.#found.clear();
    const asker = this.#askerOf(host, vpc, time);
    const network = this.#networks.get(vpc);
    if (!network) this.#networks.set(vpc, { first: time, last: time });
    else {
      network.first = Math.min(network.first, time);
      network.last = Math.max(network.last, time);
    }
    if (name === '' || addresses.length === 0) return;
    const nameId = this.#names.of(name);
    for (const address of addresses) this.#addAnswer(asker.id, nameId, time, this.#addresses.of(address));
    const texts = this.#askers.length + this.#names.size + this.#addresses.size;
    if (this.#time.length > this.#limits.answers) throw this.#full(this.#limits.answers, 'answers with an address');
    if (texts > this.#limits.texts) throw this.#full(this.#limits.texts, 'distinct names and addresses');
  }

  namesFor(host: string, address: string, window: FlowWindow, vpcs: readonly string[]): AskedNames | undefined {
    const asked = JSON.stringify([host, address, window.from, window.to, vpcs]);
    if (this.#found.has(asked)) return this.#found.get(asked);
    const found = this.#find(host, address, window, vpcs);
    if (this.#found.size >= maxFound) this.#found.clear();
    this.#found.set(asked, found);
    return found;
  }

  #find(host: string, address: string, { from, to }: FlowWindow, vpcs: readonly string[]): AskedNames | undefined {
    const [plainHost, plain] = [plainAddress(host), plainAddress(address)];
    if (plainHost === undefined || plain === undefined) return undefined;
    const isInVpcs = ({ vpc }: Asker) => vpc === undefined || vpcs.length === 0 || vpcs.includes(vpc);
    const own = (this.#byHost.get(plainHost) ?? []).filter(isInVpcs);
    // Hosts of two networks may have the same address.
    if (new Set(own.flatMap(({ vpc }) => vpc ?? [])).size > 1) return undefined;
    const latest = new Map<number, number>();
    const ofOthers = new Map<number, { readonly time: number; readonly asker: Asker }>();
    let isAsked = false;
    for (const { asker, name, time } of this.#answersOf(plain)) {
      if (!isInVpcs(asker)) continue;
      isAsked = true;
      if (time > to || time < from - maxAge) continue;
      if (own.includes(asker)) latest.set(name, Math.max(time, latest.get(name) ?? 0));
      else if (time > (ofOthers.get(name)?.time ?? -1)) ofOthers.set(name, { time, asker });
    }
    if (latest.size > 0) {
      const names = latestFirst(Array.from(latest, ([id, time]) => ({ name: this.#names.at(id), time })));
      return { askedBy: host, names: names.slice(0, maxNames), more: Math.max(0, names.length - maxNames) };
    }
    const [other] = latestFirst(
      Array.from(ofOthers, ([id, { time, asker }]) => ({ name: this.#names.at(id), time, asker })),
    );
    if (other) {
      const { name, time, asker } = other;
      return { askedBy: asker.host, names: [{ name, time }], more: ofOthers.size - 1 };
    }
    const network = own
      .filter(({ first }) => first <= to)
      .map(({ vpc }) => this.#networks.get(vpc)!)
      .find(({ first, last }) => first <= from - minLead && last >= to);
    return isAsked || !network ? undefined : { names: [], more: 0, since: network.first };
  }

  queriesOf(flows: AskedFlows): KnownQuery[] {
    return askedQueries(flows, (...given) => this.namesFor(...given));
  }

  /** Returns all answers with an address, those of one address together. */
  *answers(): Generator<DnsAnswer> {
    for (let id = 0; id < this.#addresses.size; id += 1) {
      const address = this.#addresses.at(id);
      for (const { asker, name, time } of this.#answersOf(address)) {
        yield { time, asker, name: this.#names.at(name), address };
      }
    }
  }

  *#answersOf(address: string): Generator<{ readonly asker: Asker; readonly name: number; readonly time: number }> {
    const id = this.#addresses.find(address);
    if (id === undefined) return;
    for (let row = this.#head.at(id); row > 0; row = this.#next.at(row - 1)) {
      const asker = this.#askers[this.#asker.at(row - 1)]!;
      yield { asker, name: this.#name.at(row - 1), time: this.#time.at(row - 1) };
    }
  }

  #addAnswer(asker: number, name: number, time: number, address: number): void {
    if (address === this.#head.length) this.#head.push(0);
    const head = this.#head.at(address);
    // An answer may have an address twice, and a log may be delivered twice.
    const last = head - 1;
    if (head > 0 && this.#asker.at(last) === asker && this.#name.at(last) === name && this.#time.at(last) === time)
      return;
    this.#asker.push(asker);
    this.#name.push(name);
    this.#time.push(time);
    this.#next.push(head);
    this.#head.set(address, this.#time.length);
  }

  #askerOf(host: string, vpc: string | undefined, time: number): Asker {
    const ofHost = this.#byHost.get(host);
    const known = ofHost?.find((one) => one.vpc === vpc);
    if (known) {
      known.first = Math.min(known.first, time);
      return known;
    }
    const text = detachString(host);
    const asker = {
      id: this.#askers.length,
      host: text,
      vpc: vpc === undefined ? undefined : detachString(vpc),
      first: time,
    };
    this.#askers.push(asker);
    if (ofHost) ofHost.push(asker);
    else this.#byHost.set(text, [asker]);
    return asker;
  }

  #full(limit: number, what: string): InputError {
    return new InputError(
      `--dns has more than ${formatInteger(limit)} ${what}; give the logs of fewer hours or fewer VPCs`,
    );
  }
}

/** Numbers distinct texts, from 0 on. */
class TextNumbers {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#texts.length;
  }

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const own = detachString(text);
    this.#numbers.set(own, this.#texts.length);
    return this.#texts.push(own) - 1;
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  at(number: number): string {
    return this.#texts[number]!;
  }
}

/** Sorts names by their times, the latest first; those of one second by name, so that the order of files does not matter. */
function latestFirst<T extends AskedName>(names: T[]): T[] {
  return names.sort((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1));
}
