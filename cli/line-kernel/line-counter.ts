import { maxLineBytes } from '../flow-files/formats/text-reader.ts';
import type { Counting } from './counting.ts';
import type { LineFormats } from './line-formats.ts';
import type { LineKernel } from './line-kernel.ts';
import { linePlan } from './line-plan.ts';
import type { CountLine } from './slow-path.ts';

const lineFeed = 10;

/** Bytes of text that are counted at once: they stay in the processor's cache. */
const chunkBytes = 256 * 1024;

/**
 * Counts the lines of a stream. The text is in the memory of the kernel, which counts the usual lines; any other line
 * takes the slow path, so both give the same counts for any bytes.
 */
export class LineCounter {
  readonly #formats: LineFormats;
  readonly #counting: Counting;
  readonly #kernel: LineKernel;
  /** The slow path, which is loaded for the first line that needs it. */
  #countLine: CountLine | undefined;
  /** The text of the file's header; undefined if its lines may have several formats. */
  readonly #header: string | undefined;
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
    this.#formats = formats;
    this.#counting = counting;
    this.#kernel = counting.sums.kernel;
    this.#header = formats.own.length === 1 ? formats.own[0]!.names.join(' ') : undefined;
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
  async count(bytes: number): Promise<void> {
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
    this.#keep(await this.#countLines(begin, end, maxLineBytes), end);
  }

  /** Counts the lines that end in a chunk. @throws as `count` */
  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      const piece = chunk.subarray(at, at + chunkBytes);
      this.room.set(piece);
      await this.count(piece.length);
    }
  }

  /** Counts the last line, which may have no line break. @throws as `count` */
  async end(): Promise<void> {
    if (this.#isSkipping) this.#leaveOut();
    else if (this.#rest > 0) {
      this.#kernel.text[this.#rest] = lineFeed;
      await this.#countLines(0, this.#rest + 1, maxLineBytes + 1);
    }
    this.#rest = 0;
    this.#isSkipping = false;
  }

  /** Returns and resets the counts, without the sums of pairs: the lines, and the numbers of lines over the limit. */
  take() {
    const taken = { lines: this.#lines, tooLong: this.#tooLong, counts: this.#counting.counts.takeColumns() };
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
  async #countLines(begin: number, end: number, maxBytes: number): Promise<number> {
    if (!this.#isPlanned) return this.#countSlowly(begin, end, maxBytes);
    const { exports } = this.#kernel;
    for (let at = begin; ; ) {
      const next = this.#kernel.call(() => exports.count(at, end));
      this.#counting.counts.addLines(this.#kernel.counts);
      const left = exports.leftCount.value;
      // The slow path may add pairs, and the memory may then move.
      for (const { offset, length } of left > 0 ? this.#kernel.leftLines : []) {
        if (length > maxBytes) this.#tooLong.push(this.#lines + linesIn(this.#kernel.text.subarray(at, offset)) + 1);
        else await this.#countLeft(Buffer.from(this.#kernel.text.subarray(offset, offset + length)));
      }
      this.#lines += exports.lineCount.value;
      if (next === at || next === end) return next;
      at = next;
    }
  }

  /** Counts a line in the slow path. A header like that of the file counts nothing there. */
  async #countLeft(line: Buffer): Promise<void> {
    if (this.#header !== undefined && line.length <= this.#header.length + 2 && line.toString().trim() === this.#header)
      return;
    if (!this.#countLine) {
      const { lineByLine } = await import('./slow-path.ts');
      this.#countLine = lineByLine(this.#formats, this.#counting);
    }
    this.#countLine(line);
  }

  async #countSlowly(begin: number, end: number, maxBytes: number): Promise<number> {
    for (let at = begin; ; ) {
      const { text } = this.#kernel;
      const next = text.subarray(0, end).indexOf(lineFeed, at) + 1;
      if (next === 0) return at;
      if (next - at > maxBytes) this.#leaveOut();
      else {
        await this.#countLeft(Buffer.from(text.subarray(at, next)));
        this.#lines += 1;
      }
      at = next;
    }
  }
}

function linesIn(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
