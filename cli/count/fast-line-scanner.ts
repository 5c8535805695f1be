import { isWrongStart } from '../../lambda/aggregate/plausible-time.ts';
import { maxTextLength } from '../../lambda/flow-log/field-value.ts';
import { canonicalAddress, endOfIpv4, isInAnyNetwork, type Network } from '../../lambda/networks/ip-address.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import { type LinePlan, step } from './column-plan.ts';
import { grown, hashWith, KeyTable } from './hash-table.ts';
import type { PairSums } from './pair-sums.ts';
import type { Counting, CountLine } from './slow-path.ts';

const [lineFeed, carriageReturn, space, dash, zero, brace] = [10, 13, 32, 45, 48, 123];

/** The words of an action, a status and a direction, by step. */
const wordsOf: Partial<Record<number, readonly Word[]>> = {
  [step.action]: ['ACCEPT', 'REJECT'].map(wordOf),
  [step.status]: ['OK', 'NODATA', 'SKIPDATA'].map(wordOf),
  [step.direction]: ['ingress', 'egress'].map(wordOf),
};

/** The indexes of the words of a direction. */
const [noDirection, ingress, egress] = [-1, 0, 1];

/** Results for the addresses of a line that are not the index of a pair. */
const [takesSlowPath, nothingToCount] = [-1, -2];

/** The result of a scan for a line that must take the slow path. */
const needsSlowPath = -1;

/** Upper bound of an address's text: IPv6 with an IPv4 address at its end (RFC 4291 section 2.2). */
const maxAddressLength = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length;
const maxAddressWords = (maxAddressLength >> 2) + 1;

/** Bytes that may be read after the end of the lines. */
export const slack = 8;

/**
 * Counts the pairs of lines of one format from their bytes. The fast path supports only lines as AWS writes them: ASCII
 * fields, one blank between two fields, and a line feed at the end, optionally after a carriage return. An address is
 * validated when it first occurs. Any other line takes the slow path, as the function reads it, so both give the same
 * counts for any bytes.
 *
 * Four bytes are read at once, as a 32-bit number whose lowest byte is the first. `ends` marks the bytes that end a text
 * by their highest bit, and `others` marks bytes that are not digits. Only the lowest mark is exact.
 */
export class LineScanner {
  readonly #plan: LinePlan;
  readonly #countLine: CountLine;
  readonly #monitored: readonly Network[];
  readonly #sums: PairSums;
  readonly #counts: FlowCounts;
  // The range of the flows to count; infinite without a limit.
  readonly #from: number;
  readonly #to: number;

  // The index of each among a line's addresses; -1 if missing.
  readonly #packetSrc: number;
  readonly #src: number;
  readonly #packetDst: number;
  readonly #dst: number;

  /** The addresses of lines, each padded with one to four zeros to words. */
  readonly #lines = new KeyTable();
  // By the number of a line's key.
  #pairs = new Int32Array(1 << 11);
  /** 1 more than the direction in which accepted flows are duplicates; 0 if they never are. */
  #duplicateAt = new Uint8Array(1 << 11);

  // The addresses of the current line, with the byte where each begins and the word where it ends.
  readonly #key: Int32Array<ArrayBuffer>;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #pairKey = new Int32Array(2 * maxAddressWords);

