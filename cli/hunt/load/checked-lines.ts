import type { LineFile } from '../../flow-files/flow-files.ts';
import { maxLineBytes } from '../../flow-files/formats/text-reader.ts';
import type { CheckedLines, LineChecker } from './line-checker.ts';
import { wholeLines } from './whole-lines.ts';

/** A piece of a file: complete lines, and which of them are usual. */
export interface CheckedPiece extends CheckedLines {
  readonly lines: Buffer;
  /** The offset of the piece in the text of the file. */
  readonly offset: number;
}

/**
 * Reads the lines of a file, and checks them.
 *
 * @param read receives the stored bytes that were read
 * @throws Error if a part of the file cannot be read; the reason of the signal if it fires
 */
export async function* checkedLines(
  file: LineFile,
  checker: LineChecker,
  read?: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<CheckedPiece> {
  let offset = 0;
  for await (const lines of wholeLines(file.chunks(read), maxLineBytes)) {
    signal?.throwIfAborted();
    yield { lines, offset, ...checker.check(lines) };
    offset += lines.length;
  }
}
