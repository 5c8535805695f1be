import { closeSync, openSync, readSync } from 'node:fs';
import type { LineCounter } from '../line-kernel/line-counter.ts';

/** Complete lines of a local file, from one byte to before another. */
export interface FilePart {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

const lineFeed = 10;

/**
 * Cuts a file into parts of about the same size. Throws the error of the file system if it cannot be read.
 *
 * @param begin the offset of the first line
 */
export function filePartsOf(path: string, bytes: number, count: number, begin: number): FilePart[] {
  const file = openSync(path, 'r');
  try {
    const cuts = Array.from({ length: count - 1 }, (_, n) => lineStart(file, Math.floor((bytes * (n + 1)) / count)));
    const bounds = [begin, ...cuts, Number.POSITIVE_INFINITY];
    return bounds.slice(1).map((to, n) => ({ path, from: bounds[n]!, to }));
  } finally {
    closeSync(file);
  }
}

/** Counts the lines of a part chunk by chunk, and yields the bytes of each chunk. Throws as LineCounter.count does. */
export async function* countPart({ path, from, to }: FilePart, counter: LineCounter): AsyncGenerator<number> {
  const file = openSync(path, 'r');
  try {
    for (let at = from; at < to; ) {
      const { room } = counter;
      const read = readSync(file, room, 0, Math.min(room.length, to - at), at);
      if (read === 0) break;
      await counter.count(read);
      yield read;
      at += read;
    }
    await counter.end();
  } finally {
    closeSync(file);
  }
}

/** Finds the first line that begins at or after an offset. Returns the line's offset, or infinity after the last line. */
function lineStart(file: number, offset: number): number {
  const buffer = new Uint8Array(64 * 1024);
  for (let at = offset - 1; ; at += buffer.length) {
    const read = readSync(file, buffer, 0, buffer.length, at);
    if (read === 0) return Number.POSITIVE_INFINITY;
    const found = buffer.subarray(0, read).indexOf(lineFeed);
    if (found >= 0) return at + found + 1;
  }
}
