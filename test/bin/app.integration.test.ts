import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');

/** Runs the app as the CDK command line runs it. */
function synthesize(context: Record<string, unknown>, outdir: string) {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: outdir };
  const { status, stderr } = spawnSync(process.execPath, ['bin/app.js'], { cwd: root, env, encoding: 'utf8' });
  return { status, stderr };
}

describe('bin/app.ts', () => {
  it('prints each mistake without a stack trace, writes no template and exits with 2 when settings are invalid', () => {
    const outdir = temporaryFolder();
    expect(synthesize({ protect: 'flase', vpcids: 'vpc-01234567' }, outdir)).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^flow-sentinel: -c protect: expected true or false, got "flase"\n-c vpcids: unknown setting.*; did you mean vpcIds\?\n$/,
      ),
    });
    expect(readdirSync(outdir)).toEqual([]);
  });
});
