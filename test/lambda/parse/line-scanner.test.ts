import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lambda/decode/decode-record.ts';
import { pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { defaultFormat, type Format } from '../../../lambda/flow-log/format.ts';
import { ScannedText, scanLine } from '../../../lambda/parse/line-scanner.ts';
import { parseLine, parseLineByField, parseLines } from '../../../lambda/parse/parse-line.ts';
import { type SingleLineRecord, SingleLineRecords } from '../../../lambda/parse/single-line-records.ts';
import { FlowJson } from '../../../lambda/respond/flow-json.ts';
import { toLakeRow } from '../../../lambda/respond/lake-row.ts';
import { anyFlowValues, directed, formatOf, lineOf, plainLine, v2 } from '../../support/flows.ts';
import { byTier } from '../../support/tier.ts';

const own = formatOf(logFormat);
const onlyText = formatOf('vpc-id subnet-id');
const everyField = formatOf([...fields.keys()].join(' '));
const streams: readonly (readonly Format[])[] = [
  [v2],
  [directed],
  [own],
  [everyField],
  [onlyText],
  [v2, directed],
  [own, v2, everyField],
  [v2, formatOf(defaultFormat.replace('account-id', 'flow-direction'))],
  [v2, v2],
];

/** Values that are right, wrong, or right in a way that is not usual. */
const anyToken = fc.oneof(
  fc.constantFrom('2', '3', '5', '-', '-1', 'ACCEPT', 'REJECT', 'accept', 'OK', 'NODATA', 'ingress', 'egressive'),
  fc.constantFrom('10.0.0.1', '10.0.0.256', '10.0.0.01', '10.0.0', '1.2.3.4.5', '255.255.255.255', '0.0.0.0'),
  fc.constantFrom('2001:db8::1', '2001:DB8:0::1', '::', '::ffff:1.2.3.4', 'fe80::1%eth0', ':::'),
  fc.constantFrom('0', '00', '007', '+1', '1e3', '255', '256', '65535', '65536', '2147483647', '2147483648'),
  fc.constantFrom('999999999999999', '9007199254740993', '9223372036854775807', '9223372036854775808', '9999999999999'),
  fc.constantFrom('eni-0a1b', 'a"b', 'a\\b', 'é', '\u0000', '\u007f', '\u2003', 'version', 'vpc-id', 'x'.repeat(4097)),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const rarely = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Mostly a stream that has the format. */
function rarelyOther(format: Format, stream: number): readonly Format[] {
  const some = stream % 10 === 0 ? streams : streams.filter((formats) => formats.includes(format));
  return some[stream % some.length]!;
}

/** A usual line in which some things are replaced, and a stream that it is of. */
const anyLine = fc
  .record({
    format: fc.constantFrom(v2, directed, own, everyField, onlyText),
    values: anyFlowValues,
    replaced: fc.array(fc.tuple(fc.nat(), anyToken), { maxLength: 2 }),
    gap: fc.tuple(fc.nat(), rarely(' ', '  ', '\t', ' \t', '\n')),
    around: fc.tuple(rarely('', ' ', '\t'), rarely('', ' ', '\r', ' more')),
    stream: fc.nat(),
  })
  .map(({ format, values, replaced, gap, around, stream }) => {
    const tokens = lineOf({ ...values, version: format.version }, format).split(' ');
    for (const [place, token] of replaced) tokens[place % tokens.length] = token;
    const place = gap[0] % tokens.length;
    const line = tokens.map((token, index) => (index === 0 ? '' : index === place ? gap[1] : ' ') + token).join('');
    const fitting = rarelyOther(format, stream);
    return { line: around[0] + line + around[1], formats: fitting };
  });

function scanned(line: string, formats: readonly Format[]) {
  const bytes = Buffer.from(`"${line}"   `);
  const source = new ScannedText(bytes, bytes.toString('latin1'), 1, formats);
  return scanLine(source, 1, 1 + Buffer.byteLength(line));
}

describe('a line that is read in one pass', () => {
  it('is the flow that it is when it is looked at closely, and so is each other one', () => {
    fc.assert(
      fc.property(anyLine, ({ line, formats }) => {
        const closely = parseLineByField(line, formats);
        const flow = scanned(line, formats);
        if (flow) {
          expect(plainLine(closely)).toEqual({ kind: 'flow', format: flow.format, values: flow.values });
          expect(JSON.stringify(flow.values.join(''))).toBe(`"${flow.values.join('')}"`);
        }
        expect(plainLine(parseLine(line, formats))).toEqual(plainLine(closely));
      }),
      { numRuns: byTier(500, 2000) },
    );
  });

  it('is every usual one', () => {
    fc.assert(
      fc.property(anyFlowValues, fc.constantFrom(v2, directed, own), (values, format) => {
        const line = lineOf({ ...values, version: format.version }, format);
        fc.pre(!/\d{16}/.test(line));
        for (const formats of [[format], [v2, directed, own]]) {
          expect(scanned(line, formats)?.format).toBe(format);
        }
      }),
    );
  });

  it('is read among others as it is alone', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), (some) => {
        const { formats } = some[0]!;
        const lines = some.map(({ line }) => line);
        expect(parseLines(lines, formats).map(plainLine)).toEqual(
          lines.map((line) => plainLine(parseLineByField(line, formats))),
        );
      }),
      { numRuns: byTier(250, 1000) },
    );
  });

  it('goes on as it does when it is looked at closely', () => {
    const json = new FlowJson();
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 4 }), (some) => {
        json.clear();
        let expected = '';
        for (const { line, formats } of some) {
          const closely = toLakeRow(parseLineByField(line, formats), []);
          expect(toLakeRow(parseLine(line, formats), [])).toBe(closely);
          const flow = scanned(line, formats);
          if (!flow) continue;
          json.add(flow, flow.source.ascii!, pairContributionOf(flow, []) !== undefined);
          expected += closely;
        }
        expect(Buffer.from(json.toBase64(), 'base64').toString()).toBe(expected);
      }),
      { numRuns: byTier(250, 1000) },
    );
  });

  it('goes on whole, however many there are', () => {
    const json = new FlowJson();
    const flow = scanned(lineOf({ 'account-id': 'a'.repeat(4096) }), [v2])!;
    for (let n = 0; n < 40; n += 1) json.add(flow, flow.source.ascii!, true);
    const line = toLakeRow({ kind: 'flow', flow }, []);
    expect(Buffer.from(json.toBase64(), 'base64').toString()).toBe(line.repeat(40));
  });
});

