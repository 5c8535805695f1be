import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFirehose } from '../../../emulators/firehose.ts';
import { firehoseEvent, wrapLines } from '../../../emulators/firehose-event.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { linesOf } from '../../../lambda/parse/read-records.ts';
import { anyFlowValues, directed, epoch, lakeRowOf, lineOf, v2 } from '../../support/flows.ts';
import { flowFolder, readAll, valuesOf } from './flow-folder.ts';

const lineAt = (end: number, values: Record<string, string | number> = {}, format = v2) =>
  lineOf({ version: format.version, start: epoch + end - 50, end: epoch + end, ...values }, format);

const decoded = (line: string, format = v2) => lakeRowOf(parseLine(line, [format]), []);

const events = join(import.meta.dirname, '../../../events');

describe('openFlowFiles on decoded JSON lines', () => {
  it('restores the original lines, with all digits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFlowValues, { minLength: 1, maxLength: 20 }), async (flows) => {
        const lines = flows.map((values) => lineOf({ version: 5, ...values }, directed));
        const folder = flowFolder({ a: lines.map((line) => decoded(line, directed)).join('') });
        const { read, flowFiles } = await readAll(folder);
        const readLines = read.flatMap(linesOf);
        const expected = lines.map((line) => parseLine(line, [directed]));
        expect(readLines.map((line) => line.kind === 'flow' && valuesOf(line.flow))).toEqual(
          expected.map((one) => one.kind === 'flow' && valuesOf(one.flow)),
        );
        expect(flowFiles.files()[0]).toMatchObject({ kind: 'decoded JSON lines', records: flows.length });
      }),
      { numRuns: 30 },
    );
  });

  it('restores integers of 64 bits', async () => {
    const line = lineAt(1, { bytes: '9223372036854775807', packets: '9007199254740993' });
    expect((await readAll(flowFolder({ a: decoded(line) }))).lines).toEqual([`${line}\n`]);
  });

  it('restores unreadable lines, and emits corrupt ones unchanged', async () => {
    const folder = flowFolder({
      a: [decoded(lineAt(1)), decoded('too short'), '{"version":2,"srca\n', '{"srcaddr":"a b","dstaddr":{}}\n'].join(
        '',
      ),
    });
    const { lines, arrivals } = await readAll(folder);
    expect(lines).toEqual([
      `${lineAt(1)}\n`,
      'too short\n',
      '{"version":2,"srca\n',
      '{"srcaddr":"a b","dstaddr":{}}\n',
    ]);
    expect(arrivals).toEqual([61, 61, 61, 61]);
  });

  it('restores lines in one format with all fields when a file has several formats', async () => {
    const folder = flowFolder({
      a: gzipSync(
        [decoded(lineAt(1)), decoded(lineAt(2, { 'flow-direction': 'ingress' }, directed), directed)].join(''),
      ),
      b: decoded(lineAt(3)).trim() + decoded(lineAt(4)).trim(),
    });
    const { flows, flowFiles, arrivals } = await readAll(folder);
    expect(flowFiles.formats).toHaveLength(1);
    expect(flows.map(valuesOf)).toEqual([
      valuesOf(flowOfLine(lineAt(1))),
      valuesOf(flowOfLine(lineAt(2, { 'flow-direction': 'ingress' }, directed), directed)),
      valuesOf(flowOfLine(lineAt(3))),
      valuesOf(flowOfLine(lineAt(4))),
    ]);
    expect(arrivals).toEqual([61, 62, 63, 64]);
  });

  it('restores lines beside files with a header, and leaves Firehose records unchanged', async () => {
    const folder = flowFolder({
      'a.json': decoded(lineAt(1, { 'flow-direction': 'ingress' }, directed), directed),
      'b.log': `${v2.names.toReversed().join(' ')}\n${lineAt(2).split(' ').toReversed().join(' ')}\n`,
      'c.json': JSON.stringify(firehoseEvent(wrapLines([lineAt(3)], 'json', (epoch + 63) * 1000))),
    });
    const { flows, flowFiles } = await readAll(folder);
    expect(flowFiles.formats).toHaveLength(2);
    // A version that lines of another format of the stream have is not for these.
    expect(flows.map(valuesOf)).toMatchObject([
      { version: '5', 'flow-direction': 'ingress', srcport: '50000' },
      { version: '5', srcport: '50000', bytes: '1000' },
      { version: '2', srcport: '50000' },
    ]);
  });

  it('drops further fields of lines far from the beginning, and reports their file', async () => {
    const folder = flowFolder({
      a: [
        ...Array.from({ length: 400 }, (_, n) => decoded(lineAt(n))),
        decoded(lineAt(500, {}, directed), directed),
      ].join(''),
    });
    const { flows, problems } = await readAll(folder);
    expect(flows).toHaveLength(401);
    expect(problems).toEqual({
      a: 'lines far from its beginning have further fields, which were left out: flow-direction, pkt-srcaddr, pkt-dstaddr',
    });
  });
});

