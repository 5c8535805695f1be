import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFlowFiles } from '../../../cli/flow-files/open.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';
import { firehoseEvent, wrapLines } from '../../../emulators/firehose-event.ts';
import { ambiguities, defaultFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { directed, epoch, lakeRowOf, lineOf, v2 } from '../../support/flows.ts';
import { byTier } from '../../support/tier.ts';
import { flowFolder, readAll } from './flow-folder.ts';

const lineAt = (end: number) => lineOf({ start: epoch + end - 50, end: epoch + end });
const manyLines = (count: number) => Array.from({ length: count }, (_, n) => `${lineAt(n)}\n`).join('');
const mebibyte = 1024 * 1024;

/** Valid files, from which invalid ones are made. */
const seeds: readonly Buffer[] = [
  Buffer.from(manyLines(20)),
  gzipSync(`${defaultFormat}\n${manyLines(20)}`),
  Buffer.from(`${directed.names.join(' ')}\n${lineOf({ version: 5 }, directed)}\n`),
  Buffer.from(Array.from({ length: 5 }, (_, n) => lakeRowOf(parseLine(lineAt(n), [v2]), [])).join('')),
  Buffer.from(JSON.stringify(firehoseEvent(wrapLines([lineAt(1), lineAt(2)], 'cloudwatch', epoch * 1000)), null, 1)),
  Buffer.from(JSON.stringify({ events: [{ timestamp: epoch * 1000, message: lineAt(3) }] })),
  Buffer.concat(wrapLines([lineAt(1), lineAt(2)], 'cloudwatch', epoch * 1000).map(({ data }) => data)),
  Buffer.from(`{"rawData":"YQ==","errorCode":"x","arrivalTimestamp":${epoch}000}{"message":"${lineAt(4)}"}`),
  Buffer.from(`2026-11-24T09:00:00.000Z ${lineAt(5)}\n`),
  Buffer.from('PAR1PAR1'),
];

const anyPiece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...['{', '}', '[', ']', '"', '\n', '\0', '\\', ' ', '9'.repeat(30), '-', '{"records":[', '{"events":['],
    )
    .map((text) => Buffer.from(text)),
  fc.constantFrom(...seeds),
);

const anyFile = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(30), anyPiece), { maxLength: 4 }))
    .map(([seed, changes]) =>
      changes.reduce((bytes, [at, removed, piece]) => {
        const place = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place + removed)]);
      }, seed),
    )
    .filter((bytes) => bytes.length > 0),
);

