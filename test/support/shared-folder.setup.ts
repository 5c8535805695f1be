import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that all test files of a run share, for what is costly to make. */
    readonly sharedFolder: string;
  }
}

/** Makes the shared folder before a run, and removes it after the run. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-shared-'));
  project.provide('sharedFolder', folder);
  // Tests leave the cache of the project alone.
  process.env.FLOW_SENTINEL_HUNT_CACHE = join(folder, 'hunt-cache');
  return () => rmSync(folder, { recursive: true });
}
