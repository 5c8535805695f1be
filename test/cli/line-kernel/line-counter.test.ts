import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerOf, mayBeHeader } from '../../../cli/flow-files/formats/text-reader.ts';
import { DependentLine } from '../../../cli/line-kernel/dependent-line.ts';
import { LineCounter } from '../../../cli/line-kernel/line-counter.ts';
import { linePlan } from '../../../cli/line-kernel/line-plan.ts';
import { PairSums } from '../../../cli/line-kernel/pair-sums.ts';
import { FlowCounts, type UncountedFlows } from '../../../cli/statistics/flow-counts.ts';
import { addUncounted } from '../../../cli/statistics/uncounted-flow.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { isDuplicateObservation, pairContributionOf } from '../../../lambda/flow-log/contribution.ts';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { fields as allFields } from '../../../lambda/flow-log/fields.ts';
import { secondsOf, timeOf } from '../../../lambda/flow-log/flow.ts';
import { defaultFormat, type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { type Network, parseNetwork } from '../../../lambda/networks/ip-address.ts';
import { flowsOf, linesOf as linesOfRecord, readRecords } from '../../../lambda/parse/read-records.ts';
import { byTier } from '../../support/tier.ts';

const formatOf = (text: string) => parseFormat(text) as Format;
const plain = formatOf(defaultFormat);
const someNetworks: readonly Network[] = [parseNetwork('10.0.0.0/16') as Network, parseNetwork('fd00::/8') as Network];

type Sums = Map<string, { bytes: Quantity; rejects: number; firstSeen: number; lastSeen: number }>;

const dependent = 'a line depends on those before';

/** A flow that starts earlier than this before its end, in seconds, counts at its end. */
const twoDays = 172_800;

interface Counted {
  readonly sums: Sums;
  readonly unreadable: number;
  readonly flows: number;
  readonly leftOut: number;
  readonly uncounted: UncountedFlows;
  readonly lines: number;
}

/** Counts every line as the function reads it. */
function countedSlowly(
  text: Uint8Array,
  formats: readonly Format[],
  monitored = someNetworks,
): Counted | typeof dependent {
  const sums: Sums = new Map();
  const counts = new FlowCounts();
  let [unreadable, flows, leftOut, lines] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf(10, at) + 1;
    const data = Buffer.from(text.subarray(at, next));
    at = next;
    lines += 1;
    if (data.every((byte) => byte <= 0x20)) continue;
    const header = mayBeHeader(data) ? headerOf(data.toString()) : undefined;
    if (header && formats.length === 1 && header.names.join() === formats[0]!.names.join()) continue;
    if (header) return dependent;
    const { records } = readRecords([{ recordId: '', data: data.toString('base64'), arrival: 0 }], formats);
    for (const flow of flowsOf(records[0]!)) {
      flows += 1;
      const isDuplicate = isDuplicateObservation(flow, monitored);
      if (isDuplicate) leftOut += 1;
      const tally = pairContributionOf(flow, monitored);
      if (!tally && !isDuplicate) addUncounted(counts, flow);
      if (!tally) continue;
      const end = timeOf(flow);
      if (end === undefined) return dependent;
      const stated = secondsOf(flow, 'start') ?? end;
      const start = stated > end || stated < end - twoDays ? end : stated;
      const key = `${tally.src} ${tally.dst}`;
      const known = sums.get(key) ?? { bytes: 0, rejects: 0, firstSeen: start, lastSeen: end };
      sums.set(key, {
        bytes: addQuantity(known.bytes, tally.bytes),
        rejects: known.rejects + tally.rejects,
        firstSeen: Math.min(known.firstSeen, start),
        lastSeen: Math.max(known.lastSeen, end),
      });
    }
    if (records[0]!.outcome.kind === 'failed') unreadable += 1;
    unreadable += linesOfRecord(records[0]!).filter((line) => line.kind === 'unreadable').length;
  }
  return { sums, unreadable, flows, leftOut, uncounted: counts.uncounted, lines };
}

const sums = new PairSums();