describe('a record that is read in one pass', () => {
  const base64 = (payload: string) => Buffer.from(payload).toString('base64');
  const usualOf = (all: readonly unknown[], formats: readonly Format[], room = 1e6) => {
    const records = new SingleLineRecords(
      all.map((data) => ({ data })),
      formats,
      room,
    );
    return all.map((_, index) => records.read(index));
  };
  const closely = (data: unknown, formats: readonly Format[]) => {
    const { decoded, bytes } = decodeRecord(data, { maxBytes: 1e6, maxLines: 1000 });
    const lines = decoded.kind === 'lines' ? decoded.lines.map((line) => ('text' in line ? line.text : '')) : [];
    return { lines, flows: lines.map((line) => parseLineByField(line, formats)), bytes };
  };
  const anyRecord = fc
    .tuple(
      anyLine,
      rarely('{"message":', '{ "message":', '{"message":1,"message":', '{"Message":', ''),
      rarely('}\n', '}', '', '}\r\n', '}\n\n', '} ', ',"a":"b"}', ',"messageType":"b"}\n'),
      fc.boolean(),
    )
    .map(([{ line, formats }, start, end, isJson]) => ({
      data: base64(start + (isJson ? JSON.stringify(line) : `"${line}"`) + end) as unknown,
      formats,
    }));
  const anyData = fc.oneof(
    anyRecord,
    fc
      .tuple(anyRecord, fc.nat(), fc.constantFrom('', '\n', '=', '-', '_', '*', '\u0100'))
      .map(([record, at, other]) => {
        const data = String(record.data);
        const place = at % (data.length + 1);
        return { ...record, data: data.slice(0, place) + other + data.slice(place + 1) };
      }),
    fc
      .constantFrom<unknown>(
        7,
        null,
        undefined,
        base64('{"message":""}'),
        base64('{"message":"'),
        base64('{"message":"}'),
      )
      .map((data) => ({ data, formats: [v2] })),
  );

  it('is the one flow that it is when it is looked at closely', () => {
    fc.assert(
      fc.property(anyData, ({ data, formats }) => {
        const usual = usualOf([data], formats)[0];
        if (!usual) return;
        const { lines, flows, bytes } = closely(data, formats);
        expect(flows.map(plainLine)).toEqual([plainLine({ kind: 'flow', flow: usual.flow })]);
        expect([usual.payloadLength, usual.lineLength]).toEqual([bytes, lines[0]!.length]);
      }),
      { numRuns: byTier(500, 2000) },
    );
  });

  it('is every one as VPC Flow Logs puts it', () => {
    for (const end of ['', '\n']) {
      expect(usualOf([base64(JSON.stringify({ message: lineOf() }) + end)], [v2])[0]).toBeDefined();
    }
  });

  it('is among others what it is alone, and not one more than there is room for', () => {
    fc.assert(
      fc.property(fc.array(anyData, { minLength: 1, maxLength: 5 }), fc.nat({ max: 3000 }), (some, room) => {
        const { formats } = some[0]!;
        const all = some.map(({ data }) => data);
        const alone = all.flatMap((data) => usualOf([data], formats));
        const values = (one: SingleLineRecord | undefined) => one && { ...one, flow: one.flow.values };
        expect(usualOf(all, formats).map(values)).toEqual(alone.map(values));
        const bytes = usualOf(all, formats, room).reduce((sum, one) => sum + (one?.payloadLength ?? 0), 0);
        expect(bytes).toBeLessThanOrEqual(room);
      }),
    );
  });
});
