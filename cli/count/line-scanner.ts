import { addressGroups, canonicalAddress, isInNetwork, type Network } from '../../lambda/core/address.ts';
import { maxTextLength } from '../../lambda/core/field-value.ts';
import type { FlowCounts } from '../report/flow-counts.ts';
import type { CountLine } from './count-line.ts';
import type { Counting } from './count-record.ts';
import { type LinePlan, step } from './line-plan.ts';
import type { PairSums } from './pair-sums.ts';

const [lineFeed, carriageReturn, space, dash, zero, nine, brace, lastAscii] = [10, 13, 32, 45, 48, 57, 123, 127];

const words = {
  action: [bytesOf('ACCEPT'), bytesOf('REJECT')],
  status: [bytesOf('OK'), bytesOf('NODATA'), bytesOf('SKIPDATA')],
  direction: [bytesOf('ingress'), bytesOf('egress')],
} as const;

/** What the addresses of a line come to, when it is no place of a pair. */
const [readSlowly, nothingToCount] = [-1, -2];

/** The longest text of an address: of IPv6, with an IPv4 address at its end (RFC 4291 section 2.2). */
const maxAddressLength = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length;

/**
 * Adds up what lines of one format say of pairs, from their bytes. It knows one shape of line, that in which AWS writes
 * them: all fields in ASCII, with one blank between any two, and a line feed, perhaps after a carriage return, at the end.
 * Addresses are checked when they are met for the first time. A line of any other shape is counted slowly, as the function
 * reads it, so that both count the same of any bytes whatever.
 */
export class LineScanner {
  readonly #plan: LinePlan;
  readonly #countLine: CountLine;
  readonly #monitored: readonly Network[];
  readonly #sums: PairSums;
  readonly #counts: FlowCounts;

  // Where among a line's addresses each is; -1 for none.
  readonly #packetSrc: number;
  readonly #src: number;
  readonly #packetDst: number;
  readonly #dst: number;

  // A hash table from the bytes of a line's addresses, with a blank after each, to the place of its pair.
  #slots = new Int32Array(1 << 12);
  #hashes = new Int32Array(1 << 11);
  #ends = new Int32Array((1 << 11) + 1);
  #places = new Int32Array(1 << 11);
  #isMonitored = new Uint8Array(1 << 11);
  #keys = Buffer.alloc(1 << 16);
  #size = 0;

  // Of the line that is scanned.
  readonly #starts = new Int32Array(8);
  readonly #stops = new Int32Array(8);

  /** @param countLine counts a line of any other shape */
  constructor(plan: LinePlan, countLine: CountLine, { monitoredNetworks, sums, counts }: Counting) {
    this.#plan = plan;
    this.#packetSrc = plan.addresses.indexOf('pkt-srcaddr');
    this.#src = plan.addresses.indexOf('srcaddr');
    this.#packetDst = plan.addresses.indexOf('pkt-dstaddr');
    this.#dst = plan.addresses.indexOf('dstaddr');
    this.#countLine = countLine;
    this.#monitored = monitoredNetworks;
    this.#sums = sums;
    this.#counts = counts;
  }

  /**
   * Adds up the lines of bytes that end with a line feed.
   *
   * @param length where they end
   * @returns how many they are
   * @throws DependentLine where a line cannot be counted by itself
   */
  scan(bytes: Uint8Array, length: number): number {
    const { steps, limits, format } = this.#plan;
    const { version } = format;
    const fields = steps.length;
    const [starts, stops] = [this.#starts, this.#stops];
    let line = 0;
    let lines = 0;
    next: while (line < length) {
      lines += 1;
      let at = line;
      let hash = 0;
      let addresses = 0;
      let sent = -1;
      let start = -1;
      let end = -1;
      let action = -1;
      let status = 0;
      let direction = -1;
      for (let field = 0; field < fields; field += 1) {
        let byte = bytes[at]!;
        const kind = steps[field]!;
        const isAddress = kind === step.address;
        if (byte === dash && bytes[at + 1]! <= space && !isAddress) at += 1;
        else if (kind === step.text) {
          const from = at;
          let all = 0;
          while (byte > space) {
            all |= byte;
            byte = bytes[++at]!;
          }
          if (all > lastAscii || at === from || at - from > maxTextLength || bytes[line] === brace) {
            line = this.#readSlowly(bytes, line, length);
            continue next;
          }
        } else if (kind <= step.version) {
          const from = at;
          let value = 0;
          while (byte >= zero && byte <= nine) {
            value = value * 10 + (byte - zero);
            byte = bytes[++at]!;
          }
          const isForeign = kind === step.version && value !== version;
          if (at === from || value > limits[field]! || (bytes[from] === zero && at - from > 1) || isForeign) {
            line = this.#readSlowly(bytes, line, length);
            continue next;
          }
          if (kind === step.bytes) sent = value;
          else if (kind === step.start) start = value;
          else if (kind === step.end) end = value;
        } else if (isAddress) {
          const from = at;
          starts[addresses] = from;
          while (byte > space) {
            hash = Math.imul(hash ^ byte, 0x01000193);
            byte = bytes[++at]!;
          }
          // What is longer is no address, and is not remembered: junk must not fill the memory.
          if (at - from > maxAddressLength) {
            line = this.#readSlowly(bytes, line, length);
            continue next;
          }
          hash = Math.imul(hash ^ space, 0x01000193);
          stops[addresses] = at;
          addresses += 1;
        } else {
          const list = kind === step.action ? words.action : kind === step.status ? words.status : words.direction;
          const word = wordAt(bytes, at, list);
          if (word < 0) {
            line = this.#readSlowly(bytes, line, length);
            continue next;
          }
          at += list[word]!.length;
          if (kind === step.action) action = word;
          else if (kind === step.status) status = word;
          else direction = word;
        }
        if (field < fields - 1 ? bytes[at] !== space : bytes[at] !== lineFeed) {
          if (field === fields - 1 && bytes[at] === carriageReturn && bytes[at + 1] === lineFeed) at += 1;
          else {
            line = this.#readSlowly(bytes, line, length);
            continue next;
          }
        }
        at += 1;
      }
      const entry = this.#entryOf(bytes, hash, addresses);
      const place = this.#places[entry]!;
      if (place === readSlowly || (start < 0 && end < 0)) {
        line = this.#readSlowly(bytes, line, length);
        continue;
      }
      line = at;
      const finish = end < 0 ? start : end;
      const begin = start < 0 || start > finish ? finish : start;
      this.#addStatus(status, start < 0 ? end : start, finish);
      if (place === nothingToCount) continue;
      if (action === 1) this.#sums.rejects[place]! += 1;
      else if (action === 0 && sent >= 0 && !(direction === 0 && this.#isMonitored[entry] === 1)) {
        this.#sums.addBytes(place, sent);
      } else continue;
      this.#counts.counted += 1;
      this.#sums.see(place, begin, finish);
    }
    return lines;
  }

  #addStatus(status: number, start: number, end: number): void {
    const counts = this.#counts;
    if (status === 0) counts.flows += 1;
    else if (status === 1) counts.noData += 1;
    else counts.skipData += 1;
    if (start < counts.from) counts.from = start;
    if (end > counts.to) counts.to = end;
  }

  /** Counts the line at a place slowly. @returns where the next one begins */
  #readSlowly(bytes: Uint8Array, line: number, length: number): number {
    const found = bytes.indexOf(lineFeed, line);
    const next = found < 0 || found >= length ? length : found + 1;
    this.#countLine(Buffer.from(bytes.buffer, bytes.byteOffset + line, next - line));
    return next;
  }

