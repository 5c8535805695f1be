import { maxLineBytes } from '../flow-files/formats/text-reader.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import { linePlan } from './column-plan.ts';
import { LineScanner } from './fast-line-scanner.ts';
import type { LineFormats } from './line-formats.ts';
import { type Counting, type CountLine, lineByLine } from './slow-path.ts';

const lineFeed = 10;

/** Counts the lines of a stream of chunks of any size. */
export class LineCounter {
  /** Number of lines so far. */
  #lines = 0;
  #tooLong: number[] = [];
  readonly #counts: FlowCounts;
  readonly #countLine: CountLine;
  readonly #scanner: LineScanner | undefined;
  #rest = new Uint8Array(0);
  #isSkipping = false;

  /** @param formats the possible formats of the lines; the fast path supports the first format of the file */
  constructor(formats: LineFormats, counting: Counting) {
    const plan = linePlan(formats);
    this.#counts = counting.counts;
    this.#countLine = lineByLine(formats, counting);
    this.#scanner = plan && new LineScanner(plan, this.#countLine, counting);
  }

  /**
   * Counts the lines that end in a chunk, and stores the rest for the next chunk.
   *
   * @throws DependentLine if a line depends on the lines before it
   */
  add(chunk: Uint8Array): void {
    // A line within one piece cannot exceed the limit.
    for (let at = 0; at < chunk.length; at += maxLineBytes) this.#addPiece(chunk.subarray(at, at + maxLineBytes));
  }

  /** Counts the last line, which may have no line break. @throws DependentLine as `add` does */
  end(): void {
    if (this.#isSkipping) this.#leaveOut();
    else if (this.#rest.length > 0) this.#scan(joined(this.#rest, Uint8Array.of(lineFeed)));
    this.#rest = new Uint8Array(0);
  }

  /** Returns and resets the counts, without the sums of pairs: the lines, and the numbers of lines over the limit. */
  take() {
    const taken = { lines: this.#lines, tooLong: this.#tooLong, counts: this.#counts.takeColumns() };
    this.#lines = 0;
    this.#tooLong = [];
    this.#rest = new Uint8Array(0);
    this.#isSkipping = false;
    return taken;
  }

  #addPiece(piece: Uint8Array): void {
    const end = piece.lastIndexOf(lineFeed) + 1;
    let from = 0;
    if (end > 0 && (this.#rest.length > 0 || this.#isSkipping)) {
      from = piece.indexOf(lineFeed) + 1;
      if (this.#isSkipping || this.#rest.length + from > maxLineBytes) this.#leaveOut();
      else this.#scan(joined(this.#rest, piece.subarray(0, from)));
      this.#rest = new Uint8Array(0);
    }
    if (from < end) this.#scan(piece.subarray(from, end));
    if (end < piece.length) this.#store(piece.subarray(end));
  }

  #store(bytes: Uint8Array): void {
    if (this.#isSkipping) return;
    this.#isSkipping = this.#rest.length + bytes.length > maxLineBytes;
    this.#rest = this.#isSkipping ? new Uint8Array(0) : joined(this.#rest, bytes);
  }

  #leaveOut(): void {
    this.#lines += 1;
    this.#tooLong.push(this.#lines);
    this.#isSkipping = false;
  }

  #scan(lines: Uint8Array): void {
    if (this.#scanner) {
      this.#lines += this.#scanner.scan(lines, lines.length);
      return;
    }
    for (let at = 0; at < lines.length; ) {
      const next = lines.indexOf(lineFeed, at) + 1;
      this.#countLine(Buffer.from(lines.subarray(at, next)));
      this.#lines += 1;
      at = next;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
