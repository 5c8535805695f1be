import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCacheFolder } from '../cache/cache-folder.ts';

/** Upper bound of the lines of the history. */
export const maxHistoryLines = 1000;

/** The lines that were typed in the shell, in a file that only its owner can read. */
export class HistoryFile {
  readonly #path: string | undefined;

  private constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Returns the history in the folder of the cache; one that is not stored if there is no folder. */
  static async open(): Promise<HistoryFile> {
    const folder = await makeCacheFolder().catch(() => undefined);
    return new HistoryFile(folder === undefined ? undefined : join(folder, 'shell-history'));
  }

  /** Returns the lines, the latest first. */
  read(): string[] {
    try {
      if (this.#path === undefined) return [];
      return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean).reverse().slice(0, maxHistoryLines);
    } catch {
      return [];
    }
  }

  /** Stores the lines, the latest first. */
  write(lines: readonly string[]): void {
    try {
      if (this.#path === undefined) return;
      const text = lines.slice(0, maxHistoryLines).toReversed().join('\n');
      writeFileSync(this.#path, `${text}\n`, { mode: 0o600 });
      chmodSync(this.#path, 0o600);
    } catch {
      // The shell works without a stored history.
    }
  }
}
