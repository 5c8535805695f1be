import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lambda/decode/decode-record.ts';
import { decodePayloads, payloadAt } from '../../../lambda/decode/payloads.ts';
import { pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { fields } from '../../../lambda/flow-log/fields.ts';
import { Flow } from '../../../lambda/flow-log/flow.ts';
import { FlowRows, rowsOf } from '../../../lambda/flow-log/flow-rows.ts';
import { defaultFormat, type Format } from '../../../lambda/flow-log/format.ts';
import { ScannedText, scanLine } from '../../../lambda/parse/line-scanner.ts';
import { type Line, parseLine, parseLineByField, parseLines } from '../../../lambda/parse/parse-line.ts';
import { SingleLineRecords } from '../../../lambda/parse/single-line-records.ts';
import { FlowJson } from '../../../lambda/respond/flow-json.ts';
import { anyFlowValues, directed, formatOf, lakeRowOf, lineOf, plainLine, v2 } from '../../support/flows.ts';
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

/** Values that are valid, invalid, or valid but not canonical. */
const anyToken = fc.oneof(
  fc.constantFrom('2', '3', '5', '-', '-1', 'ACCEPT', 'REJECT', 'accept', 'OK', 'NODATA', 'ingress', 'egressive'),
  fc.constantFrom('10.0.0.1', '10.0.0.256', '10.0.0.01', '10.0.0', '1.2.3.4.5', '255.255.255.255', '0.0.0.0'),
  fc.constantFrom('2001:db8::1', '2001:DB8:0::1', '::', '::ffff:1.2.3.4', 'fe80::1%eth0', ':::'),
  fc.constantFrom('0', '00', '007', '+1', '1e3', '255', '256', '65535', '65536', '2147483647', '2147483648'),
  fc.constantFrom('999999999999999', '9007199254740993', '9223372036854775807', '9223372036854775808', '9999999999999'),
  fc.constantFrom('eni-0a1b', 'a"b', 'a\\b', 'é', '\u0000', '\u007f', '\u2003', 'version', 'vpc-id', 'x'.repeat(4097)),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const mostly = <T>(common: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(common) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Returns the formats of a stream, which mostly have the given one. */
function formatsFor(format: Format, stream: number): readonly Format[] {
  const candidates = stream % 10 === 0 ? streams : streams.filter((formats) => formats.includes(format));
  return candidates[stream % candidates.length]!;
}

/** A canonical line with some replacements, and the formats of its stream. */
const anyLine = fc
  .record({
    format: fc.constantFrom(v2, directed, own, everyField, onlyText),
    values: anyFlowValues,
    replaced: fc.array(fc.tuple(fc.nat(), anyToken), { maxLength: 2 }),
    gap: fc.tuple(fc.nat(), mostly(' ', '  ', '\t', ' \t', '\n')),
    around: fc.tuple(mostly('', ' ', '\t'), mostly('', ' ', '\r', ' more')),
    stream: fc.nat(),
  })
  .map(({ format, values, replaced, gap, around, stream }) => {
    const tokens = lineOf({ ...values, version: format.version }, format).split(' ');
    for (const [place, token] of replaced) tokens[place % tokens.length] = token;
    const place = gap[0] % tokens.length;
    const line = tokens.map((token, index) => (index === 0 ? '' : index === place ? gap[1] : ' ') + token).join('');
    return { line: around[0] + line + around[1], formats: formatsFor(format, stream) };
  });

/** Scans a line between other bytes. */
function scanned(line: string, formats: readonly Format[]) {
  const bytes = Buffer.from(`"${line}"   `);
  const source = new ScannedText(bytes, bytes.toString('latin1'), 1, formats);
  const format = scanLine(source, 1, 1 + Buffer.byteLength(line));
  return format && new Flow(format, source, 0);
}

describe('scanLine', () => {
  it('returns the same flow as parseLineByField, and so does parseLine for any line', () => {
    fc.assert(
      fc.property(anyLine, ({ line, formats }) => {
        const expected = parseLineByField(line, formats);
        const flow = scanned(line, formats);
        if (flow) {
          expect(plainLine(expected)).toEqual({ kind: 'flow', format: flow.format, values: flow.values });
          expect(JSON.stringify(flow.values.join(''))).toBe(`"${flow.values.join('')}"`);
        }
        expect(plainLine(parseLine(line, formats))).toEqual(plainLine(expected));
      }),
      { numRuns: byTier(500, 2000) },
    );
  });

  it('reads every canonical line', () => {
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

  it('reads a line among others as it does alone', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), (all) => {
        const { formats } = all[0]!;
        const lines = all.map(({ line }) => line);
        const rows = new FlowRows();
        let row = 0;
        const parsed = parseLines(lines, formats, rows).map((other): Line => {
          row += other ? 0 : 1;
          return other ?? { kind: 'flow', flow: rows.flow(row - 1) };
        });
        expect(parsed.map(plainLine)).toEqual(lines.map((line) => plainLine(parseLineByField(line, formats))));
      }),
      { numRuns: byTier(250, 1000) },
    );
  });

  it('returns flows with the same lake row as parseLineByField', () => {
    const json = new FlowJson();
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 4 }), (all) => {
        json.clear();
        let expected = '';
        for (const { line, formats } of all) {
          const row = lakeRowOf(parseLineByField(line, formats), []);
          expect(lakeRowOf(parseLine(line, formats), [])).toBe(row);
          const flow = scanned(line, formats);
          if (!flow) continue;
          const rows = rowsOf([{ flow, arrival: 0 }]);
          expect(json.add(rows, 0, pairContributionOf(flow, []) !== undefined)).toBe(true);
          expected += row;
        }
        expect(Buffer.from(json.toBase64(), 'base64').toString()).toBe(expected);
      }),
      { numRuns: byTier(250, 1000) },
    );
  });

  it('returns flows whose lake rows are complete when the buffer grows', () => {
    const json = new FlowJson();
    const flow = scanned(lineOf({ 'account-id': 'a'.repeat(4096) }), [v2])!;
    const rows = rowsOf([{ flow, arrival: 0 }]);
    for (let n = 0; n < 40; n += 1) json.add(rows, 0, true);
    const row = lakeRowOf({ kind: 'flow', flow }, []);
    expect(Buffer.from(json.toBase64(), 'base64').toString()).toBe(row.repeat(40));
  });
});

