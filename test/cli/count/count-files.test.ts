import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { countFiles } from '../../../cli/count/count-files.ts';
import { makeLogs } from '../../../cli/make-logs.ts';
import { readQuantities } from '../../../lambda/core/quantity.ts';
import { randomLines, temporaryFolder, writeLog } from '../replay/flow-logs.ts';
import { run } from '../run-program.ts';

const folder = temporaryFolder();

async function counted(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run('count', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout, readQuantities as never) as Record<string, unknown>;
}

async function replayed(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run('replay', '--json', ...args);
  const { alerts, ...rest } = JSON.parse(stdout, readQuantities as never) as Record<string, unknown>;
  return rest;
}

describe('count', () => {
  it('says of files of every kind what a replay says, but for the alerts', async () => {
    const lines = randomLines(7, 4000);
    const mixed = join(folder, 'mixed');
    writeLog(mixed, 'plain.log', lines.slice(0, 2000));
    writeLog(mixed, 'packed.log.gz', lines.slice(1000, 3000));
    writeLog(
      mixed,
      'windows.log',
      lines.slice(3000).map((line) => `${line}\r`),
    );
    writeLog(
      mixed,
      'export.log',
      lines.slice(0, 50).map((line) => `2026-11-24T09:00:00.000Z ${line}`),
    );
    writeLog(mixed, 'junk.log', [
      ...lines.slice(0, 10),
      'no flow',
      '',
      lines[11]!.replace(/ \d+ /, ' x '),
      '2 '.repeat(14),
    ]);
    const { responses } = JSON.parse(
      (await run('invoke', '--json', ...['00', '10'].map((n) => `events/quiet-hour/minute-${n}.json`))).stdout,
    ) as { responses: { records: { data: string }[] }[] };
    const decoded = responses.flatMap(({ records }) =>
      records.map(({ data }) => Buffer.from(data, 'base64').toString()),
    );
    writeFileSync(join(mixed, 'decoded.json'), decoded.join(''));
    for (const name of ['20', '30']) {
      writeFileSync(join(mixed, `event-${name}.json`), readFileSync(`events/quiet-hour/minute-${name}.json`));
    }
    expect(await counted(mixed)).toEqual(await replayed(mixed));
  });

  it('says of a labelled day what a replay says', async () => {
    const logs = join(folder, 'logs');
    const spy = process.stdout.write;
    process.stdout.write = () => true;
    makeLogs(logs, { style: 'web-shop' });
    process.stdout.write = spy;
    const day = join(logs, 'AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/24');
    expect(await counted(day)).toEqual(await replayed(day));
  });

  it('counts the same with any number of threads', async () => {
    const lines = randomLines(3, 4000);
    const path = writeLog(folder, 'long.log', []);
    while (readFileSync(path).length < 50 * 1024 * 1024) appendFileSync(path, `${lines.join('\n')}\n`.repeat(20));
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map((threads) =>
        countFiles([path], { monitoredNetworks: [], threads, signal: new AbortController().signal }),
      ),
    );
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    expect(one!.counts.lines).toBeGreaterThan(400_000);
  });

  it('counts what can be read of a file that is cut off, and says so', async () => {
    const path = writeLog(folder, 'cut.log.gz', randomLines(5, 20_000));
    truncateSync(path, 60_000);
    const { code, stdout, stderr } = await run('count', '--json', path);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^flow-sentinel: .*cut\.log\.gz: its gzip is cut off.*\n$/) as string,
    });
    expect(() => gunzipSync(readFileSync(path))).toThrow();
    expect(JSON.parse(stdout, readQuantities as never)).toMatchObject({ ...(await replayed(path)) });
  });

  it('keeps a line that is too long from taking memory', async () => {
    const [first, second] = randomLines(5, 2);
    const path = writeLog(folder, 'long-line.log', [first!, 'x'.repeat(3 * 1024 * 1024), second!]);
    const { code, stderr } = await run('count', path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/: line 2 is longer than 1 MiB and was left out\n$/);
  });

  it('says in one line what is wrong with what it was given', async () => {
    const none = writeLog(folder, 'none.log', ['no flow at all', 'nor here']);
    expect(await run('count', none)).toMatchObject({ code: 2, stdout: '' });
    expect(await run('count', join(folder, 'missing'))).toMatchObject({
      code: 2,
      stderr: `flow-sentinel: ${join(folder, 'missing')} is not there\n`,
    });
    expect((await run('count', none, '--threads', '0')).code).toBe(2);
  });
});
