import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { epoch, eventOf, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-keep-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes an event of `count` rejects that end `seconds` after `epoch`, and returns its path. */
function event(count: number, seconds: number): string {
  files += 1;
  const path = join(folder, `event-${files}.json`);
  const time = { start: epoch + seconds, end: epoch + seconds };
  const lines = Array.from({ length: count }, (_, n) => lineOf({ action: 'REJECT', srcport: n, ...time }));
  writeFileSync(path, JSON.stringify(eventOf(lines, epoch + seconds + 60)));
  return path;
}

async function invoked(
  store: string,
  path: string,
  counting = 'direct',
): Promise<{ alerts: { rule: string }[]; pairs: { rejects: number }[] }> {
  const { code, stdout, stderr } = await run('invoke', path, '--keep', store, '--counting', counting, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const key = ['srcaddr=10.0.1.5', 'dstaddr=10.0.2.7'];

describe('invoke --keep', () => {
  it.each([
    ['direct', 'direct'],
    ['journal', 'journal'],
    ['journal', 'direct'],
    ['direct', 'journal'],
  ])('continues from the counters of the last run when the runs count %s and %s', async (first, second) => {
    const store = join(folder, 'deep', `${first}-${second}`);
    expect((await invoked(store, event(11, 0), first)).alerts).toHaveLength(1);
    const later = event(5, 60);
    const again = await invoked(store, later, second);
    expect(await invoked(store, later, first)).toMatchObject({ alerts: [], pairs: [{ rejects: 16 }] });
    expect(again).toMatchObject({ alerts: [], pairs: [{ rejects: 16 }] });
    expect(readdirSync(store)).toEqual(['counters.json']);
    const { stdout } = await run('pairs', '10.0.1.5', '10.0.2.7', '--local', store);
    expect(stdout).toContain('rejects     16');
    expect(stdout).toContain('Windows that end at 2026-11-24 09:01:00 UTC');
    expect((await run('alerts', '--local', store)).stdout).toContain('1 alert is live at 2026-11-24 09:01:00 UTC');
    expect((await run('pairs', '10.0.1.5', '--local', store)).stdout).toContain('10.0.2.7');
  });

  it('says that alerts come later when it counts by a journal, and only then', async () => {
    const path = event(11, 0);
    const { stdout } = await run('invoke', path, '--counting', 'journal', '--count-every', '3');
    expect(stdout).toContain(
      '  counted by a journal, countEvery 3: alerts come up to 4 minutes later than with direct',
    );
    expect((await run('invoke', path)).stdout).not.toContain('journal');
    expect(await invoked(join(folder, 'journal'), path, 'journal')).toMatchObject({
      counting: 'journal',
      countEvery: 5,
    });
    expect(await invoked(join(folder, 'direct'), path)).not.toHaveProperty('counting');
  });

  it('stores a silence, which the next run applies', async () => {
    const store = join(folder, 'silenced');
    await invoked(store, event(11, 0));
    const args = ['repeated_rejects', ...key, '--local', store];
    const silenced = await run('alerts', 'silence', ...args, '--reason', 'a release', '--until', '2h');
    expect(silenced).toMatchObject({ code: 0, stderr: '' });
    expect((await invoked(store, event(150, 600))).alerts).toEqual([]);
    expect((await run('alerts', '--local', store)).stdout).toContain('silenced until 2026-11-24 11:00:00: a release');
    expect(await run('alerts', 'unsilence', ...args)).toMatchObject({ code: 0 });
    expect((await invoked(store, event(1, 700))).alerts).toHaveLength(1);
  });

  it('stores numbers beyond 2^53 with all digits', async () => {
    const path = join(folder, 'large.json');
    writeFileSync(path, JSON.stringify(eventOf([lineOf({ bytes: '9223372036854775807' })])));
    const store = join(folder, 'large');
    await invoked(store, path);
    const { stdout } = await run('pairs', '10.0.1.5', '10.0.2.7', '--local', store);
    expect(stdout).toContain('(9,223,372,036,854,775,807 bytes)');
  });

  it('leaves the folder unchanged when a run or a command fails', async () => {
    const store = join(folder, 'failed');
    await invoked(store, event(11, 0));
    const before = readFileSync(join(store, 'counters.json'), 'utf8');
    const other = join(folder, 'other.json');
    writeFileSync(other, '{}');
    expect(await run('invoke', other, '--keep', store)).toMatchObject({ code: 2, stdout: '' });
    expect(
      await run('alerts', 'silence', 'ffffffff', '--reason', 'x', '--until', '1h', '--local', store),
    ).toMatchObject({
      code: 1,
    });
    expect(readFileSync(join(store, 'counters.json'), 'utf8')).toBe(before);
    expect(readdirSync(store)).toEqual(['counters.json']);
  });

  const broken = join(folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'counters.json'), '{"Item":{"pk":{"S":"a"}}}\n{"Item":{"pk":7}}\n');
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const aFile = join(folder, 'file');
  writeFileSync(aFile, '');
  const good = event(1, 0);

  it.each([
    [
      'a missing folder',
      ['alerts', '--local', join(folder, 'nowhere')],
      'nowhere has no counters; create them with npx flow-sentinel invoke --keep',
    ],
    ['an empty folder', ['pairs', '10.0.1.5', '--local', empty], 'empty has no counters'],
    ['a file', ['alerts', '--local', aFile], 'file has no counters'],
    ['an invalid item', ['alerts', '--local', broken], 'counters.json line 2 is invalid: got '],
    [
      'an invalid item in the folder to continue from',
      ['invoke', good, '--keep', broken],
      'counters.json line 2 is invalid: got ',
    ],
    ['a file as the folder', ['invoke', good, '--keep', aFile], 'file cannot be created: a file with this name exists'],
    [
      'a folder in a file',
      ['invoke', good, '--keep', join(aFile, 'x')],
      'cannot be created: a part of the path is a file',
    ],
  ])('exits with 2 and one line with the reason for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() === 0)('reports an unwritable folder before the work', async () => {
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o555);
    const { code, stderr } = await run('invoke', good, '--keep', readOnly);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('cannot be written: permission denied'),
    });
  });
});
