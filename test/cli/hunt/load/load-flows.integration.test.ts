import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFiles } from '../../../../cli/flow-files/find-files.ts';
import type { LineFile } from '../../../../cli/flow-files/flow-files.ts';
import { openFoundFiles } from '../../../../cli/flow-files/open.ts';
import { eventRecords, recordBatches } from '../../../../cli/flow-files/record-batches.ts';
import { RangeFilter, type TimeRange } from '../../../../cli/flow-files/time-range.ts';
import { loadFlows } from '../../../../cli/hunt/load/load-flows.ts';
import type { LoadedFlows } from '../../../../cli/hunt/load/loaded-flows.ts';
import { FlowCounts } from '../../../../cli/statistics/flow-counts.ts';
import { FlowTimes } from '../../../../cli/statistics/flow-times.ts';
import { addUncounted } from '../../../../cli/statistics/uncounted-flow.ts';
import { isCounted, isDuplicateObservation } from '../../../../lambda/flow-log/contribution.ts';
import { timeOf } from '../../../../lambda/flow-log/flow.ts';
import type { Network } from '../../../../lambda/networks/ip-address.ts';
import { flowsOf, readRecords } from '../../../../lambda/parse/read-records.ts';
import { parseNetworks } from '../../../../sigma/compile/monitored-network.ts';
import { directed, epoch, formatOf, lineOf, v2 } from '../../../support/flows.ts';
import { byTier } from '../../../support/tier.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly format?: string;
  readonly networks?: readonly Network[];
  readonly timeRange?: TimeRange | undefined;
}

interface Loaded {
  readonly loaded: LoadedFlows;
  /** In their order. */
  readonly flows: readonly string[];
  readonly unreadable: readonly string[];
  /** Names of the files that were loaded as text. */
  readonly texts: readonly string[];
  readonly problems: readonly (string | undefined)[];
}

let runs = 0;

/** Writes the files, and loads them as text where possible, and as records only. */
async function loadBoth({ files, ...given }: Given): Promise<{ fast: Loaded; slow: Loaded; expected: object }> {
  runs += 1;
  const logs = join(folder, String(runs));
  mkdirSync(logs);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(logs, name), content);
  try {
    const fast = await load(logs, given, true);
    const slow = await load(logs, given, false);
    return { fast, slow, expected: await countsOf(logs, given) };
  } finally {
    rmSync(logs, { recursive: true });
  }
}

async function load(
  logs: string,
  { format, networks = [], timeRange }: Omit<Given, 'files'>,
  asTexts: boolean,
): Promise<Loaded> {
  const opened = await openFoundFiles(await findFiles([logs]), { format: format === undefined ? undefined : [format] });
  let texts: string[] = [];
  const source = {
    formats: opened.formats,
    lineFiles: asTexts ? opened.lineFiles : [],
    records(progress?: (bytes: number) => void, without: ReadonlySet<LineFile> = new Set()) {
      texts = [...without].map(({ name }) => name.slice(logs.length + 1)).sort();
      return opened.records(progress, without);
    },
  };
  const path = join(logs, '.database');
  const temporary = mkdtempSync(join(folder, 'temporary-'));
  const paths = { file: path, folder: temporary };
  const loaded = await loadFlows(paths, { files: source, monitoredNetworks: networks, timeRange });
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = async (table: string) =>
    (await connection.runAndReadAll(`SELECT * FROM ${table}`)).getRowsJson().map((row) => JSON.stringify(row));
  const flows = await rows('vpc_flow_logs');
  const unreadable = await rows('unreadable_lines');
  connection.closeSync();
  instance.closeSync();
  rmSync(path);
  rmSync(temporary, { recursive: true });
  return { loaded, flows, unreadable, texts, problems: opened.files().map(({ problem }) => problem) };
}