  #entryOf(bytes: Uint8Array, hash: number, addresses: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return this.#newEntry(bytes, hash, addresses, slot);
      if (this.#hashes[entry] === hash && this.#isKey(bytes, entry, addresses)) return entry;
      slot = (slot + 1) & mask;
    }
  }

  #isKey(bytes: Uint8Array, entry: number, addresses: number): boolean {
    const keys = this.#keys;
    let at = this.#ends[entry]!;
    for (let index = 0; index < addresses; index += 1) {
      const stop = this.#stops[index]!;
      for (let from = this.#starts[index]!; from < stop; from += 1) {
        if (keys[at] !== bytes[from]) return false;
        at += 1;
      }
      if (keys[at] !== space) return false;
      at += 1;
    }
    return at === this.#ends[entry + 1];
  }

  #newEntry(bytes: Uint8Array, hash: number, addresses: number, slot: number): number {
    const entry = this.#size;
    if (entry === this.#places.length) this.#growEntries();
    const texts: string[] = [];
    let at = this.#ends[entry]!;
    for (let index = 0; index < addresses; index += 1) {
      const [from, stop] = [this.#starts[index]!, this.#stops[index]!];
      while (at + stop - from + 1 > this.#keys.length) this.#growKeys();
      const keys = this.#keys;
      for (let place = 0; place < stop - from; place += 1) keys[at + place] = bytes[from + place]!;
      texts.push(keys.toString('latin1', at, at + stop - from));
      at += stop - from;
      keys[at] = space;
      at += 1;
    }
    this.#ends[entry + 1] = at;
    this.#hashes[entry] = hash;
    const { place, isMonitored } = this.#placeOf(texts);
    this.#places[entry] = place;
    this.#isMonitored[entry] = isMonitored ? 1 : 0;
    this.#slots[slot] = entry + 1;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    return entry;
  }

  #placeOf(texts: readonly string[]): { place: number; isMonitored: boolean } {
    const addresses: (string | undefined)[] = [];
    for (const text of texts) {
      const address = canonicalAddress(text);
      if (address === undefined && text !== '-') return { place: readSlowly, isMonitored: false };
      addresses.push(address);
    }
    const src = addresses[this.#packetSrc] ?? addresses[this.#src];
    const dst = addresses[this.#packetDst] ?? addresses[this.#dst];
    if (src === undefined || dst === undefined) return { place: nothingToCount, isMonitored: false };
    return { place: this.#sums.placeOf(src, dst), isMonitored: this.#isInMonitored(src) };
  }

  #isInMonitored(address: string): boolean {
    if (this.#monitored.length === 0) return false;
    const groups = addressGroups(address)!;
    return this.#monitored.some((network) => isInNetwork(groups, network));
  }

  #growKeys(): void {
    const larger = Buffer.alloc(this.#keys.length * 2);
    larger.set(this.#keys);
    this.#keys = larger;
  }

  #growEntries(): void {
    this.#hashes = grown(this.#hashes, Int32Array);
    this.#ends = grown(this.#ends, Int32Array);
    this.#places = grown(this.#places, Int32Array);
    this.#isMonitored = grown(this.#isMonitored, Uint8Array);
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#size; entry += 1) {
      const hash = this.#hashes[entry]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

function grown<T extends Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(values: T, Kind: new (n: number) => T): T {
  const larger = new Kind(values.length * 2);
  larger.set(values);
  return larger;
}

/** Which of the words stands at a place, with a blank or the line's end after it; -1 for none. */
function wordAt(bytes: Uint8Array, at: number, list: readonly Uint8Array[]): number {
  for (let index = 0; index < list.length; index += 1) {
    const word = list[index]!;
    let length = 0;
    while (length < word.length && bytes[at + length] === word[length]) length += 1;
    if (length === word.length && bytes[at + length]! <= space) return index;
  }
  return -1;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