  /** @param countLine counts a line in the slow path */
  constructor(plan: LinePlan, countLine: CountLine, { monitoredNetworks, sums, counts, range }: Counting) {
    const { addresses } = plan;
    this.#plan = plan;
    this.#packetSrc = addresses.indexOf('pkt-srcaddr');
    this.#src = addresses.indexOf('srcaddr');
    this.#packetDst = addresses.indexOf('pkt-dstaddr');
    this.#dst = addresses.indexOf('dstaddr');
    this.#key = new Int32Array(addresses.length * maxAddressWords);
    this.#starts = new Int32Array(addresses.length);
    this.#ends = new Int32Array(addresses.length);
    this.#countLine = countLine;
    this.#monitored = monitoredNetworks;
    this.#sums = sums;
    this.#counts = counts;
    this.#from = range?.from ?? Number.NEGATIVE_INFINITY;
    this.#to = range?.to ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Counts the lines of bytes that end with a line feed.
   *
   * @param length the end of the lines; if the buffer ends less than eight bytes later, the bytes are copied
   * @returns the number of lines
   * @throws DependentLine if a line depends on the lines before it
   */
  scan(bytes: Uint8Array, length: number): number {
    if (bytes.byteOffset + length + slack > bytes.buffer.byteLength) {
      const copy = new Uint8Array(length + slack);
      copy.set(bytes.subarray(0, length));
      return this.scan(copy, length);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let line = 0;
    let lines = 0;
    while (line < length) {
      const next = this.#scanLine(bytes, view, line);
      line = next < 0 ? this.#countSlowly(bytes, line, length) : next;
      lines += 1;
    }
    return lines;
  }

  /**
   * Counts the line at an offset, if the fast path supports it. A method apart from `scan` is compiled after a number of
   * calls; replacing a long loop while it runs takes longer.
   *
   * @returns the offset of the next line; -1 if the line must take the slow path
   */
  #scanLine(bytes: Uint8Array, view: DataView, line: number): number {
    const { steps, limits, format } = this.#plan;
    const fields = steps.length;
    const [key, sums] = [this.#key, this.#sums];
    let at = line;
    let hash = 0;
    let words = 0;
    let addresses = 0;
    let sent = -1;
    let start = -1;
    let end = -1;
    let action = -1;
    let status = 0;
    let direction = noDirection;
    for (let field = 0; field < fields; field += 1) {
      const kind = steps[field]!;
      const from = at;
      if (kind === step.text) {
        let ends = endsIn(view.getInt32(at, true));
        while (ends === 0) {
          at += 4;
          ends = endsIn(view.getInt32(at, true));
        }
        at += bytesBefore(ends);
        if (at === from || at - from > maxTextLength || bytes[line] === brace) return needsSlowPath;
      } else if (kind <= step.version) {
        let digits = view.getInt32(at, true) ^ 0x30303030;
        let others = othersIn(digits);
        let value = 0;
        if (others !== 0) {
          const rest = bytesBefore(others);
          if (rest > 0) value = numberOf(digits << (32 - 8 * rest));
          at += rest;
        } else {
          value = numberOf(digits);
          at += 4;
          digits = view.getInt32(at, true) ^ 0x30303030;
          others = othersIn(digits);
          while (others === 0) {
            value = value * 10_000 + numberOf(digits);
            at += 4;
            digits = view.getInt32(at, true) ^ 0x30303030;
            others = othersIn(digits);
          }
          const rest = bytesBefore(others);
          if (rest > 0) {
            value = value * powers[rest]! + numberOf(digits << (32 - 8 * rest));
            at += rest;
          }
        }
        if (at === from && bytes[at] === dash) {
          at += 1;
        } else {
          const isForeign = kind === step.version && value !== format.version;
          if (at === from || value > limits[field]! || (bytes[from] === zero && at - from > 1) || isForeign)
            return needsSlowPath;
          if (kind === step.bytes) sent = value;
          else if (kind === step.start) start = value;
          else if (kind === step.end) end = value;
        }
      } else if (kind === step.address) {
        const maxWords = words + maxAddressWords - 1;
        let word = view.getInt32(at, true);
        let ending = endsIn(word);
        while (ending === 0 && words < maxWords) {
          key[words] = word;
          words += 1;
          hash = hashWith(hash, word);
          at += 4;
          word = view.getInt32(at, true);
          ending = endsIn(word);
        }
        const rest = bytesBefore(ending);
        word &= ~(-1 << (8 * rest));
        at += rest;
        // Longer texts are not addresses, and are not stored, so that junk does not fill the memory.
        if (ending === 0 || at - from > maxAddressLength) return needsSlowPath;
        key[words] = word;
        words += 1;
        hash = hashWith(hash, word);
        this.#starts[addresses] = from;
        this.#ends[addresses] = words;
        addresses += 1;
      } else if (bytes[at] === dash) {
        at += 1;
      } else {
        const word = wordAt(view, at, kind);
        if (word < 0) return needsSlowPath;
        at += lengthOf(kind, word);
        if (kind === step.action) action = word;
        else if (kind === step.status) status = word;
        else direction = word;
      }
      if (field < fields - 1 ? bytes[at] !== space : bytes[at] !== lineFeed) {
        if (field === fields - 1 && bytes[at] === carriageReturn && bytes[at + 1] === lineFeed) at += 1;
        else return needsSlowPath;
      }
      at += 1;
    }
    const known = this.#lines.find(key, 0, words, hash);
    const number = known < 0 ? this.#addAddresses(bytes, words, addresses, hash) : known;
    const pair = this.#pairs[number]!;
    if (pair === takesSlowPath || (start < 0 && end < 0)) return needsSlowPath;
    const finish = end < 0 ? start : end;
    if (finish < this.#from || finish >= this.#to) {
      this.#counts.addOutside(finish);
      this.#counts.recordsBeyondLines += 1;
      return at;
    }
    const begin = start < 0 || isWrongStart(start, finish) ? finish : start;
    this.#addStatus(status, start < 0 ? end : start, finish);
    if (action === 0 && direction >= 0 && direction === this.#duplicateAt[number]! - 1) {
      this.#counts.leftOut += 1;
      return at;
    }
    if (pair === nothingToCount) {
      if (status === 0) this.#counts.noAddress += 1;
      return at;
    }
    if (action === 1) sums.addRejects(pair, 1);
    else if (action === 0 && sent >= 0) sums.addBytes(pair, sent);
    else {
      if (status === 0) this.#addUncounted(action, sent);
      return at;
    }
    this.#counts.counted += 1;
    sums.addTimes(pair, begin, finish);
    return at;
  }

  #addUncounted(action: number, sent: number): void {
    if (action < 0) this.#counts.noAction += 1;
    else if (sent < 0) this.#counts.noBytes += 1;
  }

  #addStatus(status: number, start: number, end: number): void {
    const counts = this.#counts;
    if (status === 0) counts.flows += 1;
    else if (status === 1) counts.noData += 1;
    else counts.skipData += 1;
    if (start < counts.from) counts.from = start;
    if (end > counts.to) counts.to = end;
  }

