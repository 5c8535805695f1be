import type { Format } from '../../../lambda/flow-log/format.ts';

/** A line: the offset of its first byte, and its length in bytes with the line break. */
export interface LinePosition {
  readonly offset: number;
  readonly length: number;
}

/** The lines of some bytes. The bytes of a usual line are its flow: see LineChecker. */
export interface CheckedLines {
  /** Number of usual lines. */
  readonly usual: number;
  /** Number of usual lines that end with CR LF. */
  readonly crLf: number;
  /** All other lines, in their order. */
  readonly odd: readonly LinePosition[];
}

/**
 * Finds the usual lines of a format. A usual line is one flow of the format in every reader, and has its canonical text:
 *
 * - as many values as the format has fields, with one blank between two, and LF or CR LF at the end
 * - each value passes the checks of scanLine (lambda/parse/line-scanner.ts), and is canonical
 * - `start` or `end` is available if the format has them, and both are below 10^11: epoch seconds
 * - the version is that of the format, if the stream has several formats
 * - the line cannot be a header or JSON: fewer than two values are names of fields, and the first byte is not `{`
 *
 * A checker may call a usual line odd, which only takes longer. It never calls an odd line usual.
 */
export interface LineChecker {
  /**
   * Checks complete lines.
   *
   * @param lines each ends with LF, also the last; the checker does not keep the bytes
   */
  check(lines: Buffer): CheckedLines;
}

/**
 * Makes the checker of a format.
 *
 * @param isOneOfSeveral whether the stream has further formats, of other lengths
 */
export type CreateLineChecker = (format: Format, isOneOfSeveral: boolean) => LineChecker;
