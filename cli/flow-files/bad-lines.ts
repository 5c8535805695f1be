import { formatInteger } from '../../lambda/common/format-units.ts';
import { plural, printable } from '../../lambda/common/text.ts';

/** Bad lines that are listed; the others are counted. */
const maxReported = 5;

/** Counts what cannot be read, and keeps the first for the report. */
export class BadLines {
  #count = 0;
  readonly #first: string[] = [];
  readonly #noun: string;
  readonly #source: string;

  /** @param noun what is left out: `bad line`. @param source where it is from: `DNS logs` */
  constructor(noun: string, source: string) {
    this.#noun = noun;
    this.#source = source;
  }

  /** @param where the file, or the file and the line */
  add(where: string, problem: string): void {
    this.#count += 1;
    if (this.#first.length < maxReported) this.#first.push(printable(`${where}: ${problem}`));
  }

  /** Prints the first, and the number of all, on standard error. */
  report(): void {
    if (this.#count === 0) return;
    for (const text of this.#first) process.stderr.write(`flow-sentinel: ${text}\n`);
    const others = this.#count - this.#first.length;
    const more = others > 0 ? `, ${formatInteger(others)} of them not listed` : '';
    process.stderr.write(`flow-sentinel: left out ${plural(this.#count, this.#noun)} of ${this.#source}${more}\n`);
  }
}
