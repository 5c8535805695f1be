import { truncate } from '../../lambda/common/text.ts';

/** A reason why lines could not be read. */
export interface UnreadableReason {
  /** Text with `…` in place of the values of the line. */
  readonly reason: string;
  readonly lines: number;
  /** Beginning of the first line with this reason. */
  readonly example: string;
}

const maxShown = 20;

/** Reasons name fields and lengths, so there are few of them; binary input may still produce many. */
const maxReasons = 500;

const maxReasonLength = 200;
const maxExampleLength = 400;

/** Reasons why lines could not be read, with their numbers and an example, in bounded memory. */
export class UnreadableLines {
  lines = 0;
  readonly #reasons = new Map<string, { lines: number; readonly example: string }>();

  /** Counts a line. @param message message of parse/parse-line.ts, which quotes the values of the line */
  add(message: string, line: string): void {
    this.lines += 1;
    const reason = truncate(message.replace(/"(?:[^"\\]|\\.)*"/g, '…'), maxReasonLength);
    const known = this.#reasons.get(reason);
    if (known) known.lines += 1;
    else if (this.#reasons.size < maxReasons)
      this.#reasons.set(reason, { lines: 1, example: truncate(line, maxExampleLength) });
  }

  /** Adds the reasons of another thread. */
  addAll(reasons: readonly UnreadableReason[]): void {
    for (const { reason, lines, example } of reasons) {
      this.lines += lines;
      const known = this.#reasons.get(reason);
      if (known) known.lines += lines;
      else if (this.#reasons.size < maxReasons) this.#reasons.set(reason, { lines, example });
    }
  }

  /** All retained reasons, in the order in which they occurred. */
  get reasons(): UnreadableReason[] {
    return [...this.#reasons].map(([reason, rest]) => ({ reason, ...rest }));
  }

  /** Returns the most frequent reasons, in that order. */
  mostFrequent(): UnreadableReason[] {
    return this.reasons.sort((a, b) => b.lines - a.lines || (a.reason < b.reason ? -1 : 1)).slice(0, maxShown);
  }
}
