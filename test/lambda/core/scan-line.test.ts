import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../lambda/core/decode.ts';
import { decodedLine } from '../../../lambda/core/decoded-line.ts';
import { fields } from '../../../lambda/core/fields.ts';
import { defaultFormat, type Format } from '../../../lambda/core/format.ts';
import { parseClosely, parseLine } from '../../../lambda/core/parse.ts';
import { scanLine } from '../../../lambda/core/scan-line.ts';
import { readUsualRecord } from '../../../lambda/core/usual-record.ts';
import { logFormat } from '../../../lib/log-format.ts';
import { anyFlowValues, directed, formatOf, lineOf, v2 } from '../../flows.ts';

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

describe('a line that is read in one pass', () => {
  it('is the flow that it is when it is looked at closely, and so is each other one', () => {
    fc.assert(
      fc.property(anyLine, ({ line, formats }) => {
        const closely = parseClosely(line, formats);
        const scanned = scanLine(`{${line}}`, 1, line.length + 1, formats);
        if (scanned) {
          expect(closely).toEqual({ kind: 'flow', flow: { format: scanned.format, values: scanned.values } });
          expect(JSON.stringify(scanned.values.join(''))).toBe(`"${scanned.values.join('')}"`);
        }
        expect(parseLine(line, formats)).toMatchObject(closely);
      }),
      { numRuns: 2000 },
    );
  });

  it('is every usual one', () => {
    fc.assert(
      fc.property(anyFlowValues, fc.constantFrom(v2, directed, own), (values, format) => {
        const line = lineOf({ ...values, version: format.version }, format);
        fc.pre(!/\d{16}/.test(line));
        for (const formats of [[format], [v2, directed, own]]) {
          expect(scanLine(line, 0, line.length, formats)?.format).toBe(format);
        }
      }),
    );
  });

  it('goes on as it does when it is looked at closely', () => {
    fc.assert(
      fc.property(anyLine, ({ line, formats }) => {
        expect(decodedLine(parseLine(line, formats), [])).toBe(decodedLine(parseClosely(line, formats), []));
      }),
    );
  });
});

describe('a record that is read in one pass', () => {
  const base64 = (payload: string) => Buffer.from(payload).toString('base64');
  const closely = (data: unknown, formats: readonly Format[]) => {
    const { decoded, bytes } = decode(data, { bytes: 1e6, lines: 1000 });
    const lines = decoded.kind === 'lines' ? decoded.lines.map((line) => ('text' in line ? line.text : '')) : [];
    return { lines, flows: lines.map((line) => parseClosely(line, formats)), bytes };
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
        const usual = readUsualRecord(data, formats);
        if (!usual) return;
        const { lines, flows, bytes } = closely(data, formats);
        expect(flows).toEqual([{ kind: 'flow', flow: { format: usual.flow.format, values: usual.flow.values } }]);
        expect([usual.payloadLength, usual.lineLength]).toEqual([bytes, lines[0]!.length]);
      }),
      { numRuns: 2000 },
    );
  });

  it('is every one as VPC Flow Logs puts it', () => {
    for (const end of ['', '\n']) {
      expect(readUsualRecord(base64(JSON.stringify({ message: lineOf() }) + end), [v2])).toBeDefined();
    }
  });
});
