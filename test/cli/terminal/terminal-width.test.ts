import { describe, expect, it } from 'vitest';
import { terminalWidth } from '../../../cli/terminal/terminal-width.ts';

describe('terminalWidth', () => {
  it('returns the columns when the stream is a terminal', () => {
    expect(terminalWidth({ isTTY: true, columns: 80 })).toBe(80);
  });

  it.each([
    ['the stream is not a terminal', { isTTY: false, columns: 80 }],
    ['the terminal has no size', { isTTY: true, columns: 0 }],
    ['the stream does not say its columns', { isTTY: true, columns: undefined }],
  ])('returns infinity when %s', (_, stream) => {
    expect(terminalWidth(stream as never)).toBe(Number.POSITIVE_INFINITY);
  });
});
