import { maxLineBytes } from '../flow-files/formats/text-reader.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import type { LineFormats } from './line-formats.ts';
import type { LineKernel } from './line-kernel.ts';
import { linePlan } from './line-plan.ts';
import { type Counting, type CountLine, lineByLine } from './slow-path.ts';

const lineFeed = 10;

/** Bytes of text that are counted at once: they stay in the processor's cache. */
const chunkBytes = 256 * 1024;

/**
 * Counts the lines of a stream. The text is in the memory of the kernel, which counts the usual lines; any other line
 * takes the slow path, so both give the same counts for any bytes.
 */
export class LineCounter {
  readonly #kernel: LineKernel;
  readonly #counts: FlowCounts;
  readonly #countLine: CountLine;
  /** Whether the kernel supports the format. */
  readonly #isPlanned: boolean;
  /** Number of lines so far. */
  #lines = 0;
  #tooLong: number[] = [];
  /** Bytes of an incomplete line, which are in the memory of the kernel. */
  #rest = 0;
  #isSkipping = false;

  /** @param formats the possible formats of the lines; the kernel supports the first format of the file */
  constructor(formats: LineFormats, counting: Counting) {
    const plan = linePlan(formats);
    this.#kernel = counting.sums.kernel;
    this.#counts = counting.counts;
    this.#countLine = lineByLine(formats, counting);
    this.#isPlanned = plan !== undefined;
    if (!plan) return;
    this.#kernel.plan(plan);
    this.#kernel.planCounting(counting.monitoredNetworks, counting.range);
  }

  /** Returns the room for the next bytes, which `count` counts. It is valid until then. */
  get room(): Buffer {
    return this.#kernel.text.subarray(this.#rest, this.#rest + chunkBytes);
  }

  /**
   * Counts the lines that end in the bytes at the beginning of `room`.
   *
   * @throws DependentLine if a line depends on the lines before it; Error if the memory is full
   */
  count(bytes: number): void {
    const { text } = this.#kernel;
    const end = this.#rest + bytes;
    const first = text.subarray(0, end).indexOf(lineFeed, this.#rest);
    if (first < 0) {
      this.#keep(0, end);
      return;
    }
    let begin = 0;
    if (this.#isSkipping) {
      this.#leaveOut();
      this.#isSkipping = false;
      begin = first + 1;
    }
    this.#keep(this.#countLines(begin, end, maxLineBytes), end);
  }

  /** Counts the lines that end in a chunk. @throws as `count` */
  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      const piece = chunk.subarray(at, at + chunkBytes);
      this.room.set(piece);
      this.count(piece.length);
    }
  }

  /** Counts the last line, which may have no line break. @throws as `count` */
  end(): void {
    if (this.#isSkipping) this.#leaveOut();
    else if (this.#rest > 0) {
      this.#kernel.text[this.#rest] = lineFeed;
      this.#countLines(0, this.#rest + 1, maxLineBytes + 1);
    }
    this.#rest = 0;
    this.#isSkipping = false;
  }

  /** Returns and resets the counts, without the sums of pairs: the lines, and the numbers of lines over the limit. */
  take() {
    const taken = { lines: this.#lines, tooLong: this.#tooLong, counts: this.#counts.takeColumns() };
    this.#lines = 0;
    this.#tooLong = [];
    this.#rest = 0;
    this.#isSkipping = false;
    return taken;
  }

  /** Keeps the bytes from one offset to before another for the next chunk. */
  #keep(from: number, to: number): void {
    this.#rest = to - from;
    if (this.#isSkipping) this.#rest = 0;
    else if (this.#rest > maxLineBytes) {
      this.#rest = 0;
      this.#isSkipping = true;
    } else if (from > 0) this.#kernel.text.copyWithin(0, from, to);
  }

  #leaveOut(): void {
    this.#lines += 1;
    this.#tooLong.push(this.#lines);
  }

  /** Counts the complete lines from one offset to before another. @returns the offset behind them */
  #countLines(begin: number, end: number, maxBytes: number): number {
    if (!this.#isPlanned) return this.#countSlowly(begin, end, maxBytes);
    const { exports } = this.#kernel;
    for (let at = begin; ; ) {
      const next = this.#kernel.call(() => exports.count(at, end));
      this.#addCounts();
      const left = exports.leftCount.value;
      // Offsets and lengths first: the slow path may add pairs, and the memory may then move.
      for (const { offset, length } of left > 0 ? this.#kernel.leftLines : []) {
        if (length > maxBytes) this.#tooLong.push(this.#lines + linesIn(this.#kernel.text.subarray(at, offset)) + 1);
        else this.#countLine(Buffer.from(this.#kernel.text.subarray(offset, offset + length)));
      }
      this.#lines += exports.lineCount.value;
      if (next === at || next === end) return next;
      at = next;
    }
  }

  #countSlowly(begin: number, end: number, maxBytes: number): number {
    for (let at = begin; ; ) {
      const { text } = this.#kernel;
      const next = text.subarray(0, end).indexOf(lineFeed, at) + 1;
      if (next === 0) return at;
      if (next - at > maxBytes) this.#leaveOut();
      else {
        this.#countLine(Buffer.from(text.subarray(at, next)));
        this.#lines += 1;
      }
      at = next;
    }
  }

  #addCounts(): void {
    const { exports } = this.#kernel;
    const counts = this.#counts;
    counts.flows += exports.flows.value;
    counts.noData += exports.noData.value;
    counts.skipData += exports.skipData.value;
    counts.counted += exports.counted.value;
    counts.leftOut += exports.leftOut.value;
    counts.noAddress += exports.noAddress.value;
    counts.noAction += exports.noAction.value;
    counts.noBytes += exports.noBytes.value;
    counts.outside += exports.outside.value;
    counts.recordsBeyondLines += exports.outside.value;
    const [from, to] = [exports.from.value, exports.to.value];
    if (to >= 0n) {
      counts.from = Math.min(counts.from, Number(from));
      counts.to = Math.max(counts.to, Number(to));
    }
    if (exports.outside.value === 0) return;
    counts.outsideFrom = Math.min(counts.outsideFrom, Number(exports.outsideFrom.value));
    counts.outsideTo = Math.max(counts.outsideTo, Number(exports.outsideTo.value));
  }
}

function linesIn(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
