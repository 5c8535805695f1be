import type { WriteStream } from 'node:tty';
import { byteSize } from '../../lambda/common/format-units.ts';

/** Shows how far a long work is. */
export interface Progress {
  /** @param done bytes of `total` */
  update(done: number): void;
  /** Takes the line away. */
  end(): void;
}

const width = 24;
const pauseMilliseconds = 100;

/** A bar with rate and time left on a terminal; nothing otherwise. */
export function showProgress(
  what: string,
  total: number,
  stream: Pick<WriteStream, 'isTTY' | 'write'> = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (!stream.isTTY) return { update() {}, end() {} };
  const began = now();
  let shown = Number.NEGATIVE_INFINITY;
  return {
    update(done) {
      const time = now();
      if (time - shown < pauseMilliseconds) return;
      shown = time;
      const part = total > 0 ? Math.min(1, done / total) : 0;
      const filled = Math.round(part * width);
      const rate = done / Math.max(0.001, (time - began) / 1000);
      const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
      const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
      stream.write(`\r${what} ${bar} ${Math.floor(part * 100)} %, ${byteSize(Math.round(rate))}/s${left}\u001b[K`);
    },
    end() {
      stream.write('\r\u001b[K');
    },
  };
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