  /** Counts the line at an offset in the slow path. @returns the offset of the next line */
  #countSlowly(bytes: Uint8Array, line: number, length: number): number {
    const found = bytes.indexOf(lineFeed, line);
    const next = found < 0 || found >= length ? length : found + 1;
    this.#countLine(Buffer.from(bytes.buffer, bytes.byteOffset + line, next - line));
    return next;
  }

  #addAddresses(bytes: Uint8Array, words: number, addresses: number, hash: number): number {
    const number = this.#lines.add(this.#key, 0, words, hash);
    if (number === this.#pairs.length) {
      this.#pairs = grown(this.#pairs);
      this.#duplicateAt = grown(this.#duplicateAt);
    }
    let areIpv4 = this.#monitored.length === 0;
    for (let index = 0; areIpv4 && index < addresses; index += 1) areIpv4 = isIpv4(bytes, this.#starts[index]!);
    if (areIpv4) this.#pairs[number] = this.#indexOfIpv4();
    else this.#indexTexts(number, addresses);
    return number;
  }

  /** Returns the index of a pair of IPv4 addresses, whose words are the key because they have only one spelling. */
  #indexOfIpv4(): number {
    const src = this.#packetSrc < 0 ? this.#src : this.#packetSrc;
    const dst = this.#packetDst < 0 ? this.#dst : this.#packetDst;
    if (src < 0 || dst < 0) return nothingToCount;
    const pair = this.#pairKey;
    let to = 0;
    for (const address of [src, dst]) {
      for (let at = address === 0 ? 0 : this.#ends[address - 1]!; at < this.#ends[address]!; at += 1) {
        pair[to] = this.#key[at]!;
        to += 1;
      }
    }
    return this.#sums.indexOfKey(pair, 0, to);
  }

  #indexTexts(number: number, count: number): void {
    const addresses: (string | undefined)[] = [];
    const key = Buffer.from(this.#key.buffer);
    for (let index = 0; index < count; index += 1) {
      const from = index === 0 ? 0 : this.#ends[index - 1]! * 4;
      const text = key.toString('latin1', from, key.indexOf(0, from));
      const address = canonicalAddress(text);
      addresses.push(address);
      if (address !== undefined || text === '-') continue;
      this.#pairs[number] = takesSlowPath;
      return;
    }
    const src = addresses[this.#packetSrc] ?? addresses[this.#src];
    const dst = addresses[this.#packetDst] ?? addresses[this.#dst];
    this.#pairs[number] = src === undefined || dst === undefined ? nothingToCount : this.#sums.indexOf(src, dst);
    this.#duplicateAt[number] = 1 + this.#directionOfDuplicates(src, dst, addresses[this.#src]);
  }

  /** Returns the direction in which accepted flows are duplicates, as isDuplicateObservation does. */
  #directionOfDuplicates(src: string | undefined, dst: string | undefined, sender: string | undefined): number {
    if (src === undefined) return noDirection;
    if (isInAnyNetwork(src, this.#monitored)) return ingress;
    const isForwarded = sender !== undefined && sender !== src;
    return isForwarded && dst !== undefined && isInAnyNetwork(dst, this.#monitored) ? egress : noDirection;
  }
}

/** Marks the bytes of a word that are blanks, control characters or not ASCII. */
function endsIn(word: number): number {
  return ((word - 0x21212121) | word) & 0x80808080;
}

/** Marks the bytes of a word that are not digits. @param digits the word minus the ASCII zeros */
function othersIn(digits: number): number {
  return ((digits + 0x76767676) | digits) & 0x80808080;
}

/** Returns the number of bytes before the lowest mark. */
function bytesBefore(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}

const powers = [1, 10, 100, 1000];

/** Returns the number of four digits, the first of which is in the lowest byte. */
function numberOf(digits: number): number {
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/** Returns whether the address at an offset is completely IPv4. */
function isIpv4(bytes: Uint8Array, begin: number): boolean {
  const end = endOfIpv4(bytes, begin);
  return end > begin && bytes[end]! <= space;
}

/** A word of two, or of four to eight bytes: its first and its last four bytes, masked if it has only two. */
interface Word {
  readonly length: number;
  readonly mask: number;
  readonly first: number;
  readonly last: number;
  readonly lastAt: number;
}

function wordOf(text: string): Word {
  const view = new DataView(new TextEncoder().encode(text.padEnd(4, '\0')).buffer);
  const lastAt = Math.max(0, text.length - 4);
  const mask = text.length < 4 ? 0xffff : -1;
  return { length: text.length, mask, first: view.getInt32(0, true), last: view.getInt32(lastAt, true), lastAt };
}

/** Finds which of the words that a field accepts begins at an offset. Returns its index in `wordsOf[kind]`, or -1. */
function wordAt(view: DataView, at: number, kind: number): number {
  const list = wordsOf[kind]!;
  const bytes = view.getInt32(at, true);
  for (let index = 0; index < list.length; index += 1) {
    const { mask, first, last, lastAt } = list[index]!;
    if ((bytes & mask) === first && (view.getInt32(at + lastAt, true) & mask) === last) return index;
  }
  return -1;
}

function lengthOf(kind: number, word: number): number {
  return wordsOf[kind]![word]!.length;
}
