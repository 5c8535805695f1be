const lineBreak = 0x0a;

export const mebibyte = 1024 * 1024;

/**
 * Cuts bytes into lines, each with its line break; a last one without gets one. Lines come by as many at once as are
 * there. One that is too long is left out and told of, and takes no memory.
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

/** What is said of a line that is too long. @param line its number in the file, from 1; undefined where that is not known */
export function tooLongText(line: number | undefined, maxBytes: number): string {
  return `${line === undefined ? 'a line' : `line ${line}`} is longer than ${maxBytes / mebibyte} MiB and was left out`;
}