describe('SingleLineRecords', () => {
  const base64 = (payload: string) => Buffer.from(payload).toString('base64');
  const readFast = (all: readonly unknown[], formats: readonly Format[], maxBytes = 1e6) => {
    const payloads = decodePayloads(all.map((data) => ({ data })));
    const records = new SingleLineRecords(payloads, formats, maxBytes);
    const rows = new FlowRows();
    return all.map((_, index) => {
      const record = records.read(index, rows, undefined);
      return record && { ...record, flow: rows.flow(rows.length - 1) };
    });
  };
  const readSlowly = (data: unknown, formats: readonly Format[]) => {
    const payload = payloadAt(decodePayloads([{ data }]), 0);
    const { decoded, bytes } = decodeRecord(payload, { maxBytes: 1e6, maxLines: 1000 });
    const lines = decoded.kind === 'lines' ? decoded.lines.map((line) => ('text' in line ? line.text : '')) : [];
    return { lines, flows: lines.map((line) => parseLineByField(line, formats)), bytes };
  };
  const anyRecord = fc
    .tuple(
      anyLine,
      mostly('{"message":', '{ "message":', '{"message":1,"message":', '{"Message":', ''),
      mostly('}\n', '}', '', '}\r\n', '}\n\n', '} ', ',"a":"b"}', ',"messageType":"b"}\n'),
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

  it('reads the same flow as decodeRecord and parseLineByField', () => {
    fc.assert(
      fc.property(anyData, ({ data, formats }) => {
        const record = readFast([data], formats)[0];
        if (!record) return;
        const { lines, flows, bytes } = readSlowly(data, formats);
        expect(flows.map(plainLine)).toEqual([plainLine({ kind: 'flow', flow: record.flow })]);
        expect([record.payloadLength, record.lineLength]).toEqual([bytes, lines[0]!.length]);
      }),
      { numRuns: byTier(500, 2000) },
    );
  });

  it('reads every record that VPC Flow Logs sends', () => {
    for (const end of ['', '\n']) {
      expect(readFast([base64(JSON.stringify({ message: lineOf() }) + end)], [v2])[0]).toBeDefined();
    }
  });

  it('reads a record among others as it does alone, up to its maximum of bytes', () => {
    fc.assert(
      fc.property(fc.array(anyData, { minLength: 1, maxLength: 5 }), fc.nat({ max: 3000 }), (records, maxBytes) => {
        const { formats } = records[0]!;
        const all = records.map(({ data }) => data);
        const alone = all.flatMap((data) => readFast([data], formats));
        const values = (record: (typeof alone)[number]) => record && { ...record, flow: record.flow.values };
        expect(readFast(all, formats).map(values)).toEqual(alone.map(values));
        const bytes = readFast(all, formats, maxBytes).reduce((sum, record) => sum + (record?.payloadLength ?? 0), 0);
        expect(bytes).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });
});
