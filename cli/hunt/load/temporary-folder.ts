import { rm } from 'node:fs/promises';
import { createTemporaryFolder, removeAtExit } from '../../terminal/temporary-files.ts';

/** A folder that is removed at the end, or else when the process exits. */
export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** Makes a folder for temporary files. @throws InputError if there is no room for it */
export function temporaryFolder(): TemporaryFolder {
  const path = createTemporaryFolder('hunt');
  const keepAtExit = removeAtExit(path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      keepAtExit();
    },
  };
}
