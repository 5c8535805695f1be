import { rmSync } from 'node:fs';

const paths = new Set<string>();

/**
 * Removes a file or folder if the process exits early, as after a second signal.
 *
 * @returns a function that cancels the removal
 */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.on('exit', removeAll);
  paths.add(path);
  return () => {
    paths.delete(path);
    if (paths.size === 0) process.off('exit', removeAll);
  };
}

function removeAll(): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
