import { rmSync } from 'node:fs';

const begun = new Set<string>();

/**
 * Has a file or folder removed when the process ends before its work is done, as by a second signal.
 *
 * @returns what to call when it is done
 */
export function removeAtExit(path: string): () => void {
  if (begun.size === 0) process.on('exit', removeAll);
  begun.add(path);
  return () => {
    begun.delete(path);
    if (begun.size === 0) process.off('exit', removeAll);
  };
}

function removeAll(): void {
  for (const path of begun) rmSync(path, { recursive: true, force: true });
}
