const lineBreak = 0x0a;

export const mebibyte = 1024 * 1024;

/**
 * Splits bytes into lines, each with its line break; adds one to the last line if it is missing. Yields the lines of a
 * chunk at once. Lines over the limit are skipped, reported, and take no memory.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  problem: (text: string) => void,
): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let isSkipping = false;
  let line = 1;
  const tooLong = () => problem(tooLongText(line, maxBytes));
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let at = chunk.indexOf(lineBreak); at >= 0; at = chunk.indexOf(lineBreak, from)) {
      const part = chunk.subarray(from, at + 1);
      if (isSkipping || restBytes + part.length > maxBytes) {
        tooLong();
        isSkipping = false;
      } else lines.push(restBytes > 0 ? Buffer.concat([...rest, part]) : part);
      if (restBytes > 0) [rest, restBytes] = [[], 0];
      line += 1;
      from = at + 1;
    }
    if (from < chunk.length && !isSkipping) {
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
      if (restBytes > maxBytes) [rest, restBytes, isSkipping] = [[], 0, true];
    }
    if (lines.length > 0) yield lines;
  }
  if (isSkipping) tooLong();
  else if (restBytes > 0) yield [Buffer.concat([...rest, Buffer.of(lineBreak)])];
}

/** Returns the problem text for a line over the limit. @param line its number in the file, from 1; undefined if unknown */
export function tooLongText(line: number | undefined, maxBytes: number): string {
  return `${line === undefined ? 'a line' : `line ${line}`} is longer than ${maxBytes / mebibyte} MiB and was left out`;
}
