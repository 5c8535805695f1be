import type { Format } from '../../lambda/core/format.ts';
import { mebibyte } from '../flow-files/lines.ts';
import { type Counting, countRecord } from './count-record.ts';
import { linePlan } from './line-plan.ts';
import { LineScanner } from './line-scanner.ts';

const lineFeed = 10;

/** Counts lines as they come, in chunks of any size. */
export class LineCounter {
  readonly #formats: readonly Format[];
  readonly #counting: Counting;
  readonly #scanner: LineScanner | undefined;
  readonly #problem: (text: string) => void;
  #rest = new Uint8Array(0);
  #isSkipping = false;

  /**
   * @param formats what the lines may have; the scan knows lines of the first
   * @param problem is told what could not be read
   */
  constructor(formats: readonly Format[], counting: Counting, problem: (text: string) => void) {
    const [own] = formats;
    const plan = own && linePlan(own, formats);
    this.#formats = formats;
    this.#counting = counting;
    this.#scanner = plan && new LineScanner(plan, formats, counting);
    this.#problem = problem;
  }

  /** Counts the lines that end in a chunk, and keeps the rest for the next. */
  add(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return;
    }
    let from = 0;
    if (this.#rest.length > 0 || this.#isSkipping) {
      from = chunk.indexOf(lineFeed) + 1;
      if (!this.#isSkipping) this.#scan(joined(this.#rest, chunk.subarray(0, from)));
      this.#isSkipping = false;
      this.#rest = new Uint8Array(0);
    }
    if (from < end) this.#scan(chunk.subarray(from, end));
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /** Counts the last line, which may have no line break. */
  end(): void {
    if (this.#rest.length > 0) this.#scan(joined(this.#rest, Uint8Array.of(lineFeed)));
    this.#rest = new Uint8Array(0);
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isSkipping) return;
    if (this.#rest.length + bytes.length > mebibyte) {
      this.#problem('a line is longer than 1 MiB and was left out');
      this.#rest = new Uint8Array(0);
      this.#isSkipping = true;
    } else this.#rest = joined(this.#rest, bytes);
  }

  #scan(lines: Uint8Array): void {
    if (this.#scanner) {
      this.#scanner.scan(lines, lines.length);
      return;
    }
    for (let at = 0; at < lines.length; ) {
      const next = lines.indexOf(lineFeed, at) + 1;
      countRecord(Buffer.from(lines.subarray(at, next)), 0, this.#formats, this.#counting);
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
