import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

/** Runs the tests of one room again and again, in a process that its parent can end. The folder is a copy of the tree. */

/** The parent's message: run the tests after these files have changed. */
export interface RunRequest {
  readonly changed: readonly string[];
}

/** The answer: the first test file that failed, or none; and the number of test files. */
export interface RunAnswer {
  readonly failed: string | undefined;
  readonly files: number;
}

const [root, room] = process.argv.slice(2) as [string, string];
const folder = join(root, 'test', room);
const vitest = await createVitest({
  root,
  config: join(root, 'vitest.config.ts'),
  project: ['unit', 'integration'],
  watch: false,
  bail: 1,
  reporters: [{}],
});
await vitest.standalone();
const specifications = existsSync(folder) ? await vitest.globTestSpecifications([`${folder}/`]) : [];

process.on('message', async ({ changed }: RunRequest) => {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  vitest.state.clearErrors();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  const failed = testModules.find((module) => module.state() === 'failed')?.relativeModuleId;
  const answer: RunAnswer = {
    failed: failed ?? (unhandledErrors.length > 0 ? 'an unhandled error' : undefined),
    files: testModules.length,
  };
  process.send!(answer);
});
process.send!('ready');