/** Counts the flows with the functions that count in all other commands. */
async function countsOf(logs: string, { format, networks = [], timeRange }: Omit<Given, 'files'>) {
  const opened = await openFoundFiles(await findFiles([logs]), { format: format === undefined ? undefined : [format] });
  const filter = timeRange && new RangeFilter(timeRange);
  const counts = new FlowCounts();
  const times = new FlowTimes();
  let flows = 0;
  let leftOut = 0;
  for await (const batch of recordBatches(opened.records())) {
    for (const flow of readRecords(eventRecords(batch), opened.formats).records.flatMap(flowsOf)) {
      if (filter && !filter.has(flow)) continue;
      flows += 1;
      const time = timeOf(flow);
      if (time !== undefined) times.add(time);
      if (isCounted(flow, networks)) continue;
      addUncounted(counts, flow);
      if (isDuplicateObservation(flow, networks)) leftOut += 1;
    }
  }
  const hasDirection = opened.formats.some(({ indexOf }) => indexOf.has('flow-direction'));
  return {
    ...{ flows, uncounted: counts.uncounted, leftOut: hasDirection ? leftOut : undefined, range: times.range() },
    outside: filter?.outside,
  };
}

const text = (lines: readonly string[], lineBreak = '\n') =>
  Buffer.from(lines.map((line) => line + lineBreak).join(''));
const header = v2.names.join(' ');
const networks = parseNetworks(['10.0.0.0/8', 'fd00::/8']);

const formats = [
  v2,
  directed,
  formatOf('srcaddr dstaddr bytes action'),
  formatOf('vpc-id type region start srcaddr dstaddr action bytes flow-direction log-status'),
  formatOf('end interface-id srcaddr pkt-dstaddr packets'),
];

const oneOf = fc.constantFrom;

const values: Readonly<Record<string, fc.Arbitrary<string | number>>> = {
  version: oneOf(2, 2, 2, 5, '-', 'x'),
  'interface-id': oneOf(
    'eni-1',
    '-',
    '"eni"',
    "e'n",
    '\\N',
    '{a',
    'é',
    'type',
    'region',
    'NULL',
    'a\u0001',
    'a\u2028b',
  ),
  'vpc-id': oneOf('vpc-1', 'type', '-', '{"message":"a"}', 'version', '#'),
  type: oneOf('IPv4', 'region', '-'),
  region: oneOf('eu-central-1', 'type', 'start', '-'),
  srcaddr: oneOf('10.0.1.5', '198.51.100.7', '2001:DB8::1', '2001:db8::1', 'fd00:0::1', '-', '10.0.0.256', '01.1.1.1'),
  dstaddr: oneOf('10.0.2.7', '198.51.100.9', 'fd00::2', '-', 'no'),
  'pkt-srcaddr': oneOf('10.0.1.5', '203.0.113.7', '-'),
  'pkt-dstaddr': oneOf('10.0.2.7', '203.0.113.9', '-'),
  srcport: oneOf(0, 65_535, 65_536, '-', '01', '+1'),
  bytes: oneOf(0, 1000, '9223372036854775807', '9223372036854775808', '123456789012345678', '-', '1e3'),
  start: oneOf(epoch, epoch - 90_000, epoch * 1000 + 7, 99_999_999_999, 100_000_000_000, '-', 0),
  end: oneOf(epoch + 50, epoch + 90_000, epoch * 1000 + 999, '-', 9_999_999_999_999, 10_000_000_000_000),
  action: oneOf('ACCEPT', 'REJECT', '-', 'accept'),
  'log-status': oneOf('OK', 'NODATA', 'SKIPDATA', '-', 'NO'),
  'flow-direction': oneOf('ingress', 'egress', '-', 'in'),
};

/** A line of a format, with usual values most of the time. */
const lineOfFormat = (format: (typeof formats)[number]) =>
  fc
    .record(Object.fromEntries(format.names.flatMap((name) => (values[name] ? [[name, values[name]]] : []))), {
      requiredKeys: [],
    })
    .map((some) => lineOf(some as Record<string, string | number>, format));

