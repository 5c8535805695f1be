import type { WriteStream } from 'node:tty';
import { byteSize } from '../../lambda/common/format-units.ts';
import { terminalWidth } from './terminal-width.ts';

/** Progress of a long command. */
export interface Progress {
  /** @param done processed bytes of the total */
  update(done: number): void;
  /** Removes the line. */
  end(): void;
}

const maxBarWidth = 24;
/** Below, a bar shows too little, and is left out. */
const minBarWidth = 5;
const pauseMilliseconds = 100;

/**
 * Shows a bar with the rate and the remaining time on a terminal, in one line of its width; does nothing on any other
 * stream.
 */
export function showProgress(
  label: string,
  total: number,
  stream: Pick<WriteStream, 'isTTY' | 'write' | 'columns'> = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (!stream.isTTY) return { update() {}, end() {} };
  const startedAt = now();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    update(done) {
      const time = now();
      if (time - shownAt < pauseMilliseconds) return;
      shownAt = time;
      const fraction = total > 0 ? Math.min(1, done / total) : 0;
      const rate = done / Math.max(0.001, (time - startedAt) / 1000);
      const remaining = rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
      const numbers = `${Math.floor(fraction * 100)} %, ${byteSize(Math.round(rate))}/s${remaining}`;
      // A line that fills the last column makes some terminals scroll.
      const room = terminalWidth(stream) - 1;
      const width = Math.min(maxBarWidth, room - label.length - numbers.length - 2);
      const filled = Math.round(fraction * width);
      const bar = width < minBarWidth ? '' : `${'█'.repeat(filled)}${'░'.repeat(width - filled)} `;
      stream.write(`\r${`${label} ${bar}${numbers}`.slice(0, room)}\u001b[K`);
    },
    end() {
      stream.write('\r\u001b[K');
    },
  };
}

function duration(seconds: number): string {
  const rounded = Math.max(0, Math.ceil(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.ceil(rounded / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
