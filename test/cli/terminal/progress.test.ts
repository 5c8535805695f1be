import { describe, expect, it } from 'vitest';
import { showProgress } from '../../../cli/terminal/progress.ts';

function shown(
  isTTY: boolean,
  columns?: number,
): {
  written: string[];
  progress: ReturnType<typeof showProgress>;
  pass(ms: number): void;
} {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  const progress = showProgress('replay', 2_000_000, stream as never, () => time);
  return { written, progress, pass: (ms) => (time += ms) };
}

describe('showProgress', () => {
  it('shows a bar, the rate and the remaining time on a terminal, and removes the line', () => {
    const { written, progress, pass } = shown(true);
    pass(1000);
    progress.update(500_000);
    progress.update(600_000);
    pass(60_000);
    progress.update(1_000_000);
    progress.end();
    expect(written).toEqual([
      '\rreplay ██████░░░░░░░░░░░░░░░░░░ 25 %, 500 kB/s, 3 s left\u001b[K',
      '\rreplay ████████████░░░░░░░░░░░░ 50 %, 16.4 kB/s, 2 min left\u001b[K',
      '\r\u001b[K',
    ]);
  });

  it.each([10, 20, 30, 45, 60, 80, 200])('fits into one line of a terminal of %i columns', (columns) => {
    const { written, progress, pass } = shown(true, columns);
    for (const done of [1, 500_000, 1_999_999]) {
      pass(3_600_000);
      progress.update(done);
      const line = written.at(-1)!.slice(1, -3);
      expect(line.length).toBeLessThan(columns);
      expect(line).toMatch(columns >= 45 ? /left$/ : /^replay/);
    }
  });

  it('shows the complete line when the terminal has no size', () => {
    const { written, progress, pass } = shown(true, 0);
    pass(1000);
    progress.update(500_000);
    expect(written).toEqual(['\rreplay ██████░░░░░░░░░░░░░░░░░░ 25 %, 500 kB/s, 3 s left\u001b[K']);
  });

  it('writes nothing when the stream is not a terminal', () => {
    const { written, progress } = shown(false);
    progress.update(1);
    progress.end();
    expect(written).toEqual([]);
  });
});
