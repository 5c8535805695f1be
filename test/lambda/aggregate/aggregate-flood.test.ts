import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The flows and the counters of the largest batch take half of it; a builder for each pair took 650 MB more. */
const oldSpaceMegabytes = 256;

it('aggregates 200,000 pairs in a quarter of the memory of the function', async () => {
  const script = join(import.meta.dirname, 'aggregate-flood.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=8',
    `--max-old-space-size=${oldSpaceMegabytes}`,
    script,
  ]);
  expect(JSON.parse(stdout)).toEqual({ flows: 200_000, updates: 29_002 });
}, 120_000);
