const lineFeed = 0x0a;

/** Bytes that are collected before their lines are checked at once. */
const pieceBytes = 1024 * 1024;

/**
 * Collects bytes to pieces of complete lines, each with its line break; adds one to the last line if it is missing.
 *
 * @param maxLineBytes upper bound of a line
 * @returns pieces of about a mebibyte
 * @throws Error if a line is longer; the error of the chunks
 */
export async function* wholeLines(chunks: AsyncIterable<Buffer>, maxLineBytes: number): AsyncGenerator<Buffer> {
  let collected: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    collected.push(chunk);
    bytes += chunk.length;
    if (bytes < pieceBytes) continue;
    const piece = Buffer.concat(collected);
    const end = piece.lastIndexOf(lineFeed) + 1;
    const rest = piece.subarray(end);
    if (rest.length > maxLineBytes) throw new Error(`a line is longer than ${maxLineBytes} bytes`);
    if (end > 0) yield piece.subarray(0, end);
    collected = [rest];
    bytes = rest.length;
  }
  if (bytes === 0) return;
  const last = Buffer.concat(collected);
  yield last.at(-1) === lineFeed ? last : Buffer.concat([last, Buffer.of(lineFeed)]);
}
