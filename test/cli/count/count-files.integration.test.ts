import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { count } from '../../../cli/count/count.ts';
import { countFiles } from '../../../cli/count/count-files.ts';
import { FlowCounts } from '../../../cli/statistics/flow-counts.ts';
import { CheckFailed } from '../../../cli/terminal/exit-signals.ts';
import { dayEnd, dayStart } from '../../../events/scenarios/times.ts';
import { readQuantities } from '../../../lambda/common/quantity.ts';
import { logFields, logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { lineOf } from '../../support/flows.ts';
import { labelledDay } from '../../support/labelled-days.ts';
import { catching, run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';
import { randomLines, writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();

async function counted(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run('count', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout, readQuantities as never) as Record<string, unknown>;
}

async function replayed(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run('replay', '--json', ...args);
  const { alerts, unseen, ...rest } = JSON.parse(stdout, readQuantities as never) as Record<string, unknown>;
  return rest;
}

describe('count', () => {
  it('gives the counts of a replay, without alerts, for files of every kind', async () => {
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

  const [one, two, three] = randomLines(11, 3) as [string, string, string];
  const swapped = defaultFormat.replace('srcaddr dstaddr', 'dstaddr srcaddr');
  const withoutTime = lineOf({ start: '-', end: '-' });
  const oddFiles: readonly (readonly [name: string, files: Record<string, readonly string[]>])[] = [
    ['a second header with the same fields', { 'a.log': [defaultFormat, one, defaultFormat, two] }],
    ['a second header with other fields', { 'a.log': [defaultFormat, one, swapped, two, defaultFormat, three] }],
    ['a header of another file', { 'a.log': [defaultFormat, one, logFormat, two], 'b.log': [logFormat] }],
    [
      'headers in other spellings',
      {
        'a.log': [defaultFormat.replaceAll('-', '_'), one, defaultFormat.replace(/\S+/g, '${$&}'), two],
      },
    ],
    ['a header with unknown fields', { 'a.log': [`${defaultFormat} colour`, `${one} red`, two], 'b.log': [three] }],
    ['a later header with unknown fields', { 'a.log': [defaultFormat, one, `${defaultFormat} colour`, `${two} red`] }],
    ['a header after lines without one', { 'a.log': [one, swapped, two] }],
    ['lines without times', { 'a.log': [one, withoutTime, two, withoutTime] }],
    ['messages', { 'a.json': JSON.stringify({ message: one }, null, 2).split('\n') }],
    ['messages of several lines', { 'a.log': [three, JSON.stringify({ message: `${one}\n${two}` })] }],
    ['a byte order mark', { 'a.log': [`\ufeff${defaultFormat}`, one], 'b.log': [`\ufeff${two}`] }],
    ['lines of one to two MiB', { 'a.log': [one, 'x'.repeat(1.5 * 2 ** 20), two, 'y'.repeat(2 ** 20 - 1), three] }],
    ['a last line over the limit', { 'a.log': [one, two], 'b.log': [one, 'x'.repeat(2 ** 20)] }],
    ['junk beside another format', { 'a.log': [one, 'no flow'], 'b.log': [logFormat, 'no flow here'] }],
    ['ambiguous formats', { 'a.log': [defaultFormat, one, 'no flow'], 'b.log': [swapped, two, 'nor here'] }],
  ];
  for (const [index, [name, files]] of oddFiles.entries()) {
    it(`gives the counts of a replay for ${name}`, async () => {
      const odd = join(folder, `odd-${index}`);
      for (const [file, lines] of Object.entries(files)) writeLog(odd, file, lines);
      const [counting, replaying] = [await run('count', '--json', odd), await run('replay', '--json', odd)];
      expect({ code: counting.code, stderr: counting.stderr }).toEqual({
        code: replaying.code,
        stderr: replaying.stderr,
      });
      const { alerts, unseen, lateFlows, ...expected } = JSON.parse(replaying.stdout) as Record<string, unknown>;
      expect(JSON.parse(counting.stdout)).toEqual(expected);
      expect(expected).toMatchObject({ pairs: expect.any(Array) as unknown[] });
    });
  }

  it('gives the counts of a replay for a labelled day', async () => {
    const day = join(folder, 'day');
    const [from, to] = byTier([dayStart + 10 * 3600, dayStart + 12 * 3600], [dayStart, dayEnd]);
    const ofHours = labelledDay('web-shop').filter(({ arrival }) => arrival >= from && arrival < to);
    for (const [hour, lines] of Map.groupBy(ofHours, ({ arrival }) => Math.floor(arrival / 3600))) {
      writeLog(day, `${hour}.log.gz`, [logFields.join(' '), ...lines.map(({ line }) => line)]);
    }
    const networks = ['--monitored-networks', '10.0.0.0/16'];
    const { sourcesWithoutEgress, ...expected } = await replayed(day, ...networks);
    expect(await counted(day, ...networks)).toEqual(expected);
    expect(expected).toMatchObject({
      records: { leftOut: expect.toSatisfy((leftOut: number) => leftOut > 1000) as number },
      monitoredNetworks: { networks: ['10.0.0.0/16'], source: '--monitored-networks' },
    });
  });

  it('leaves out no flow when the format has flow-direction and no network is monitored', async () => {
    const path = join(folder, 'directions.log');
    const flow = (direction: string) => `10.0.0.1 10.0.0.2 100 1795391940 1795392000 ACCEPT OK ${direction}`;
    const header = 'srcaddr dstaddr bytes start end action log-status flow-direction';
    writeFileSync(path, `${[header, flow('ingress'), flow('egress'), flow('-')].join('\n')}\n`);

    const { records, pairs } = await counted(path);

    expect(records).toMatchObject({ flows: 3, counted: 3 });
    expect(pairs).toMatchObject([{ src: '10.0.0.1', dst: '10.0.0.2', bytes: 300 }]);
  });

  it('gives the same counts with any number of threads', async () => {
    const repeats = byTier(10, 20);
    const lines = randomLines(3, 4000);
    const path = writeLog(folder, 'long.log', []);
    const tooLong = 'x'.repeat(2 * 1024 * 1024);
    for (let part = 0; statSync(path).size < byTier(13, 50) * 1024 * 1024; part += 1) {
      const junk = [`junk of part ${part}`, `${part}`, ...(part % 4 === 3 ? [tooLong] : [])];
      appendFileSync(path, `${lines.join('\n')}\n`.repeat(repeats) + junk.map((line) => `${line}\n`).join(''));
    }
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map((threads) =>
        countFiles([path], { monitoredNetworks: async () => [], threads, signal: new AbortController().signal }),
      ),
    );
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(first!.counts.lines).toBeGreaterThan(byTier(150_000, 400_000));
    expect(first!.counts.unreadable.reasons).toHaveLength(2);
    expect(first!.files[0]!.problem).toMatch(
      new RegExp(`^line ${4 * 4000 * repeats + 9} is longer than 1 MiB and was left out`),
    );
    appendFileSync(path, `${swapped}\n${lines[0]}\n`);
    const cutShort = await countFiles([path], {
      monitoredNetworks: async () => [],
      threads: 3,
      signal: new AbortController().signal,
    });
    expect(cutShort.files[0]!.problem).toMatch(/; and \d more problems$|a second header has other fields/);
    expect({ ...cutShort, files: [] }).toEqual({ ...first, files: [] });
  });

  it('reports an interruption without a time', async () => {
    const path = writeLog(folder, 'interrupted.log', [one]);
    const interruption = new AbortController();
    const spy = vi.spyOn(FlowCounts.prototype, 'add').mockImplementation(() => interruption.abort());
    const { stderr, thrown } = await catching(() => count([path], {}, interruption.signal));
    spy.mockRestore();
    expect(thrown).toBeInstanceOf(CheckFailed);
    expect(stderr).toBe('flow-sentinel: interrupted: the result covers the flows counted so far\n');
  });

  it('counts and reports a file to the point where it is cut off', async () => {
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

  it('reports a line over the limit, and counts the other lines', async () => {
    const [first, second] = randomLines(5, 2);
    const path = writeLog(folder, 'long-line.log', [first!, 'x'.repeat(3 * 1024 * 1024), second!]);
    const { code, stderr } = await run('count', path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/: line 2 is longer than 1 MiB and was left out\n$/);
  });

  it('exits with 2 and one line when no file can be read or --threads is invalid', async () => {
    const none = writeLog(folder, 'none.log', ['no flow at all', 'nor here']);
    expect(await run('count', none)).toMatchObject({ code: 2, stdout: '' });
    expect(await run('count', join(folder, 'missing'))).toMatchObject({
      code: 2,
      stderr: `flow-sentinel: ${join(folder, 'missing')} does not exist\n`,
    });
    for (const threads of ['0', '-1', '2.5', 'x']) {
      const { code, stderr } = await run('count', none, '--threads', threads);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(
          `option '--threads <n>' argument '${threads}' is invalid. expected a whole number above 0, of up to nine digits.`,
        ) as string,
      });
    }
  });
});
