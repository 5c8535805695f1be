import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The folder of the cloud assembly. */
let outdir: string;

/** Runs the app as the CDK command line runs it. */
function synthesize(context: Record<string, unknown>) {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: outdir };
  const { status, stderr } = spawnSync(process.execPath, ['bin/app.js'], { cwd: root, env, encoding: 'utf8' });
  return { status, stderr };
}

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'flow-sentinel-app-'));
});
afterEach(() => rmSync(outdir, { recursive: true }));

describe('bin/app.ts', () => {
  it('prints each mistake without a stack trace, writes no template and exits with 2 when settings are invalid', () => {
    expect(synthesize({ protect: 'flase', vpcids: 'vpc-01234567' })).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^flow-sentinel: -c protect: expected true or false, got "flase"\n-c vpcids: unknown setting.*; did you mean vpcIds\?\n$/,
      ),
    });
    expect(readdirSync(outdir)).toEqual([]);
  });
});