function flowOfLine(line: string, format = v2) {
  const read = parseLine(line, [format]);
  if (read.kind !== 'flow') throw new Error(line);
  return read.flow;
}

describe('openFlowFiles on other JSON', () => {
  const named = (...names: string[]) => JSON.stringify(Object.fromEntries(names.map((name) => [name, '-'])));

  it.each([
    ['a schedule', named('name', 'start', 'end', 'type')],
    ['fields that others have too', named('start', 'end', 'region', 'type')],
    ['two fields among much else', named('srcaddr', 'dstaddr', 'a', 'b', 'c')],
    ['a finding', named('class_uid', 'message', 'version', 'region')],
  ])('rejects JSON that is not a flow: %s', async (_, text) => {
    const { problems, flows, records } = await readAll(flowFolder({ 'a.json': `${text}\n`, 'b.log': lineAt(1) }));
    expect(problems['a.json']).toMatch(/^the content is invalid: got unknown JSON, expected /);
    expect([flows.length, records.length]).toEqual([1, 1]);
  });

  it.each([
    ['addresses and a sum', { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', total_bytes: 5 }],
    ['an interface and its bytes', { interface_id: 'eni-1', bytes: 5 }],
    ['as many fields as other names', { srcaddr: '10.0.1.5', bytes: 5, flows: 1, day: '2026-11-24' }],
  ])('reads a narrow result of a hunt as flows: %s', async (_, row) => {
    const { flows, problems } = await readAll(flowFolder({ 'rows.json': JSON.stringify([row]) }));
    expect({ flows: flows.length, problems }).toEqual({ flows: 1, problems: {} });
  });

  it('emits other objects between decoded lines unchanged', async () => {
    const odd = named('name', 'start', 'end', 'type');
    const { flows, lines } = await readAll(flowFolder({ a: `${decoded(lineAt(1))}${odd}\n${decoded(lineAt(2))}` }));
    expect({ flows: flows.length, odd: lines[1] }).toEqual({ flows: 2, odd: `${odd}\n` });
  });
});

describe('openFlowFiles on Firehose events', () => {
  it.each(['envelope-message-json', 'envelope-text', 'envelope-cloudwatch-gzip', 'envelope-cloudwatch-json'])(
    'emits the records of an event unchanged: %s',
    async (name) => {
      const path = join(events, name, 'event.json');
      const { records: source } = JSON.parse(readFileSync(path, 'utf8'));
      const { records, flowFiles } = await readAll(path);
      expect(records.map(({ data, arrival }) => [data.toString('base64'), arrival])).toEqual(
        source.map((record: Record<string, unknown>) => [record.data, record.approximateArrivalTimestamp]),
      );
      expect(flowFiles.files()[0]).toMatchObject({ kind: 'Firehose event', problem: undefined });
    },
  );

  it('reads compressed events, one a line, with records that have no time or no data', async () => {
    const event = (...records: object[]) => JSON.stringify({ records, deliveryStreamArn: 'arn', region: 'us-east-1' });
    const data = Buffer.from(`${lineAt(100)}\n${lineAt(50)}`).toString('base64');
    const file = [
      event({ recordId: '1', data, approximateArrivalTimestamp: '1795510860000' }),
      event({ recordId: '2', data }, { recordId: '3' }, { recordId: '4', data, approximateArrivalTimestamp: 5 }),
    ].join('\n');
    const { lines, arrivals, problems } = await readAll(flowFolder({ 'events.gz': gzipSync(file) }));
    expect(lines).toEqual([
      `${lineAt(100)}\n${lineAt(50)}`,
      `${lineAt(100)}\n${lineAt(50)}`,
      '{"recordId":"3"}\n',
      `${lineAt(100)}\n${lineAt(50)}`,
    ]);
    expect(arrivals).toEqual([60, 160, 160, 160]);
    expect(problems).toEqual({});
  });

  it('detects an event by its beginning when its first record is long', async () => {
    const long = wrapLines([Array.from({ length: 2000 }, (_, n) => lineAt(n)).join('\n')], 'text', epoch * 1000);
    const { records, flowFiles } = await readAll(flowFolder({ a: JSON.stringify(firehoseEvent(long), null, 2) }));
    expect(records[0]!.data.equals(long[0]!.data)).toBe(true);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'Firehose event', records: 1 });
  });

  it('rejects the response of a function', async () => {
    const answer = JSON.stringify({ records: [{ recordId: '1', result: 'Ok', data: '' }] });
    const { problems } = await readAll(flowFolder({ a: answer, b: lineAt(1) }));
    expect(problems.a).toMatch(/^the content is invalid: got unknown JSON, expected /);
  });
});

