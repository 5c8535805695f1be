import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { labelledDay } from '../../support/labelled-days.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-make-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('make-logs', () => {
  it('writes all lines of the labelled day in order of arrival, one file an hour with a header', async () => {
    const target = join(folder, 'new', 'logs');
    const { code, stdout } = await run('make-logs', target, '--style', 'web-shop');
    expect(code).toBe(0);
    const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
    const texts = files.sort().map((name) =>
      gunzipSync(readFileSync(join(target, name)))
        .toString()
        .trimEnd()
        .split('\n'),
    );
    expect(new Set(texts.map(([header]) => header))).toEqual(new Set([logFields.join(' ')]));
    const lines = texts.flatMap(([, ...rest]) => rest);
    expect(lines).toEqual(labelledDay('web-shop').map(({ line }) => line));
    expect(stdout).toBe(
      `${target}: ${lines.length.toLocaleString('en')} records in ${files.length} files\n` +
        `Next: npx flow-sentinel replay ${target} --monitored-networks 10.0.0.0/16,10.250.0.0/16,10.251.0.0/16\n`,
    );
    expect(files.at(-1)).toMatch(
      /^AWSLogs\/123456789012\/vpcflowlogs\/us-east-1\/2026\/11\/25\/123456789012_vpcflowlogs_us-east-1_fl-\w+_20261125T0000Z_\w{8}\.log\.gz$/,
    );
  });

  it('refuses a folder that is not empty', async () => {
    const mine = mkdtempSync(join(folder, 'mine-'));
    writeFileSync(join(mine, 'mine.txt'), '');
    expect(await run('make-logs', mine)).toMatchObject({
      code: 2,
      stderr: `flow-sentinel: ${mine} is not empty; name a new folder\n`,
    });
  });

  it('reports an unwritable folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await run('make-logs', join(folder, 'file', 'logs'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/file\/logs cannot be written: a part of the path is a file/);
  });
});
