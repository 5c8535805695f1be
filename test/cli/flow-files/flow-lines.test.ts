import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFlowFiles } from '../../../cli/flow-files/open.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { directed, epoch, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

/** Returns the line of a flow that ended the given seconds after `epoch`. */
const lineAt = (end: number, values: Record<string, string | number> = {}, format = v2) =>
  lineOf({ version: format.version, start: epoch + end - 50, end: epoch + end, ...values }, format);

const fileOf = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('openFlowFiles on flow log lines', () => {
  it('emits each line as a bare record that arrives a minute after its flow ended, never before the previous line', async () => {
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

  it('takes the arrival from the start when a line has no end, and from the previous line when it has neither', async () => {
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
  ])('reads lines in the format of their header when it is written %s', async (_, header) => {
    const { lines, flows, flowFiles } = await readAll(flowFolder({ a: fileOf(header, lineAt(9, {}, directed)) }));
    expect(lines).toEqual([`${lineAt(9, {}, directed)}\n`]);
    expect(flowFiles.formats.map(({ names }) => names)).toEqual([directed.names]);
    expect(flows[0]!.format).toBe(flowFiles.formats[0]);
  });

  it('reads lines in the given formats when files have no header', async () => {
    const folder = flowFolder({ a: fileOf(lineAt(9, {}, directed)), b: fileOf(lineAt(5)) });
    const { flows, problems } = await readAll(folder, { format: [directed.names.join(' '), defaultFormat] });
    expect(flows.map(({ format }) => format.names.length)).toEqual([14, 17]);
    expect(problems).toEqual({});
  });

  it('reads lines when files have several gzip members, CRLF, a byte order mark, blank lines and no last line break', async () => {
    const whole = `\uFEFF${defaultFormat}\r\n\r\n${lineAt(1)}\r\n`;
    const bytes = Buffer.concat([gzipSync(whole), gzipSync(''), gzipSync(lineAt(2))]);
    const { lines, flows } = await readAll(flowFolder({ 'a.txt': bytes, 'b.txt': gzipSync(gzipSync(lineAt(3))) }));
    expect(lines).toEqual([`${lineAt(1)}\r\n`, `${lineAt(2)}\n`, `${lineAt(3)}\n`]);
    expect(flows).toHaveLength(3);
  });

  it('applies headers between lines when files were concatenated', async () => {
    const folder = flowFolder({
      a: fileOf(defaultFormat, lineAt(1), defaultFormat, lineAt(2), directed.names.join(' '), lineAt(3, {}, directed)),
      b: fileOf(directed.names.join(' '), lineAt(4, {}, directed)),
    });
    const { flows, problems } = await readAll(folder);
    expect(flows.map(({ format }) => format.names.length)).toEqual([14, 14, 17, 17]);
    expect(problems).toEqual({});
  });

  it('stops reading a file when a header between lines has fields that no file begins with', async () => {
    const folder = flowFolder({ a: fileOf(lineAt(1), directed.names.join(' '), lineAt(3, {}, directed)) });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(1);
    expect(problems).toEqual({
      a: 'a second header has other fields, and the lines after it were not read; split the file',
    });
  });

  it('emits lines and reports their file when they fit no format', async () => {
    const folder = flowFolder({ 'a.log': fileOf(lineAt(1, {}, directed), lineAt(2, {}, directed)), b: lineAt(3) });
    const { lines, problems } = await readAll(folder);
    expect(lines).toHaveLength(3);
    expect(problems).toMatchInlineSnapshot(`
      {
        "a.log": "the header is missing and the lines cannot be read: the line has 17 fields, expected 14; give their fields with --format",
      }
    `);
  });

  it('passes over the values of unknown fields when a header names some, and names these fields', async () => {
    const header = `colour ${defaultFormat} taste`;
    const folder = flowFolder({
      'a.log': fileOf(header, `red ${lineAt(1)} sweet`, header, `- ${lineAt(2)} -`, `red ${lineAt(3)}`),
      'b.log': fileOf(`${defaultFormat} colour`, `${lineAt(4)} red`),
      'c.log': lineAt(5),
    });
    const { lines, flows, problems, flowFiles } = await readAll(folder);
    expect(lines.slice(0, 2)).toEqual([`${lineAt(1)}\n`, `${lineAt(2)}\n`]);
    // The line without its last value is unreadable.
    expect(flows).toHaveLength(4);
    expect(problems).toEqual({});
    expect(flowFiles.files().map(({ unknownFields }) => unknownFields ?? [])).toEqual([
      ['colour', 'taste'],
      ['colour'],
      [],
    ]);
  });

  it('reads a file after a second header that names an unknown field', async () => {
    const file = fileOf(lineAt(1), `${defaultFormat} colour`, `${lineAt(2)} red`);
    const { lines, problems } = await readAll(flowFolder({ 'a.log': file }));
    expect({ lines, problems }).toEqual({ lines: [`${lineAt(1)}\n`, `${lineAt(2)}\n`], problems: {} });
  });

  it('refuses a header that names a field twice', async () => {
    const folder = flowFolder({ 'a.log': fileOf(`${defaultFormat} srcaddr`, `${lineAt(1)} 10.0.0.1`) });
    await expect(readAll(folder)).rejects.toThrow('the header is invalid: the format has duplicate fields: "srcaddr"');
  });
});

describe('openFlowFiles on lines without a time', () => {
  const format = formatOf('srcaddr dstaddr action bytes');

  it('takes the arrival from the time in the name of the file when its lines have no time', async () => {
    const line = lineOf({}, format);
    const folder = flowFolder({
      '123456789012_vpcflowlogs_us-east-1_fl-0a_20261124T0905Z_4b2f.log': fileOf(format.names.join(' '), line, line),
      'b.log': fileOf(defaultFormat, 'garbage', lineAt(100)),
    });
    expect((await readAll(folder)).arrivals).toEqual([160, 160, 300, 300]);
  });
});

describe('openFlowFiles on CloudWatch exports', () => {
  it('removes the time before each exported line, and uses it as arrival when the line has none', async () => {
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

describe('openFlowFiles on paths', () => {
  it('finds files in nested folders, without hidden files, markers, empty files and links to folders', async () => {
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
      // A file and a link to it are read once.
      'b.log',
    ]);
  });

  it('reports the progress of the detection', async () => {
    const folder = flowFolder({ a: lineAt(1), b: lineAt(2) });
    const progress: number[][] = [];
    await openFlowFiles([folder], { onDetected: (done, total) => progress.push([done, total]) });
    expect(progress).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('gives the same stream, with each file once, when paths overlap or are in another order', async () => {
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
    ['there is none', [], 'the files are missing, expected files, folders or s3://bucket/prefix'],
    ['a file is missing', ['missing.log'], 'missing.log does not exist'],
    [
      'one is a device',
      ['/dev/null'],
      '/dev/null is invalid: got a device, expected a file, folder or pipe; save its content in a file first',
    ],
    [
      'an S3 URI is malformed',
      ['s3:/bucket/x'],
      'the S3 URI is invalid: got s3:/bucket/x, expected s3://bucket/prefix',
    ],
    ['an S3 URI has no bucket', ['s3://'], 'the S3 URI is invalid: got s3://, expected s3://bucket/prefix'],
  ])('rejects paths with one line when %s', async (_, paths, problem) => {
    await expect(openFlowFiles(paths)).rejects.toMatchObject({ name: 'InputError', message: problem });
  });

  it('rejects paths with one line when no file can be read', async () => {
    const folder = flowFolder({ '_SUCCESS/x': 'x', 'sub/readme.txt': 'Read me\n', 'sub/b.bin': Buffer.alloc(100) });
    const error = async (path: string) => (await openFlowFiles([path]).catch((thrown) => thrown)).message;
    expect(await error(join(folder, '_SUCCESS'))).toMatch(/_SUCCESS.x cannot be read|_SUCCESS cannot be read/);
    const messages = [await error(folder), await error(join(folder, 'sub/b.bin'))].map((message) =>
      message.replaceAll(folder, '.'),
    );
    expect(messages).toMatchInlineSnapshot(`
      [
        "none of 2 files can be read; ./sub/b.bin cannot be read: the content is invalid: got unknown binary data, expected flow log text, CSV, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records",
        "./sub/b.bin cannot be read: the content is invalid: got unknown binary data, expected flow log text, CSV, JSON or Parquet, a CloudWatch Logs export, or Firehose events or error records",
      ]
    `);
  });

  it.each([
    [['srcaddr colour'], /^--format: the format has unknown fields: got "colour"/],
    [['srcaddr dstaddr', 'dstaddr srcaddr'], /^--format: formats 1 and 2 are ambiguous/],
  ])('rejects the formats %j with one line', async (format, problem) => {
    await expect(openFlowFiles([flowFolder({ a: lineAt(1) })], { format })).rejects.toThrow(problem);
  });
});

describe('openFlowFiles on ambiguous formats', () => {
  it('keeps the version of lines when it is not the version of their fields', async () => {
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

  it('rewrites lines in one format with all fields when formats are ambiguous', async () => {
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

  it('leaves the format of Firehose records unchanged when the formats of lines are ambiguous', async () => {
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
