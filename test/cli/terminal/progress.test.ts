import { describe, expect, it } from 'vitest';
import { showProgress } from '../../../cli/terminal/progress.ts';

function shown(isTTY: boolean): {
  written: string[];
  progress: ReturnType<typeof showProgress>;
  pass(ms: number): void;
} {
  const written: string[] = [];
  let time = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
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

  it('writes nothing when the stream is not a terminal', () => {
    const { written, progress } = shown(false);
    progress.update(1);
    progress.end();
    expect(written).toEqual([]);
  });
});
