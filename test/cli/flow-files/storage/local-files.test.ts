import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lineOf } from '../../../support/flows.ts';
import { run } from '../../../support/run-program.ts';
import { writeLog } from '../../replay/flow-logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-local-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('replay of local files', () => {
  it('counts a file once when it is named twice, the second time by a link', async () => {
    const log = writeLog(folder, 'day.log', [lineOf({ bytes: 1000 })]);
    symlinkSync('day.log', join(folder, 'link.log'));
    const { code, stdout } = await run('replay', log, join(folder, 'link.log'), '--json');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { pairs: { bytes: number }[] }).pairs).toMatchObject([{ bytes: 1000 }]);
  });
});
