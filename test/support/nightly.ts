import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * Runs the thorough tier: the files for the night, and all files whose tests depend on the tier or on a seed.
 * `--minutes N` begins no test after so many minutes.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string' } } });
if (values.minutes !== undefined && !(Number(values.minutes) > 0)) {
  process.stderr.write(`--minutes is invalid: got ${values.minutes}, expected a number above 0\n`);
  process.exit(2);
}

const files = globSync('test/**/*.test.ts').filter(
  (file) => file.endsWith('.nightly.test.ts') || /from '(?:fast-check|.*\/tier\.ts)'/.test(readFileSync(file, 'utf8')),
);
const { status } = spawnSync('vitest', ['run', ...files], {
  env: { ...process.env, TEST_TIER: 'nightly', TEST_MINUTES: values.minutes ?? '' },
  stdio: 'inherit',
});
process.exit(status ?? 1);