describe('openFlowFiles on Firehose error records', () => {
  it('emits the failed records unchanged', async () => {
    const failed: string[] = [];
    const source = [
      ...wrapLines([lineAt(1), lineAt(2)], 'json', epoch * 1000),
      ...wrapLines([lineAt(3)], 'cloudwatch', (epoch + 90) * 1000),
    ];
    const output = { delivered() {}, dropped() {}, failed: (error: object) => failed.push(JSON.stringify(error)) };
    await runFirehose(source, () => Promise.reject(new Error('it is down')), output);
    const folder = flowFolder({ lines: failed.join('\n'), together: failed.join('') });
    const { records, flowFiles, flows } = await readAll(join(folder, 'together'));
    expect(records).toEqual(source);
    expect(flows).toHaveLength(3);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'Firehose error records', records: 3 });
    expect((await readAll(join(folder, 'lines'))).records).toEqual(source);
  });
});

describe('openFlowFiles on Firehose error records of later stages', () => {
  it('restores the lines when records failed after the function', async () => {
    const errorRecord = (text: string) =>
      JSON.stringify({
        attemptsMade: 1,
        arrivalTimestamp: epoch * 1000,
        errorCode: 'DataFormatConversion.ParseError',
        errorMessage: 'no such column',
        rawData: Buffer.from(text).toString('base64'),
      });
    const lines = [lineAt(1, { 'flow-direction': 'egress' }, directed), lineAt(4, {}, directed)];
    const rows = lines.map((line) => decoded(line, directed));
    const folder = flowFolder({ a: [...rows, rows.join(''), 'odd'].map(errorRecord).join('\n') });
    const { flows, lines: texts, flowFiles } = await readAll(folder);
    expect(flows.map(valuesOf)).toEqual(
      [lines[0]!, lines[1]!, lines[0]!, lines[1]!].map((line) => valuesOf(flowOfLine(line, directed))),
    );
    expect(texts.at(-1)).toBe('odd');
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'Firehose error records', problem: undefined });
  });
});

describe('openFlowFiles on the output of CloudWatch Logs', () => {
  const logEvents = (...lines: string[]) =>
    lines.map((message, n) => ({ id: `${n}`, timestamp: (epoch + n) * 1000, message, ingestionTime: 0 }));

  it.each([0, 2])('reads the output of aws logs filter-log-events, indented by %i', async (indent) => {
    const printed = {
      events: logEvents(lineAt(9), `${lineAt(3)}\n`, 'odd'),
      searchedLogStreams: [{ logStreamName: 'x' }],
    };
    const folder = flowFolder({ 'a.json': JSON.stringify(printed, null, indent) });
    const { lines, arrivals, flowFiles } = await readAll(folder);
    expect(lines).toEqual([`${lineAt(9)}\n`, `${lineAt(3)}\n`, 'odd\n']);
    expect(arrivals).toEqual([69, 69, 69]);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'CloudWatch export', records: 3 });
  });

  it('reads log events in the given format', async () => {
    const folder = flowFolder({ a: JSON.stringify({ events: logEvents(lineAt(9, {}, directed)) }) });
    const { flows } = await readAll(folder, { format: [directed.names.join(' ')] });
    expect(flows).toHaveLength(1);
  });

  it('reads concatenated compressed batches of a subscription', async () => {
    const batches = wrapLines(
      Array.from({ length: 1200 }, (_, n) => lineAt(n)),
      'cloudwatch',
      epoch * 1000,
    ).map(({ data }) => data);
    const { flows, flowFiles, arrivals } = await readAll(flowFolder({ a: Buffer.concat(batches) }));
    expect(flows).toHaveLength(1200);
    expect(arrivals).toEqual([559, 1059, 1259]);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'CloudWatch export', records: 3 });
  });
});

describe('openFlowFiles on messages of VPC Flow Logs', () => {
  it.each(['\n', ''])('emits each message as a record, with %j between them', async (between) => {
    const messages = [lineAt(5), defaultFormat, lineAt(2), `${lineAt(9)}\n${lineAt(11)}`];
    const file = messages.map((message) => JSON.stringify({ message })).join(between);
    const { lines, arrivals, flows, flowFiles } = await readAll(flowFolder({ a: file }));
    expect(lines).toEqual(messages.map((message) => `${JSON.stringify({ message })}\n`));
    expect(arrivals).toEqual([65, 65, 65, 71]);
    expect(flows).toHaveLength(4);
    expect(flowFiles.files()[0]).toMatchObject({ kind: 'flow log lines', problem: undefined });
  });
});
