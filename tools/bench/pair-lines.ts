import { createHash } from 'node:crypto';

/** Sorts the output of a program that prints one pair a line. */
export function pairLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Converts the output of `flow-sentinel count --json` or `replay --json` into the same lines. */
export function pairLinesOfJson(text: string): string[] {
  const { pairs } = JSON.parse(text) as { pairs: { src: string; dst: string; bytes: number; rejects: number }[] };
  return pairs.map(({ src, dst, bytes, rejects }) => `${src} ${dst} ${bytes} ${rejects}`).sort();
}

/** Returns a hash of sorted lines. */
export function hashOfLines(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