const usualLine = (format: (typeof formats)[number]) =>
  fc
    .record({ srcaddr: oneOf('10.0.1.5', '198.51.100.7'), end: fc.integer({ min: epoch, max: epoch + 4000 }) })
    .map((some) => lineOf({ ...some, version: format.version, 'flow-direction': 'ingress' }, format));

const oddText = oneOf(
  '',
  '   ',
  '\t',
  'what is this?',
  '{"message":"2 123456789012 eni-1 10.0.1.5 10.0.2.7 1 2 6 1 100 1795510800 1795510850 ACCEPT OK"}',
  '{"message":3}',
  '\u00e9\u00e9',
  header,
  'srcaddr dstaddr',
  `  ${lineOf()}  `,
  lineOf().replaceAll(' ', '\t'),
  `${lineOf()} more`,
  '\ufeff',
);

const file = fc.integer({ min: 0, max: formats.length - 1 }).chain((index) => {
  const format = formats[index]!;
  const line = fc.oneof(
    { weight: 30, arbitrary: usualLine(format) },
    { weight: 3, arbitrary: lineOfFormat(format) },
    { weight: 1, arbitrary: oddText },
    { weight: 1, arbitrary: fc.constant(format.names.join(' ')) },
  );
  return fc.record({
    header: oneOf(format.names.join(' '), format.names.map((name) => `\${${name}}`).join(' ')),
    hasHeader: index === 0 ? fc.boolean() : fc.constant(true),
    lines: fc.array(line, { maxLength: 40 }),
    lineBreak: oneOf('\n', '\n', '\r\n'),
    otherBreak: fc.option(oneOf('\r\n', '\r', '\n\n'), { freq: 8 }),
    end: oneOf('\n', '', '\r'),
    mark: fc.boolean(),
    junk: fc.option(fc.uint8Array({ maxLength: 20 }), { freq: 8 }),
    gzip: oneOf('no', 'no', 'yes', 'cut'),
  });
});

type File = typeof file extends fc.Arbitrary<infer T> ? T : never;

function contentOf(one: File): Buffer {
  const lines = one.hasHeader ? [one.header, ...one.lines] : one.lines;
  const breaks = lines.map((_, index) => (index % 7 === 3 ? (one.otherBreak ?? one.lineBreak) : one.lineBreak));
  const joined = lines.map((line, index) => line + (index < lines.length - 1 ? breaks[index] : one.end)).join('');
  const bytes = Buffer.concat([
    Buffer.from(one.mark ? '\ufeff' : ''),
    Buffer.from(joined),
    ...(one.junk ? [Buffer.from(one.junk)] : []),
  ]);
  if (one.gzip === 'no') return bytes;
  const compressed = gzipSync(bytes);
  return one.gzip === 'cut' ? compressed.subarray(0, compressed.length - 12) : compressed;
}

const range = fc.option(
  oneOf(
    { from: epoch + 1000, to: epoch + 3000 },
    { from: Number.NEGATIVE_INFINITY, to: epoch + 100 },
    { from: epoch + 10_000_000, to: Number.POSITIVE_INFINITY },
  ),
  { freq: 3, nil: undefined },
);