describe('openFlowFiles on hostile files', () => {
  it('reads files of any bytes, in the order of time, without hiding another file; throws only if none can be read', async () => {
    const folder = flowFolder({ 'valid.log': lineAt(7) });
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { minLength: 1, maxLength: 4 }), async (files) => {
        const names = files.map((bytes, index) => {
          writeFileSync(join(folder, `${index}`), bytes);
          return join(folder, `${index}`);
        });
        const { records, lines, flowFiles } = await readAll([...names, join(folder, 'valid.log')]);
        expect(records.every(({ arrival }, n) => arrival >= (records[n - 1]?.arrival ?? 0))).toBe(true);
        expect(lines.some((line) => line.includes(String(epoch + 7)))).toBe(true);
        expect(flowFiles.files().reduce((sum, file) => sum + file.records, 0)).toBe(records.length);
        expect(ambiguities(flowFiles.formats)).toEqual([]);
        for (const { problem } of flowFiles.files()) expect(problem ?? '').not.toMatch(/\n/);
        await openFlowFiles(names).catch((error) => expect(error).toBeInstanceOf(InputError));
      }),
      { numRuns: byTier(60, 300) },
    );
  });

  it('reads a file to the point where it is cut off, and reports that', async () => {
    const complete = gzipSync(manyLines(3000));
    const folder = flowFolder({ 'a.gz': complete.subarray(0, complete.length / 2), 'b.log': lineAt(3500) });
    const { lines, problems, flows } = await readAll(folder);
    expect(problems).toEqual({
      'a.gz': 'its gzip is cut off; the rest is missing, download the file again',
    });
    expect(lines.length).toBeGreaterThan(1000);
    // The incomplete last line is not emitted.
    expect(flows).toHaveLength(lines.length);
  });

  it('skips lines over the limit, and reports them', async () => {
    const folder = flowFolder({ 'a.log': `${lineAt(1)}\n${'x'.repeat(2 * mebibyte)}\n${lineAt(2)}\n` });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(2);
    expect(problems).toEqual({ 'a.log': 'line 2 is longer than 1 MiB and was left out' });
  });

  it('reports two problems and the number of the others when many lines are over the limit', async () => {
    const long = `${'x'.repeat(mebibyte)}\n`;
    const { problems } = await readAll(flowFolder({ a: `${lineAt(1)}\n${long.repeat(5)}` }));
    expect(problems.a).toBe(
      'line 2 is longer than 1 MiB and was left out; line 3 is longer than 1 MiB and was left out; and 3 more problems',
    );
  });

  it.each([
    ['of NULs', Buffer.alloc(8 * mebibyte)],
    ['of NULs, compressed', gzipSync(Buffer.alloc(64 * mebibyte))],
    ['with NULs after lines', Buffer.concat([Buffer.from(`${lineAt(1)}\n`), Buffer.alloc(8 * mebibyte)])],
    ['that are an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['that are a zip', Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.alloc(500, 0xaa)])],
    ['without a line break', Buffer.alloc(8 * mebibyte, 'x')],
    ['in UTF-16', Buffer.from(`\uFEFF${lineAt(1)}\n`, 'utf16le')],
    ['that are another JSON', Buffer.from('{"Records":[{"s3":{}}]}')],
    ['that are a web page', Buffer.from('<!doctype html>\n<title>Sign in</title>\n')],
  ])('reports files %s, without taking memory', async (_, bytes) => {
    const before = process.memoryUsage().arrayBuffers;
    const { lines, problems } = await readAll(flowFolder({ odd: bytes, 'valid.log': lineAt(1) }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(24 * mebibyte + bytes.length);
    expect(lines.length).toBeLessThanOrEqual(2);
    expect(problems.odd).toMatch(
      /^the (?:content|compression|text encoding) is invalid: got .*, expected|is longer than/,
    );
  });

  it.each([
    ['bzip2', 'bunzip2', Buffer.from('BZh91AY&SY')],
    ['a zip archive', 'unzip', Buffer.from('PK\u0003\u0004\u0014\u0000')],
    ['Zstandard', 'unzstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58])],
    ['xz', 'unxz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00])],
  ])('names %s and the command %s when a file has that compression', async (name, command, content) => {
    const opened = openFlowFiles([flowFolder({ 'a.log': content })]);
    await expect(opened).rejects.toThrow(
      `got ${name}, expected gzip or none; decompress the file with ${command} FILE`,
    );
  });

  it('skips JSON objects that are nested too deeply or over the limit, and reports the latter', async () => {
    const deep = `{"records":[{"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`;
    const long = `{"message":"${'x'.repeat(17 * mebibyte)}"}`;
    const valid = JSON.stringify({ message: lineAt(1) });
    const { lines, problems } = await readAll(
      flowFolder({ a: `${valid}${long}${deep}${valid}`, b: `${deep}\n${valid}` }),
    );
    expect(lines.filter((line) => line === `${valid}\n`)).toHaveLength(3);
    expect(problems).toEqual({ a: 'a JSON object of more than 16 MiB was left out' });
  });
});

describe('FlowFiles.records', () => {
  it('emits the first records before it has read a tenth of the files', async () => {
    const folder = flowFolder({ 'a.log': manyLines(50_000), 'b.gz': gzipSync(manyLines(50_000)) });
    const flowFiles = await openFlowFiles([folder]);
    let read = 0;
    const stream = flowFiles.records((bytes) => {
      read = bytes;
    });
    await stream.next();
    expect(read).toBeLessThan(flowFiles.bytes / 10);
    for (let count = 0; count < 1000; count += 1) await stream.next();
    expect(read).toBeLessThan(flowFiles.bytes / 10);
    expect(flowFiles.files().map(({ records }) => records)).toEqual([501, 500]);
    let rest = 0;
    for await (const _ of stream) rest += 1;
    expect(rest).toBe(100_000 - 1001);
    expect(read).toBe(flowFiles.bytes);
  });

  it('starts at the beginning when it is called again', async () => {
    const flowFiles = await openFlowFiles([flowFolder({ a: `${lineAt(1)}\n${'x'.repeat(2 * mebibyte)}\n` })]);
    for (let time = 0; time < 2; time += 1) {
      for await (const _ of flowFiles.records()) expect(flowFiles.files()[0]!.records).toBe(1);
      expect(flowFiles.files()[0]).toMatchObject({
        records: 1,
        problem: expect.stringMatching(/^line 2 is longer[^;]*$/),
      });
    }
  });

  // Only on systems that list the open files of a process.
  it.runIf(existsSync('/proc/self/fd'))(
    'opens files when they are due, and closes them when the consumer stops',
    async () => {
      const folder = flowFolder(
        Object.fromEntries(
          Array.from({ length: 30 }, (_, n) => [`${n}.log`, manyLines(3000).replaceAll(' 17955', ` ${17955 + n}`)]),
        ),
      );
      const open = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(folder)).length;
      const flowFiles = await openFlowFiles([folder]);
      expect(open()).toBe(0);
      const stream = flowFiles.records();
      await stream.next();
      expect(open()).toBe(1);
      await stream.return(undefined);
      expect(open()).toBe(0);
    },
  );

  it('ends when the signal fires, and does not begin when it has fired before', async () => {
    const folder = flowFolder({ a: manyLines(5000) });
    const stop = new AbortController();
    const flowFiles = await openFlowFiles([folder], { signal: stop.signal });
    let records = 0;
    for await (const _ of flowFiles.records()) {
      records += 1;
      if (records === 10) stop.abort(new Error('it was interrupted'));
    }
    expect(records).toBe(10);
    await expect(openFlowFiles([folder], { signal: stop.signal })).rejects.toThrow('it was interrupted');
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
