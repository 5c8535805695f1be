import type { WriteStream } from 'node:tty';

/**
 * Returns the number of characters of a line of a stream; infinite if the stream is not a terminal, or if the terminal has
 * no size and says 0, as in some containers.
 */
export function terminalWidth({ isTTY, columns }: Pick<WriteStream, 'isTTY' | 'columns'>): number {
  return (isTTY && columns) || Number.POSITIVE_INFINITY;
}