describe('loadFlows', () => {
  it('gives the same rows, unreadable lines and counts for a file as text and as records', async () => {
    let texts = 0;
    await fc.assert(
      fc.asyncProperty(file, oneOf([], networks), range, async (one, some, timeRange) => {
        // A file without any flow is refused before it is loaded.
        const content = contentOf({ ...one, lines: [...one.lines, lineOf({}, v2)] });
        const given = { files: { 'a.log': content }, networks: some, timeRange };
        const both = await loadBoth(given).catch((error: unknown) => String(error));
        if (typeof both === 'string') {
          expect(both).toMatch(/cannot be read/);
          return;
        }
        const { fast, slow, expected } = both;
        texts += fast.texts.length;
        expect({ ...fast, texts: [] }).toEqual(slow);
        expect(fast.loaded).toMatchObject(expected);
      }),
      { numRuns: byTier(8, 60) },
    );
    expect(texts).toBeGreaterThan(byTier(2, 5));
  });

  it('gives the same rows, unreadable lines and counts for several files, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 4 }), range, async (several, timeRange) => {
        const files = Object.fromEntries(several.map((one, index) => [`${index}.log`, contentOf(one)]));
        const both = await loadBoth({ files, networks, timeRange }).catch((error: unknown) => String(error));
        if (typeof both === 'string') {
          expect(both).toMatch(/can be read|cannot be read/);
          return;
        }
        const { fast, slow, expected } = both;
        const sorted = ({ flows, unreadable, loaded, problems }: Loaded) => {
          return { flows: flows.toSorted(), unreadable: unreadable.toSorted(), loaded, problems };
        };
        expect(sorted(fast)).toEqual(sorted(slow));
        expect(fast.loaded).toMatchObject(expected);
      }),
      { numRuns: byTier(4, 30) },
    );
  });
});

describe('loading as text', () => {
  const usual = Array.from({ length: 50 }, (_, n) => lineOf({ srcport: n, end: epoch + n }));

  it.each([
    ['a header', text([header, ...usual])],
    ['no header', text(usual)],
    ['lines that end with CR LF', text([header, ...usual], '\r\n')],
    ['gzip', gzipSync(text([header, ...usual]))],
    ['a byte order mark', Buffer.concat([Buffer.from('\ufeff'), text([header, ...usual])])],
    ['a repeated header', text([header, ...usual, header, ...usual])],
    ['an unreadable line', text([header, ...usual, 'what is this?', ...usual])],
    ['an address in another spelling', text([header, ...usual, lineOf({ srcaddr: '2001:DB8::1' }), ...usual])],
    ['times in milliseconds', text([header, ...usual, lineOf({ start: epoch * 1000 }), ...usual])],
    ['no line break at the end', text([header, ...usual]).subarray(0, -1)],
  ])('reads a file with %s', async (_, content) => {
    const { fast, slow } = await loadBoth({ files: { 'a.log': content } });
    expect(fast).toEqual({ ...slow, texts: ['a.log'] });
    expect(fast.flows.length).toBeGreaterThanOrEqual(50);
  });

  it.each([
    ['a second header with other fields', text([header, ...usual, directed.names.join(' '), lineOf({}, directed)])],
    ['a flow without a time', text([header, ...usual, lineOf({ start: '-', end: '-' })])],
    ['a control character in a value', text([header, ...usual, lineOf({ 'interface-id': 'a\u0007' })])],
    ['cut gzip', gzipSync(text([header, ...usual])).subarray(0, -12)],
    ['JSON instead of lines', Buffer.from(`{"message":"${lineOf()}"}\r\u000e`)],
    ['unknown fields', text([`${header} new-field`, ...usual.map((line) => `${line} 1`)])],
    ['a line longer than a record', text([header, ...usual, 'x'.repeat(1_100_000)])],
  ])('leaves a file with %s to the reader of records', async (_, content) => {
    const { fast, slow } = await loadBoth({ files: { 'a.log': content } });
    expect(fast).toEqual(slow);
    expect(fast.texts).toEqual([]);
  });

  it('reads the other files when one must be read as records', async () => {
    const files = {
      'a.log': text([header, ...usual]),
      'b.log': text([header, ...usual, lineOf({ start: '-', end: '-' })]),
      'c.log.gz': gzipSync(text([directed.names.join(' '), lineOf({ version: 5 }, directed)])),
    };
    const { fast, slow } = await loadBoth({ files, networks });
    expect(fast.texts).toEqual(['a.log', 'c.log.gz']);
    expect(fast.flows.toSorted()).toEqual(slow.flows.toSorted());
    expect(fast.loaded).toEqual(slow.loaded);
  });

  it('keeps the day of arrival when flows have no time', async () => {
    const format = 'srcaddr dstaddr bytes';
    const files = {
      'a_20261124T0900Z_1.log': text([format, '10.0.1.5 10.0.2.7 1']),
      'b_20261125T0900Z_1.log': text([format, '10.0.1.5 10.0.2.7 2']),
      'c.log': text([format, '10.0.1.5 10.0.2.7 3']),
    };
    const { fast, slow } = await loadBoth({ files });
    expect(fast.texts).toHaveLength(3);
    expect(fast.flows.toSorted()).toEqual(slow.flows.toSorted());
    expect(fast.flows.filter((row) => row.includes('"2026-11-25"'))).toHaveLength(1);
  });
});

