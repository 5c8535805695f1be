import { once } from 'node:events';
import type { Writable } from 'node:stream';

const pieceLength = 64 * 1024;

/** Writes a long text piece by piece, no faster than the stream takes it. */
export async function writePieces(pieces: Iterable<string>, stream: Writable = process.stdout): Promise<void> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < pieceLength) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  if (text !== '') stream.write(text);
}
