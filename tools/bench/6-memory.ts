import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvelopeName } from '../../emulators/envelope-names.ts';
import { firehoseEvent, wrapLines } from '../../emulators/firehose-event.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Bench, counted, type Part, timesThePeer } from './benchmark.ts';
import { type Bundle, bundleFunction } from './bundle.ts';
import { runNode } from './child-process.ts';
import { flowLogFile } from './flow-log-file.ts';
import { eventOfLines, linesThatFit, sampleLines } from './sample-lines.ts';
import { startServerProcess } from './server-process.ts';

const here = import.meta.dirname;
const flowSentinel = join(here, '../../bin/flow-sentinel.js');

/** Measures the peak memory of processes. */
export const memory: Part = {
  number: '6',
  title: 'peak memory of an event of 6 MB, of a flood, and of files of increasing length',
  async run(bench) {
    await measureEvents(bench);
    await measureFiles(bench);
    await measureLongFile(bench);
  },
};

/**
 * The maximum old space in MB. Without a limit V8 defers garbage collection, and the peak would not show the live memory.
 * The limit leaves out the rest of a process: code, new objects and read buffers.
 */
const oldSpaceMegabytes = 192;

/** The heap of a function in Lambda: a tenth of its memory for young objects, in two halves, the rest for old ones. */
export function heapOf(megabytes: number): string[] {
  return [
    `--max-semi-space-size=${Math.floor(megabytes * 0.05)}`,
    `--max-old-space-size=${Math.ceil(megabytes * 0.9)}`,
  ];
}

async function measureEvents(bench: Bench): Promise<void> {
  const bytes = bench.isQuick ? 200_000 : 6_000_000;
  const floodLines = bench.isQuick ? 5000 : 200_000;
  const item = {
    pk: { S: 'pair#10.0.0.1#10.0.0.2' },
    firstSeen: { N: '1' },
    lastSeen: { N: '2' },
    bytes: { N: '1' },
    rejects: { N: '0' },
  };
  const bundle = bundleFunction();
  const server = await startServerProcess('instant-table.ts', [JSON.stringify(item)]);
  const events = [
    { name: 'an event of 6 MB, JSON records', event: eventOf('json', bytes), heapMegabytes: 256, limit: 150 },
    {
      name: 'its lines in CloudWatch Logs batches',
      event: eventOf('cloudwatch', bytes),
      heapMegabytes: 256,
      limit: 150,
    },
    { name: '200,000 lines with as many pairs', event: floodEvent(floodLines), heapMegabytes: 1024, limit: 700 },
  ];
  try {
    for (const { name, event, heapMegabytes, limit } of events) {
      const { peak, ok } = await invokeOnce(event, heapMegabytes, bundle, server.endpoint);
      bench.say(`${name}: ${formatInteger(ok)} records transformed`);
      bench.add(
        counted({
          id: '6',
          name: `handler on ${name}: peak memory (MB)`,
          ours: peak,
          target: { compare: '<=', value: limit },
        }),
      );
    }
  } finally {
    await server.stop();
    bundle.remove();
  }
}

/** Invokes the bundle with an event in a process, and returns its peak memory in MB. */
async function invokeOnce(
  event: string,
  heapMegabytes: number,
  bundle: Bundle,
  endpoint: string,
): Promise<{ peak: number; ok: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const path = join(directory, 'event.json');
  try {
    writeFileSync(path, event);
    const { output } = await runNode(
      [...heapOf(heapMegabytes), join(here, 'children/invoke-once.ts'), bundle.path, path],
      { ...bundle.environment, AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_ENDPOINT_URL_SNS: endpoint },
    );
    return JSON.parse(output) as { peak: number; ok: number };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Returns the JSON of an event of rejected flows in AWS's default format, each from another source. */
function floodEvent(lines: number): string {
  const source = (n: number) => `93.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  const texts = Array.from(
    { length: lines },
    (_, n) => `2 123456789012 - ${source(n)} 10.0.0.5 50000 22 6 1 40 1795510740 1795510799 REJECT OK`,
  );
  return JSON.stringify(firehoseEvent(wrapLines(texts, 'cloudwatch', 1_795_510_800_000)));
}

/** Returns the JSON of an event. It has the lines of a `json` event of up to `bytes` bytes, in either envelope. */
function eventOf(envelope: EnvelopeName, bytes: number): string {
  const lines = linesThatFit(sampleLines(bytes), 'json', bytes);
  return JSON.stringify(eventOfLines(lines, envelope));
}

async function measureFiles(bench: Bench): Promise<void> {
  const few = bench.isQuick ? 1000 : 100_000;
  const pairs = bench.isQuick ? 100 : 5000;
  // One thread, because only a long file has a second one, with separate memory.
  // A replay takes a hundred times as long as a count.
  for (const { name, args, times } of [
    { name: 'count', args: ['--threads', '1'], times: 10 },
    { name: 'replay', args: [], times: 4 },
  ]) {
    const many = times * few;
    const peaks: number[] = [];
    for (const lines of [few, many]) {
      bench.say(`${name} of ${formatInteger(lines)} lines`);
      peaks.push(await peakOf([name, ...args, await flowLogFile({ lines, pairs })]));
    }
    bench.add(
      timesThePeer({
        id: '6',
        name: `${name} of ${formatInteger(many)} lines, against ${formatInteger(few)}, of ${formatInteger(pairs)} pairs, old space of ${oldSpaceMegabytes} MB: peak memory (MB)`,
        ours: peaks[1]!,
        peer: peaks[0]!,
        target: { compare: '<=', value: 1.25 },
      }),
    );
  }
}

/** Measures a count as a user runs it, with V8's own limits. */
async function measureLongFile(bench: Bench): Promise<void> {
  const [lines, pairs] = (bench.isQuick ? [20_000, 80] : [10_000_000, 40_000]) as [number, number];
  bench.say(`count of ${formatInteger(lines)} lines of ${formatInteger(pairs)} pairs`);
  bench.add(
    counted({
      id: '6',
      name: `count of ${formatInteger(lines)} lines of ${formatInteger(pairs)} pairs, one thread: peak memory (MB)`,
      ours: await peakOf(['count', '--threads', '1', await flowLogFile({ lines, pairs })], []),
      target: { compare: '<=', value: 100 },
    }),
  );
}

/** @param limits options of Node.js that limit the heap */
async function peakOf(
  args: readonly string[],
  limits: readonly string[] = [`--max-old-space-size=${oldSpaceMegabytes}`],
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const file = join(directory, 'peak');
  try {
    await runNode([...limits, '--import', join(here, 'children/report-peak-memory.js'), flowSentinel, ...args], {
      PEAK_MEMORY_FILE: file,
    });
    return Number(readFileSync(file, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
