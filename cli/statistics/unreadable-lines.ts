import { truncate } from '../../lambda/common/text.ts';

export interface UnreadableReason {
  /** With `…` for what was found in the line. */
  readonly reason: string;
  readonly lines: number;
  /** The first line that it was said of, or the beginning of it. */
  readonly example: string;
}

const maxShown = 20;

/** Reasons name fields and lengths, so there are not many; junk may still make more than anybody reads. */
const maxKept = 500;

const maxReasonLength = 200;
const maxExampleLength = 400;

/** Why lines could not be read, how often each, and an example; in bounded memory. */
export class UnreadableLines {
  lines = 0;
  readonly #reasons = new Map<string, { lines: number; readonly example: string }>();

  /** @param said as parse/parse-line.ts says it: with what it found in quotes, which differs from line to line */
  add(said: string, line: string): void {
    this.lines += 1;
    const reason = truncate(said.replace(/"(?:[^"\\]|\\.)*"/g, '…'), maxReasonLength);
    const known = this.#reasons.get(reason);
    if (known) known.lines += 1;
    else if (this.#reasons.size < maxKept)
      this.#reasons.set(reason, { lines: 1, example: truncate(line, maxExampleLength) });
  }

  /** Adds lines that were seen elsewhere. */
  addAll(reasons: readonly UnreadableReason[]): void {
    for (const { reason, lines, example } of reasons) {
      this.lines += lines;
      const known = this.#reasons.get(reason);
      if (known) known.lines += lines;
      else if (this.#reasons.size < maxKept) this.#reasons.set(reason, { lines, example });
    }
  }

  /** All that are kept, in the order in which they were met. */
  get reasons(): UnreadableReason[] {
    return [...this.#reasons].map(([reason, seen]) => ({ reason, ...seen }));
  }

  /** The most frequent first. */
  mostFrequent(): UnreadableReason[] {
    return this.reasons.sort((a, b) => b.lines - a.lines || (a.reason < b.reason ? -1 : 1)).slice(0, maxShown);
  }
}