const longId = `eni-${'a'.repeat(1000)}`;
/** More than 4 MiB, in few lines. */
const many = Array.from({ length: 4500 }, (_, n) => lineOf({ 'interface-id': longId, srcport: n, end: epoch + n }));

describe('reading a large file in place', () => {
  let slow: Loaded;
  beforeAll(async () => {
    slow = (await loadBoth({ files: { 'a.log': text([header, ...many]) } })).slow;
    expect(text(many).length).toBeGreaterThan(4 * 1024 * 1024);
  });

  it.each([
    ['LF', text([header, ...many])],
    ['CR LF', text([header, ...many], '\r\n')],
    ['no line break at the end', text([header, ...many]).subarray(0, -1)],
    ['no CR LF at the end', text([header, ...many], '\r\n').subarray(0, -2)],
    ['LF after a header with CR LF', Buffer.concat([text([header], '\r\n'), text(many)])],
    ['CR LF in one line', Buffer.concat([text([header, many[0]!]), text([many[1]!], '\r\n'), text(many.slice(2))])],
    ['a repeated header', text([header, ...many.slice(0, 4000), header, ...many.slice(4000)])],
    ['a blank line first', text(['', header, ...many])],
    ['no header', text(many)],
    ['a byte order mark and no header', Buffer.concat([Buffer.from('\ufeff'), text(many)])],
  ])('gives the rows of records with %s', async (_, content) => {
    const path = _.length % 2 ? 'a [1] * {2}?.log' : 'a.log';
    const { fast } = await loadFast({ files: { [path]: content } });
    expect(fast.texts).toHaveLength(1);
    expect(fast.loaded).toEqual(slow.loaded);
    expect(fast.flows).toEqual(slow.flows);
  });
});

describe('an interruption of loading', () => {
  it.each([
    ['is checked in place', text([header, ...many])],
    ['is copied', gzipSync(text([header, ...many]))],
  ])('leaves out a file that %s', async (_, content) => {
    const logs = mkdtempSync(join(folder, 'interrupted-'));
    writeFileSync(join(logs, 'a.log'), text([header, lineOf()]));
    writeFileSync(join(logs, 'b.log'), content);
    const files = await openFoundFiles(await findFiles([logs]));
    const controller = new AbortController();
    const afterFirst = text([header, lineOf()]).length + 1;
    const progress = (bytes: number) => {
      if (bytes > afterFirst) controller.abort();
    };
    const opened = { ...files, records: async function* () {} } as typeof files;
    const paths = { file: join(logs, '.database'), folder: logs };
    const loaded = await loadFlows(paths, { files: opened, monitoredNetworks: [], progress }, controller.signal);
    expect(loaded.flows).toBe(1);
  });
});

/** Loads files as text only. */
async function loadFast({ files, ...given }: Given): Promise<{ fast: Loaded }> {
  runs += 1;
  const logs = join(folder, String(runs));
  mkdirSync(logs);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(logs, name), content);
  try {
    return { fast: await load(logs, given, true) };
  } finally {
    rmSync(logs, { recursive: true });
  }
}
