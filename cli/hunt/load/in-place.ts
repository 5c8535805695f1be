import type { LineFile } from '../../flow-files/flow-files.ts';
import { type CheckedPiece, checkedLines } from './checked-lines.ts';
import { type CsvSource, isPlainPath } from './csv-source.ts';
import type { LineChecker } from './line-checker.ts';

/** Below, one copy of many files is faster than a table function for each. */
const minBytes = 4 * 1024 * 1024;

/** A file that DuckDB can read where it is, and its number of flows. */
export interface InPlace extends CsvSource {
  readonly flows: number;
}

/**
 * Returns how DuckDB reads a file where it is: if it is on this machine and large, without compression, and all its lines
 * are usual, with one kind of line break. Undefined for any other file, at its first line that is not usual.
 *
 * @throws as checkedLines
 */
export async function readsInPlace(
  file: LineFile,
  checker: LineChecker,
  read: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<InPlace | undefined> {
  const { path, format, hasHeader } = file;
  if (path === undefined || file.bytes < minBytes || !isPlainPath(path)) return undefined;
  let flows = 0;
  let crLf = 0;
  let bytes = 0;
  let hasReturn = false;
  for await (const piece of checkedLines(file, checker, read, signal)) {
    if (!hasOnlyHeader(piece, hasHeader)) return undefined;
    const [header] = piece.odd;
    if (header) hasReturn = piece.lines[header.length - 2] === 0x0d;
    flows += piece.usual;
    crLf += piece.crLf;
    bytes += piece.lines.length;
  }
  // A last line without a break got one. Any other difference is compression or a byte order mark.
  if (bytes !== file.bytes && bytes !== file.bytes + 1) return undefined;
  const allReturns = crLf === flows && (hasReturn || !hasHeader);
  if (!allReturns && (crLf > 0 || hasReturn)) return undefined;
  return { path, format, hasHeader, flows, lineBreak: crLf > 0 ? '\r\n' : '\n' };
}

/** Returns whether all lines are usual, except a header in the first line of the file. */
function hasOnlyHeader({ offset, odd }: CheckedPiece, hasHeader: boolean): boolean {
  if (offset > 0 || !hasHeader) return odd.length === 0;
  return odd.length === 1 && odd[0]!.offset === 0;
}
