import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Makes a folder that is removed after the run. */
export function temporaryFolder(): string {
  return mkdtempSync(join(inject('sharedFolder'), 'folder-'));
}
