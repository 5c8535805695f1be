import type { DecodeLimits } from '../decode/decode-record.ts';

/**
 * Limits of a batch. Firehose takes records of up to 1,000 KiB, and gzip shrinks flow log text to about a seventh. A
 * batch at both limits takes 560 MB of the function's 1,024: text, flows and counters. A line of the default format has
 * about a hundred bytes.
 */
const batchLimits: DecodeLimits = { maxBytes: 16 * 1024 * 1024, maxLines: 200_000 };

/** The maximum number of bytes to expand for a batch, including those of unreadable records. */
const maxExpandedBytes = 4 * batchLimits.maxBytes;

/** The bytes and lines that the records of one batch may still take. */
export class DecodeBudget {
  #bytes = batchLimits.maxBytes;
  #lines = batchLimits.maxLines;
  #expandableBytes = maxExpandedBytes;

  /** The number of payload bytes that may still be expanded. */
  get expandableBytes(): number {
    return this.#expandableBytes;
  }

  get hasLines(): boolean {
    return this.#lines > 0;
  }

  /** Returns the limits of a record that may take a share of the batch's limits: what is left, if that is less. */
  limitsOf(share: number): DecodeLimits {
    const maxBytes = Math.min(this.#bytes, this.#expandableBytes, Math.ceil(share * batchLimits.maxBytes));
    return {
      maxBytes: Math.max(1, maxBytes),
      maxLines: Math.min(this.#lines, Math.ceil(share * batchLimits.maxLines)),
    };
  }

  /** Takes the bytes that a payload expands to, readable or not. */
  takeExpanded(bytes: number): void {
    this.#expandableBytes -= bytes;
  }

  /** Takes the lines of a readable record and their length. */
  take(bytes: number, lines: number): void {
    this.#bytes -= bytes;
    this.#lines = Math.max(0, this.#lines - lines);
  }
}