async function scanned(
  text: Uint8Array,
  format: Format,
  formats: readonly Format[],
  monitored = someNetworks,
  chunk = text.length,
): Promise<Counted | typeof dependent> {
  sums.clear();
  const counts = new FlowCounts();
  const lineFormats = {
    own: [format, ...formats.filter((one) => one !== format)],
    stream: { formats, common: undefined },
  };
  const counting = { monitoredNetworks: monitored, sums, counts };
  const counter = new LineCounter(lineFormats, counting);
  try {
    for (let at = 0; at < text.length; at += chunk) await counter.add(text.subarray(at, at + chunk));
    await counter.end();
  } catch (error) {
    if (error instanceof DependentLine) return dependent;
    throw error;
  }
  const read = counter.take();
  counts.add(read.counts);
  const { flows, leftOut, uncounted, noData, skipData, unreadable } = counts;
  return {
    sums: new Map([...sums.ranked()].map(({ src, dst, ...sum }) => [`${src} ${dst}`, sum])) as Sums,
    unreadable: unreadable.lines,
    flows: flows + noData + skipData,
    leftOut,
    uncounted,
    lines: read.lines,
  };
}

/** Returns the bytes as part of a larger buffer, whose other bytes must not be read. */
function amid(bytes: Uint8Array, more: string): Uint8Array {
  const all = Uint8Array.from([...Buffer.from(more), ...bytes, ...Buffer.from(more)]);
  return all.subarray(more.length, more.length + bytes.length);
}

async function sumsOf(text: string): Promise<Sums> {
  const counted = await scanned(Buffer.from(text), plain, [plain]);
  if (counted === dependent) throw new Error(dependent);
  return counted.sums;
}

const address = fc.oneof(
  fc.constantFrom('10.0.1.5', '10.0.2.7', '198.51.100.9', 'fd00::5', 'FD00:0::5', '2001:db8::1', '-', '010.0.0.1', 'x'),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('0000:0000:0000:0000:0000:ffff:255.255.255.255', 'x'.repeat(46), '1'.repeat(100)),
);
const digits = fc.oneof(
  fc.nat(70_000).map(String),
  fc.bigInt(0n, 2n ** 64n).map(String),
  fc.constantFrom('-', '00', '01', '', '+1', '1e3', '9223372036854775807', '9223372036854775808', '1795478400000'),
);
const word = fc.constantFrom(
  'ACCEPT',
  'REJECT',
  'OK',
  'NODATA',
  'SKIPDATA',
  'ingress',
  'egress',
  '-',
  'accept',
  'OKAY',
);
const text = fc.oneof(
  fc.constantFrom('-', 'eni-1', '123456789012', 'a\u00a0', '\u00a0', '\v', 'é', '{', '\u0000'),
  fc.string(),
);

function fieldText(name: string, format: Format): fc.Arbitrary<string> {
  const kind = format.kinds[format.indexOf.get(name)!]!;
  const usual: fc.Arbitrary<string> =
    kind === 'address'
      ? address
      : typeof kind !== 'string'
        ? fc.constantFrom(...kind)
        : name === 'version'
          ? fc.oneof(
              { weight: 4, arbitrary: fc.constant(String(format.version)) },
              fc.integer({ min: 1, max: 70 }).map(String),
            )
          : kind === 'string'
            ? fc.constantFrom('eni-1', '-', 'é')
            : fc.nat(255).map(String);
  return fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: fc.oneof(address, digits, word, text) });
}

function linesOf(format: Format): fc.Arbitrary<Uint8Array> {
  const separator = fc.oneof({ weight: 200, arbitrary: fc.constant(' ') }, fc.constantFrom('  ', '\t', '', '\n', '\r'));
  const line = fc
    .tuple(
      ...format.names.map((name) => fc.tuple(fieldText(name, format), separator)),
      fc.constantFrom('', '', ' ', '\r', '\u00a0'),
    )
    .map((parts) => (parts as [...[string, string][], string]).flat().join(''))
    .map((joined) => joined.replace(/ (?=[\r\u00a0 ]?$)/, ''));
  const any = fc.oneof(
    { weight: 20, arbitrary: line },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom(format.names.join(' '), '', ' ', '{"message":"x"}') },
  );
  const written = fc.array(any, { maxLength: 12 }).map((all) => Buffer.from(`${all.join('\n')}\n`));
  return fc.oneof(
    { weight: 10, arbitrary: written.map((buffer) => new Uint8Array(buffer)) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(written, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
        .map(([buffer, changes]) => {
          const bytes = new Uint8Array(buffer);
          for (const [at, byte] of changes) bytes[at % (bytes.length - 1 || 1)] = byte;
          return Uint8Array.from([...bytes, 10]);
        }),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from([...bytes, 10])) },
  );
}

