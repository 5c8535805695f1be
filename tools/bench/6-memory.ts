import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvelopeName } from '../../emulators/firehose-event.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Bench, counted, type Part, timesThePeer } from './benchmark.ts';
import { bundleFunction } from './bundle.ts';
import { runNode } from './child-process.ts';
import { flowLogFile } from './flow-log-file.ts';
import { eventOfLines, linesThatFit, sampleLines } from './sample-lines.ts';
import { startServerProcess } from './server-process.ts';

const here = import.meta.dirname;
const flowSentinel = join(here, '../../bin/flow-sentinel.js');

/** Measures the peak memory of processes. */
export const memory: Part = {
  number: '6',
  title: 'peak memory of an event of 6 MB, and of files of increasing length',
  async run(bench) {
    await measureEvent(bench);
    await measureFiles(bench);
  },
};

/**
 * The maximum old space in MB. Without a limit V8 defers garbage collection, and the peak would not show the live memory.
 * The limit leaves out the rest of a process: code, new objects and read buffers.
 */
const oldSpaceMegabytes = 192;

/** The heap of a 256 MB function in Lambda: a tenth of the memory for young objects, in two halves, the rest for old ones. */
const heap = ['--max-semi-space-size=12', '--max-old-space-size=231'];

async function measureEvent(bench: Bench): Promise<void> {
  const bundle = bundleFunction();
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const item = {
    pk: { S: 'pair#10.0.0.1#10.0.0.2' },
    firstSeen: { N: '1' },
    lastSeen: { N: '2' },
    bytes: { N: '1' },
    rejects: { N: '0' },
  };
  const server = await startServerProcess('instant-table.ts', [JSON.stringify(item)]);
  try {
    for (const envelope of ['json', 'cloudwatch'] as const) {
      const path = join(directory, `${envelope}.json`);
      writeFileSync(path, eventOf(envelope, bench.isQuick ? 200_000 : 6_000_000));
      const { output } = await runNode([...heap, join(here, 'children/invoke-once.ts'), bundle.path, path], {
        ...bundle.environment,
        AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
        AWS_ENDPOINT_URL_SNS: server.endpoint,
      });
      const { peak, ok } = JSON.parse(output) as { peak: number; bytes: number; ok: number };
      bench.say(`${envelope}: ${formatInteger(ok)} records transformed`);
      bench.add(
        counted({
          id: '6',
          name: `handler on ${envelope === 'json' ? 'an event of 6 MB, JSON records' : 'its lines in CloudWatch Logs batches'}: peak memory (MB)`,
          ours: peak,
          target: { compare: '<=', value: 200 },
        }),
      );
    }
  } finally {
    await server.stop();
    bundle.remove();
    rmSync(directory, { recursive: true });
  }
}

/** Returns the JSON of an event. It has the lines of a `json` event of up to `bytes` bytes, in either envelope. */
function eventOf(envelope: EnvelopeName, bytes: number): string {
  const lines = linesThatFit(sampleLines(bytes), 'json', bytes);
  return JSON.stringify(eventOfLines(lines, envelope));
}

async function measureFiles(bench: Bench): Promise<void> {
  const [few, many] = bench.isQuick ? [1000, 4000] : [100_000, 1_000_000];
  const pairs = bench.isQuick ? 100 : 5000;
  // One thread, because only a long file has a second one, with separate memory.
  for (const [name, ...command] of [
    ['count', 'count', '--threads', '1'],
    ['replay', 'replay'],
  ] as const) {
    const peaks: number[] = [];
    for (const lines of [few, many]) {
      bench.say(`${name} of ${formatInteger(lines)} lines`);
      peaks.push(await peakOf([...command, await flowLogFile({ lines, pairs })]));
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

async function peakOf(args: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const file = join(directory, 'peak');
  try {
    await runNode(
      [
        `--max-old-space-size=${oldSpaceMegabytes}`,
        '--import',
        join(here, 'children/report-peak-memory.ts'),
        flowSentinel,
        ...args,
      ],
      {
        PEAK_MEMORY_FILE: file,
      },
    );
    return Number(readFileSync(file, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
