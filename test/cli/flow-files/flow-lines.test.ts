import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFlowFiles } from '../../../cli/flow-files/open.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { directed, epoch, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

/** A line of a flow that ended so many seconds after the hour. */
const lineAt = (end: number, values: Record<string, string | number> = {}, format = v2) =>
  lineOf({ version: format.version, start: epoch + end - 50, end: epoch + end, ...values }, format);

const fileOf = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('flow log lines', () => {
  it('are records of their own, bare, which arrive a minute after their flow ended and never before the line before', async () => {
    const folder = flowFolder({ 'a.log': fileOf(lineAt(100), lineAt(40), lineAt(200)) });
    const { lines, arrivals, flows, flowFiles } = await readAll(folder);
    expect(lines).toEqual([100, 40, 200].map((end) => `${lineAt(end)}\n`));
    expect(arrivals).toEqual([160, 160, 260]);
    expect(flows).toHaveLength(3);
    expect(flowFiles.formats.map(({ names }) => names.join(' '))).toEqual([defaultFormat]);
    expect(flowFiles.files()).toEqual([
      {
        name: join(folder, 'a.log'),
        kind: 'flow log lines',
        bytes: fileOf(lineAt(100), lineAt(40), lineAt(200)).length,
        records: 3,
        problem: undefined,
      },
    ]);
  });

  it('arrive by their start where they have no end, and with the line before where they have neither', async () => {
    const format = formatOf(defaultFormat);
    const folder = flowFolder({
      'a.log': fileOf(
        defaultFormat,
        lineAt(100),
        lineAt(0, { start: epoch + 120, end: '-' }, format),
        lineAt(0, { start: '-', end: '-' }, format),
        'garbage',
        lineAt(0, { start: epoch * 1000, end: (epoch + 300) * 1000 }),
      ),
    });
    expect((await readAll(folder)).arrivals).toEqual([160, 180, 180, 180, 360]);
  });

  it.each([
    ['as AWS writes files', directed.names.join(' ')],
    ['as AWS writes formats', directed.names.map((name) => `\${${name}}`).join(' ')],
    ['with _ for -', directed.names.join('\t').replaceAll('-', '_')],
  ])('have the format of their header, %s', async (_, header) => {
    const { lines, flows, flowFiles } = await readAll(flowFolder({ a: fileOf(header, lineAt(9, {}, directed)) }));
    expect(lines).toEqual([`${lineAt(9, {}, directed)}\n`]);
    expect(flowFiles.formats.map(({ names }) => names)).toEqual([directed.names]);
    expect(flows[0]!.format).toBe(flowFiles.formats[0]);
  });

  it('have the formats that the user gives where there is no header', async () => {
    const folder = flowFolder({ a: fileOf(lineAt(9, {}, directed)), b: fileOf(lineAt(5)) });
    const { flows, problems } = await readAll(folder, { format: [directed.names.join(' '), defaultFormat] });
    expect(flows.map(({ format }) => format.names.length)).toEqual([14, 17]);
    expect(problems).toEqual({});
  });

  it('are read through gzip of several members, CRLF, a byte order mark, blank lines, and without a last line break', async () => {
    const whole = `\uFEFF${defaultFormat}\r\n\r\n${lineAt(1)}\r\n`;
    const bytes = Buffer.concat([gzipSync(whole), gzipSync(''), gzipSync(lineAt(2))]);
    const { lines, flows } = await readAll(flowFolder({ 'a.txt': bytes, 'b.txt': gzipSync(gzipSync(lineAt(3))) }));
    expect(lines).toEqual([`${lineAt(1)}\r\n`, `${lineAt(2)}\n`, `${lineAt(3)}\n`]);
    expect(flows).toHaveLength(3);
  });

  it('lose no header in the midst, as files that were put together have', async () => {
    const folder = flowFolder({
      a: fileOf(defaultFormat, lineAt(1), defaultFormat, lineAt(2), directed.names.join(' '), lineAt(3, {}, directed)),
      b: fileOf(directed.names.join(' '), lineAt(4, {}, directed)),
    });
    const { flows, problems } = await readAll(folder);
    expect(flows.map(({ format }) => format.names.length)).toEqual([14, 14, 17, 17]);
    expect(problems).toEqual({});
  });

  it('end where a header in the midst has fields that no file begins with', async () => {
    const folder = flowFolder({ a: fileOf(lineAt(1), directed.names.join(' '), lineAt(3, {}, directed)) });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(1);
    expect(problems).toEqual({
      a: 'a second header has other fields, and what follows it was not read; split the file',
    });
  });

  it('that fit no format go on, so that they are counted, and their file is told of', async () => {
    const folder = flowFolder({ 'a.log': fileOf(lineAt(1, {}, directed), lineAt(2, {}, directed)), b: lineAt(3) });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(3);
    expect(problems).toMatchInlineSnapshot(`
      {
        "a.log": "it has no header and its lines cannot be read: the line has 17 fields, expected 14; say with --format which fields they have",
      }
    `);
  });

  it('with a header that names unknown fields are left out', async () => {
    const folder = flowFolder({ 'a.log': fileOf(`${defaultFormat} colour`, lineAt(1)), b: lineAt(3) });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(1);
    expect(problems).toMatchInlineSnapshot(`
      {
        "a.log": "its header cannot be read: the format names "colour", expected fields that VPC Flow Logs publishes",
      }
    `);
  });
});