const networks = fc.constantFrom(someNetworks, someNetworks, []);

const shapes: readonly (readonly [name: string, format: string, others: readonly string[]])[] = [
  ['the default format', defaultFormat, []],
  ['the format of this project', logFormat, []],
  ['a format with text at both ends', 'vpc-id srcaddr dstaddr bytes start end action flow-direction region', []],
  ['one of several formats', defaultFormat, [logFormat, 'version srcaddr dstaddr start end']],
];

describe('LineCounter', () => {
  for (const [name, own, others] of shapes) {
    it(`counts any bytes as the function does: ${name}`, async () => {
      const format = formatOf(own);
      const formats = [format, ...others.map(formatOf)];
      await fc.assert(
        fc.asyncProperty(linesOf(format), networks, async (bytes, monitored) => {
          const expected = countedSlowly(bytes, formats, monitored);
          expect(await scanned(bytes, format, formats, monitored)).toEqual(expected);
          expect(await scanned(bytes, format, formats, monitored, 7)).toEqual(expected);
          expect(await scanned(amid(bytes, '11111111'), format, formats, monitored)).toEqual(expected);
          expect(await scanned(amid(bytes, 'xxxxxxxx'), format, formats, monitored)).toEqual(expected);
        }),
        { numRuns: byTier(125, 500) },
      );
    });
  }

  it('counts any bytes as the function does: any fields in any order', async () => {
    const needed = ['srcaddr', 'dstaddr', 'start', 'end'];
    const others = [...allFields.keys()].filter((field) => !needed.includes(field));
    const names = fc
      .subarray(others, { maxLength: 12 })
      .chain((some) => fc.shuffledSubarray([...needed, ...some], { minLength: needed.length + some.length }));
    const formatAndBytes = names.chain((some) => {
      const format = formatOf(some.join(' '));
      return linesOf(format).map((bytes) => ({ format, bytes }));
    });
    await fc.assert(
      fc.asyncProperty(formatAndBytes, networks, async ({ format, bytes }, monitored) => {
        expect(await scanned(bytes, format, [format], monitored)).toEqual(countedSlowly(bytes, [format], monitored));
      }),
      { numRuns: byTier(250, 2000) },
    );
  });

  it('leaves a line that is a header to the slow path when its numbers are valid', async () => {
    const format = formatOf('vpc-id subnet-id instance-id region srcaddr dstaddr start end');
    const [flow, header] = [
      'vpc-1 - i-1 eu 10.0.1.5 10.0.2.7 1 2\n',
      'vpc-id type action bytes 10.0.1.5 10.0.2.7 1 2\n',
    ];
    const counted = async (lines: string) => {
      const bytes = new Uint8Array(Buffer.from(lines));
      expect(await scanned(bytes, format, [format])).toEqual(countedSlowly(bytes, [format]));
      return await scanned(bytes, format, [format]);
    };
    expect(await counted(flow)).toMatchObject({ flows: 1 });
    expect(await counted(flow + header)).toBe(dependent);
  });

  it('leaves a line to the slow path when an address that is not counted is empty', async () => {
    const format = formatOf('srcaddr dstaddr pkt-srcaddr pkt-dstaddr bytes start end');
    for (const line of [' 10.0.2.7 10.0.1.5 10.0.2.7 5 1 2', '10.0.1.5  10.0.1.5 10.0.2.7 5 1 2']) {
      const bytes = new Uint8Array(Buffer.from(`${line}\n`));
      expect(await scanned(bytes, format, [format])).toMatchObject({ unreadable: 1, flows: 0 });
      expect(await scanned(bytes, format, [format])).toEqual(countedSlowly(bytes, [format]));
    }
  });

  it('leaves no line of AWS to the slow path', async () => {
    const ipv6 = '2 123456789012 eni-1 2001:DB8::1 fd00:0:0::7 1 443 6 1 7 1 2 REJECT OK';
    const noData = '2 123456789012 eni-1 - - - - - - - 1795478340 1795478400 - NODATA';
    const lower = '1 123456789012 eni-1 10.0.1.5 10.0.2.7 49152 443 6 12 4096 1795478340 1795478400 ACCEPT OK';
    for (const lineBreak of ['\n', '\r\n']) {
      const text = [ipv6, noData, lower].map((line) => line + lineBreak).join('');
      sums.clear();
      const counts = new FlowCounts();
      const lineFormats = { own: [plain], stream: { formats: [plain], common: undefined } };
      const counter = new LineCounter(lineFormats, { monitoredNetworks: [], sums, counts });
      await counter.add(Buffer.from(text));
      expect(sums.kernel.exports.leftCount.value).toBe(0);
      expect(counts).toMatchObject({ flows: 2, noData: 1, counted: 2 });
      expect([...sums.ranked()].map(({ src, dst }) => [src, dst])).toEqual([
        ['10.0.1.5', '10.0.2.7'],
        ['2001:db8::1', 'fd00::7'],
      ]);
    }
  });

  it('leaves out and counts 0 the same flows as the function for any endpoints, directions and missing values', async () => {
    const fields: Readonly<Record<string, readonly string[]>> = {
      srcaddr: ['10.0.1.5', '10.0.0.9', '198.51.100.9', 'fd00::5', '-'],
      dstaddr: ['10.0.2.7', '10.0.0.9', '198.51.100.9', '-'],
      'pkt-srcaddr': ['10.0.1.5', '198.51.100.9', '2001:db8::1', '-'],
      'pkt-dstaddr': ['10.0.2.7', '198.51.100.9', 'fd00::7', '-'],
      bytes: ['40', '-'],
      start: ['90'],
      end: ['100'],
      action: ['ACCEPT', 'ACCEPT', 'REJECT', '-'],
      'flow-direction': ['ingress', 'egress', '-'],
      'log-status': ['OK', 'OK', 'NODATA', 'SKIPDATA'],
    };
    const format = formatOf(Object.keys(fields).join(' '));
    const line = fc.tuple(...Object.values(fields).map((values) => fc.constantFrom(...values)));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), networks, async (lines, monitored) => {
        const bytes = new Uint8Array(Buffer.from(lines.map((values) => `${values.join(' ')}\n`).join('')));
        expect(await scanned(bytes, format, [format], monitored)).toEqual(countedSlowly(bytes, [format], monitored));
      }),
      { numRuns: byTier(125, 500) },
    );
  });

  it('keeps sums beyond 2^53 exact', async () => {
    const line = '2 123456789012 eni-1 10.0.1.5 10.0.2.7 1 443 6 1 999999999999999 1 2 ACCEPT OK\n';
    const sums = await sumsOf(line.repeat(20_001));
    expect(sums.get('10.0.1.5 10.0.2.7')?.bytes).toBe(999_999_999_999_999n * 20_001n);
  });

  it('counts a hundred thousand pairs separately', async () => {
    const pairs = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    const line = (src: string) => `2 123456789012 eni-1 ${src} 198.51.100.7 1 443 6 1 7 1 2 ACCEPT OK\n`;
    const sums = await sumsOf(pairs.map(line).join('').repeat(2));
    expect(sums.size).toBe(100_000);
    expect(new Set([...sums.values()].map(({ bytes }) => bytes))).toEqual(new Set([14]));
  });

  it('leaves out pairs without counted flows', async () => {
    const line = '2 123456789012 eni-1 10.0.1.5 10.0.2.7 1 443 6 1 5 1 2 - OK\n';
    expect(await sumsOf(line)).toEqual(new Map());
    expect(sums.size).toBe(1);
  });

  it('has no plan for formats that it does not support', async () => {
    const [a, b] = [formatOf('version srcaddr dstaddr start end'), formatOf('version dstaddr srcaddr start end')];
    const planOf = (own: Format, formats: Format[]) => linePlan({ own: [own], stream: { formats, common: undefined } });
    expect(planOf(a, [a, b])).toBeUndefined();
    expect(planOf(a, [a, plain])?.format).toBe(a);
    const timeless = formatOf('srcaddr dstaddr bytes');
    expect(planOf(timeless, [timeless])).toBeUndefined();
  });
});
