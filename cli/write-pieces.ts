import { toStdout } from './hunt/to-stdout.ts';

const pieceLength = 64 * 1024;

/** Writes a long text on standard output piece by piece, no faster than who reads it. */
export async function writePieces(pieces: Iterable<string>): Promise<void> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < pieceLength) continue;
    await toStdout(text);
    text = '';
  }
  if (text !== '') await toStdout(text);
}