describe('lines that say no time', () => {
  const format = formatOf('srcaddr dstaddr action bytes');

  it('arrive when their file was delivered, by its name', async () => {
    const line = lineOf({}, format);
    const folder = flowFolder({
      '123456789012_vpcflowlogs_us-east-1_fl-0a_20261124T0905Z_4b2f.log': fileOf(format.names.join(' '), line, line),
      'b.log': fileOf(defaultFormat, 'garbage', lineAt(100)),
    });
    expect((await readAll(folder)).arrivals).toEqual([160, 160, 300, 300]);
  });
});

describe('CloudWatch exports', () => {
  it('lose the time before each line, which counts where the line has none', async () => {
    const format = formatOf('srcaddr dstaddr action');
    const stamped = (seconds: number, line: string) => `${new Date((epoch + seconds) * 1000).toISOString()} ${line}`;
    const folder = flowFolder({
      'timed/000000.gz': gzipSync(fileOf(stamped(50, lineAt(100)), stamped(150, lineAt(200)))),
      'untimed/000000.gz': gzipSync(fileOf(stamped(0, lineOf({}, format)), stamped(130, lineOf({}, format)))),
      'aws-logs-write-test': 'Permission Check Successful',
    });
    const { lines, arrivals, flowFiles, flows, problems } = await readAll(folder, {
      format: [defaultFormat, format.names.join(' ')],
    });
    expect(lines).toEqual([
      `${lineOf({}, format)}\n`,
      `${lineAt(100)}\n`,
      `${lineOf({}, format)}\n`,
      `${lineAt(200)}\n`,
    ]);
    expect(arrivals).toEqual([60, 160, 190, 260]);
    expect(flows).toHaveLength(4);
    expect(flowFiles.files().map(({ kind }) => kind)).toEqual(['CloudWatch export', 'CloudWatch export']);
    expect(problems).toEqual({});
  });
});

