import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest, type Reporter } from 'vitest/node';

/** Runs the tests of one room again and again, in a process that its parent can end. The folder is a copy of the tree. */

/** The parent's message: run the tests after these files have changed. */
export interface RunRequest {
  readonly changed: readonly string[];
}

/** The answer: the number of tests that passed, and the first test file that failed. */
export interface RunAnswer {
  readonly passed: number;
  readonly failed: string | undefined;
}

const [root, room] = process.argv.slice(2) as [string, string];
const folder = join(root, 'test', room);

// A run that ends at its first failure leaves the results of an earlier run in Vitest's state: count the events.
let passed = 0;
let failed: string | undefined;
const reporter: Reporter = {
  onTestCaseResult(test) {
    const { state } = test.result();
    if (state === 'passed') passed += 1;
    if (state === 'failed') failed ??= test.module.relativeModuleId;
  },
  onTestModuleEnd(module) {
    if (module.state() === 'failed') failed ??= module.relativeModuleId;
  },
};

const vitest = await createVitest({
  root,
  config: join(root, 'vitest.config.ts'),
  project: ['unit', 'integration'],
  watch: false,
  bail: 1,
  reporters: [reporter],
});
await vitest.standalone();
const specifications = existsSync(folder) ? await vitest.globTestSpecifications([`${folder}/`]) : [];

process.on('message', async ({ changed }: RunRequest) => {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  passed = 0;
  failed = undefined;
  const { unhandledErrors } = await vitest.runTestSpecifications(specifications);
  if (unhandledErrors.length > 0) failed ??= 'an unhandled error';
  process.send!({ passed, failed } satisfies RunAnswer);
});
process.send!('ready');
