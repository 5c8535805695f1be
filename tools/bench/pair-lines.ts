import { createHash } from 'node:crypto';

/** The table of a program that prints a pair a line: its lines in order. */
export function pairLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** The same lines of what `flow-sentinel count --json` or `replay --json` prints. */
export function pairLinesOfJson(text: string): string[] {
  const { pairs } = JSON.parse(text) as { pairs: { src: string; dst: string; bytes: number; rejects: number }[] };
  return pairs.map(({ src, dst, bytes, rejects }) => `${src} ${dst} ${bytes} ${rejects}`).sort();
}

/** One text for a table, whatever its order was. */
export function hashOfLines(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