describe('paths', () => {
  it('are folders with all folders in them, but for what tools leave beside files', async () => {
    const line = lineAt(1);
    const folder = flowFolder({
      'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/year=2026/a.log': line,
      'b.log': line,
      '.hidden': line,
      '.git/config': line,
      _SUCCESS: line,
      '_temporary/0': line,
      'empty.log': '',
    });
    mkdirSync(join(folder, 'no-files'));
    symlinkSync(folder, join(folder, 'loop'));
    symlinkSync(join(folder, 'b.log'), join(folder, 'c.log'));
    const { flowFiles } = await readAll(folder);
    expect(flowFiles.files().map(({ name }) => name.slice(folder.length + 1))).toEqual([
      'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/year=2026/a.log',
      // What a link names again is read once.
      'b.log',
    ]);
  });

  it('are looked at with word of how far that is', async () => {
    const folder = flowFolder({ a: lineAt(1), b: lineAt(2) });
    const told: number[][] = [];
    await openFlowFiles([folder], { onDetected: (files, all) => told.push([files, all]) });
    expect(told).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('give the same stream in whatever order, and a file but once', async () => {
    const folder = flowFolder(
      Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [`${name}/1.log`, fileOf(lineAt(5, { bytes: name.charCodeAt(0) }))]),
      ),
    );
    const paths = ['c', 'a/1.log', 'b', 'a'].map((name) => join(folder, name));
    const { lines } = await readAll(paths);
    expect(lines).toHaveLength(3);
    expect((await readAll(paths.toReversed())).lines).toEqual(lines);
    expect((await readAll(folder)).lines).toEqual(lines);
  });

  it.each([
    ['nothing', [], 'no file is named, expected files, folders or s3://bucket/prefix'],
    ['what is not there', ['missing.log'], 'missing.log is not there'],
    ['standard input', ['-'], 'standard input is not read; save it in a file first'],
    ['a device', ['/dev/null'], '/dev/null is no file or folder; save what comes from it in a file first'],
    ['a malformed address', ['s3:/bucket/x'], 's3:/bucket/x is no address in S3, expected s3://bucket/prefix'],
    ['an address without a bucket', ['s3://'], 's3:// is no address in S3, expected s3://bucket/prefix'],
  ])('that are %s are an error of one line', async (_, paths, problem) => {
    await expect(openFlowFiles(paths)).rejects.toMatchObject({ name: 'InputError', message: problem });
  });

  it('without anything to be read are an error of one line', async () => {
    const folder = flowFolder({ '_SUCCESS/x': 'x', 'sub/readme.txt': 'Read me\n', 'sub/b.bin': Buffer.alloc(100) });
    const error = async (path: string) => (await openFlowFiles([path]).catch((thrown) => thrown)).message;
    expect(await error(join(folder, '_SUCCESS'))).toMatch(/_SUCCESS.x cannot be read|_SUCCESS cannot be read/);
    const messages = [await error(folder), await error(join(folder, 'sub/b.bin'))].map((message) =>
      message.replaceAll(folder, '.'),
    );
    expect(messages).toMatchInlineSnapshot(`
      [
        "none of 2 files can be read; ./sub/b.bin cannot be read: it is no text, expected flow log text, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records",
        "./sub/b.bin cannot be read: it is no text, expected flow log text, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records",
      ]
    `);
  });

  it.each([
    [['srcaddr colour'], /^--format: the format names "colour"/],
    [['srcaddr dstaddr', 'dstaddr srcaddr'], /^--format: formats 1 and 2 cannot be told apart/],
  ])('with the formats %j are an error of one line', async (format, problem) => {
    await expect(openFlowFiles([flowFolder({ a: lineAt(1) })], { format })).rejects.toThrow(problem);
  });
});

describe('formats that cannot be told apart', () => {
  it('are also those whose lines have another version than theirs', async () => {
    const folder = flowFolder({
      'a.log': fileOf(directed.names.join(' '), lineAt(1, { version: 2 }, directed)),
      'b.log': fileOf(defaultFormat, lineAt(2)),
    });
    const { flows } = await readAll(folder);
    expect(flows.map(valuesOf)).toMatchObject([{ version: '2' }, { version: '2' }]);
  });

  const other = formatOf(
    defaultFormat.replace('srcaddr dstaddr', 'dstaddr srcaddr').replace('packets bytes', 'bytes packets'),
  );

  it('become one with the fields of all', async () => {
    const folder = flowFolder({
      'a.log': fileOf(other.names.join(' '), lineAt(1, { bytes: '9223372036854775807' }, other), 'no flow'),
      'b.log': fileOf(defaultFormat, lineAt(2, { packets: 3 })),
      'c.log': fileOf(directed.names.join(' '), lineAt(3, { 'flow-direction': 'egress' }, directed)),
    });
    const { flowFiles, flows, read, lines } = await readAll(folder);
    expect(flowFiles.formats.map(({ names }) => names)).toEqual([expect.arrayContaining(directed.names.slice())]);
    expect(flows.map(valuesOf)).toMatchObject([
      { version: '2', srcaddr: '10.0.1.5', packets: '10', bytes: '9223372036854775807' },
      { version: '2', srcaddr: '10.0.1.5', packets: '3' },
      { version: '5', 'flow-direction': 'egress' },
    ]);
    expect(lines).toContain('no flow\n');
    expect(read.filter(({ outcome }) => outcome.kind === 'failed')).toHaveLength(1);
  });

  it('stay apart from that of records which go on as they came', async () => {
    const record = {
      recordId: '1',
      approximateArrivalTimestamp: epoch * 1000,
      data: Buffer.from(lineAt(0)).toString('base64'),
    };
    const folder = flowFolder({
      'a.log': fileOf(other.names.join(' '), lineAt(1, { bytes: 7 }, other)),
      'event.json': JSON.stringify({ records: [record] }),
    });
    const { flowFiles, flows, lines } = await readAll(folder);
    expect(flowFiles.formats[0]!.names.join(' ')).toBe(defaultFormat);
    expect(lines[0]).toBe(lineAt(0));
    expect(flows.map(valuesOf)).toMatchObject([
      { srcaddr: '10.0.1.5' },
      { srcaddr: '10.0.1.5', bytes: '7', packets: '10' },
    ]);
  });
});
