import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventOf, lineOf, v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-output-paths-'));
afterAll(() => rmSync(folder, { recursive: true }));

const logs = join(folder, 'logs');
mkdirSync(logs);
symlinkSync('logs', join(folder, 'linked'));
const log = join(logs, 'day.csv');
writeFileSync(log, `${v2.names.join(' ')}\n${lineOf()}\n`);
const event = join(logs, 'event.json');
writeFileSync(event, JSON.stringify(eventOf([lineOf()])));

describe('output paths', () => {
  it.each([
    ['replay', log, ['replay', log, '--alerts', join(folder, 'linked/day.csv')]],
    ['hunt', log, ['hunt', 'host', '10.0.1.5', log, '--output', log]],
    ['hunt through a link', log, ['hunt', 'host', '10.0.1.5', log, '--output', join(folder, 'linked/day.csv')]],
    ['invoke', event, ['invoke', event, '--report', event]],
  ])('refuse an output of %s that would replace an input', async (_, path, args) => {
    const before = readFileSync(path);
    const { code, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('and would be lost') });
    expect(readFileSync(path)).toEqual(before);
  });

  it('refuse two outputs with the same target, also through a link', async () => {
    const args = ['--alerts', join(logs, 'new'), '--report', join(folder, 'linked/new')];
    const { code, stderr } = await run('replay', log, ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is named for two outputs') });
  });
});
