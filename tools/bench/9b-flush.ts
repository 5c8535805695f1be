import { join } from 'node:path';
import pMap from 'p-map';
import { type LocalStack, startLocalStack } from '../../emulators/local-stack.ts';
import { MemoryJournal } from '../../emulators/memory-journal.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { DynamoCounterStore } from '../../lambda/aws/dynamo-counter-store.ts';
import { DynamoJournal } from '../../lambda/aws/dynamo-journal.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { environmentNames } from '../../lambda/config.ts';
import { numberAttribute } from '../../lambda/count/counter-item.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import { freezeLane } from '../../lambda/flush/freeze-lane.ts';
import { columnsOf, deltasOf } from '../../lambda/journal/columns/delta-columns.ts';
import { notableDeltas } from '../../lambda/journal/columns/notable-deltas.ts';
import { newLane, type Page } from '../../lambda/journal/journal.ts';
import { allParts, type Lane } from '../../lambda/journal/lane.ts';
import { packPage, unpackPage } from '../../lambda/journal/page/page.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { heapOf } from './6-memory.ts';
import { lanes, secondsPerBatch } from './9-journal.ts';
import { type Bench, counted, type Part, timesThePeer } from './benchmark.ts';
import { runNode } from './child-process.ts';
import { compare, processorSeconds } from './compare.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';
import { setEnvironmentOf } from './environment-of-server.ts';
import type { FlushBacklogInput, FlushBacklogResult } from './flush-backlog-process.ts';
import { instantPorts } from './instant-ports.ts';
import { flowsOfLines, ManyNetworks, observedAt, rulesOfNetworks } from './many-networks.ts';
import { startServerProcess } from './server-process.ts';

const recordsPerSecond = 100_000_000 / 86_400;
/** A little more than one freeze takes, so that memory has its peak. */
const shortBacklogMinutes = 25;
const longBacklogMinutes = 4 * shortBacklogMinutes;
/** The processes among which the lanes are divided here: each flushes two lanes, which is what a process freezes at once. */
const processes = lanes / 2;
/**
 * The memory of the function whose heap the process has. That of the stack has 1,769 MB, which is one processor: with such
 * a heap, V8 would defer garbage collection, and the peak would not show the live memory.
 */
const heapMegabytes = 256;
const mostMegabytes = 512;
/** An invocation starts no chunk after 150 seconds, and the next one begins at the end of the third minute. */
const workingShare = 150 / 180;

const counterItem = JSON.stringify({
  firstSeen: numberAttribute(observedAt),
  lastSeen: numberAttribute(observedAt),
  bytes: numberAttribute(0),
  rejects: numberAttribute(0),
});

/** Measures how fast a flush catches up after an outage, and its memory. */
export const flushBacklog: Part = {
  number: '9b',
  title: 'the flush after an outage, at 100 million records a day',
  async run(bench) {
    const rules = rulesOfNetworks();
    const networks = new ManyNetworks(bench.isQuick ? 1 : 24);
    const seconds = bench.isQuick ? 20 : longBacklogMinutes * 60;
    const long = pagesOfLane(networks, Math.floor(seconds / secondsPerBatch), rules);
    const short = long.slice(0, Math.ceil(long.length / 4));
    const server = await startServerProcess('instant-table.ts', [counterItem]);
    try {
      await measureSteps(bench, short, rules, server.endpoint);
      await measureBacklogs(bench, { short, long }, server.endpoint);
    } finally {
      await server.stop();
    }
  },
};

/** A page, and the sums of its totals. */
interface SummedPage {
  readonly page: Page;
  readonly bytes: bigint;
  readonly rejects: number;
}

/**
 * Makes the pages of one lane. All keys of a sixteenth of the networks stand for a sixteenth of the keys of all networks:
 * the lane has as many keys, and each comes as often. The process that puts the pages knows the slots of presence.
 */
function pagesOfLane(networks: ManyNetworks, batches: number, rules: LoadedRules): SummedPage[] {
  const networksOfLane = Math.round(recordsPerSecond / networks.recordsPerSecond / lanes);
  const isNotable = notableDeltas(rules);
  const known = new KnownSlots(rules.series);
  return networks
    .batches(networksOfLane, secondsPerBatch, batches, 2)
    .map((lines, index) => {
      const all = aggregate(flowsOfLines(lines), rules, streamBounds).deltas;
      const deltas = all.filter((delta) => !known.isKnown(delta));
      known.remember(deltas);
      const putAt = observedAt + Math.floor(index * secondsPerBatch);
      const bytes = Uint8Array.from(packPage(columnsOf(deltas, rules.series, isNotable)));
      const batch = index.toString(36).padStart(16, '0');
      return {
        page: { batch, parts: allParts, putAt, firstAttempt: putAt, deltas: deltas.length, bytes },
        bytes: deltas.reduce((sum, { totals }) => sum + BigInt(totals?.bytes ?? 0), 0n),
        rejects: deltas.reduce((sum, { totals }) => sum + (totals?.rejects ?? 0), 0),
      };
    })
    .toArray();
}

/** Measures the two steps of a flush that take its time: to freeze a lane, and to count a chunk. */
async function measureSteps(
  bench: Bench,
  pages: readonly SummedPage[],
  rules: LoadedRules,
  endpoint: string,
): Promise<void> {
  const lane = { lanes, number: 0 };
  const now = observedAt + 86_400;
  const journal = new MemoryJournal();
  for (const { page } of pages) await journal.putPage(lane, page);
  const { signal } = new AbortController();
  const freeze = (store: MemoryJournal) =>
    freezeLane(lane, newLane, { journal: store, now: () => now, newAttempt: () => 'attempt0', deadline: signal });
  const { state, pages: taken } = await freeze(journal);
  const deltas = pages.slice(0, taken).reduce((sum, { page }) => sum + page.deltas, 0);
  const chunks = await Promise.all(
    Array.from({ length: state!.chunks }, (_, index) => journal.chunk(lane, state!.freeze, index)),
  );
  const keys = chunks.reduce((sum, bytes) => sum + new Set(unpackPage(bytes).pks).size, 0);
  bench.say(`a freeze: ${formatInteger(taken)} pages, ${formatInteger(deltas)} deltas, ${formatInteger(keys)} keys`);
  const chunk = deltasOf(unpackPage(chunks[0]!));
  const restore = setEnvironmentOf(endpoint);
  try {
    const { dynamoDb } = createClients();
    const table = { tableName: 'counters', retentionSeconds: 30 * 86_400 };
    const ports = { ...instantPorts(rules), counters: new DynamoCounterStore(dynamoDb, table, rules.series) };
    const batch = { dedupToken: 'AAAAAAAA', arrival: now };
    const measured = await compare(
      {
        // The lane is frozen already, so the freeze does all of its work and then leaves the lane as it is.
        freeze: async () => ({ us: (1e6 / deltas) * (await processorSeconds(() => freeze(journal))) }),
        count: async () => ({
          us: (1e6 / chunk.length) * (await processorSeconds(() => countAndEvaluate(chunk, batch, rules, ports))),
        }),
      },
      { rounds: bench.isQuick ? 1 : 2, warmUp: bench.isQuick ? 0 : 1 },
    );
    bench.add(
      counted({
        id: '9b',
        name: `freeze of a lane, ${formatInteger(deltas)} deltas of ${formatInteger(keys)} keys: deltas a second of processor time`,
        ours: 1e6 / measured.freeze.us,
      }),
    );
    bench.add(
      counted({
        id: '9b',
        name: 'count of a chunk, the table responding at once: keys a second of processor time',
        ours: 1e6 / measured.count.us,
      }),
    );
  } finally {
    restore();
  }
}

/** Flushes a short and a long backlog in separate processes, each with a new journal. */
async function measureBacklogs(
  bench: Bench,
  { short, long }: { readonly short: readonly SummedPage[]; readonly long: readonly SummedPage[] },
  endpoint: string,
): Promise<void> {
  const ofShort = await flushInProcess(bench, short, endpoint);
  const ofLong = await flushInProcess(bench, long, endpoint);
  const minutesOf = (pages: readonly SummedPage[]) => (pages.length * secondsPerBatch) / 60;
  const minutes = (pages: readonly SummedPage[]) => `${formatInteger(Math.round(minutesOf(pages)))} minutes`;
  const backlogs = `flush of two lanes with pages of ${minutes(long)}, against ${minutes(short)}`;
  bench.add(
    timesThePeer({
      id: '9b',
      name: `${backlogs}: live memory (MB)`,
      ours: ofLong.live,
      peer: ofShort.live,
      target: { compare: '<=', value: 1.1 },
    }),
  );
  bench.add(timesThePeer({ id: '9b', name: `${backlogs}: peak memory (MB)`, ours: ofLong.peak, peer: ofShort.peak }));
  bench.add(
    counted({
      id: '9b',
      name: `of it, ${minutes(long)}: peak memory (MB)`,
      ours: ofLong.peak,
      target: { compare: '<=', value: mostMegabytes },
    }),
  );
  // The share of one processor that the flush of all lanes takes; new pages come while the old ones are counted.
  const share = (ofLong.seconds * processes) / (minutesOf(long) * 60);
  bench.add(
    counted({
      id: '9b',
      name: 'flush of all lanes: processor time for each second of traffic (s)',
      ours: share,
    }),
  );
  for (const [outage, hours, target] of [
    ['an hour', 1, { compare: '<=', value: 15 }],
    ['three days', 72, undefined],
  ] as const) {
    bench.add(
      counted({
        id: '9b',
        name: `after ${outage} without a flush, one processor: time until all is counted (minutes)`,
        ours: (hours * 60 * share) / (workingShare - share),
        ...(target && { target }),
      }),
    );
  }
}

/** Puts pages into two lanes, and flushes them in a process. @throws Error unless everything is counted once */
async function flushInProcess(
  bench: Bench,
  pages: readonly SummedPage[],
  countersEndpoint: string,
): Promise<FlushBacklogResult> {
  const server = await startServerProcess('dynalite.ts');
  const stack = await startLocalStack(async () => server);
  try {
    const tableName = stack.environment[environmentNames.journalTableName]!;
    await putIntoLanes(stack, tableName, pages);
    const input: FlushBacklogInput = {
      journalEndpoint: server.endpoint,
      tableName,
      lanes,
      processes,
      now: pages.at(-1)!.page.putAt + 60,
    };
    const { output } = await runNode(
      [
        '--expose-gc',
        ...heapOf(heapMegabytes),
        join(import.meta.dirname, 'children/flush-backlog.ts'),
        JSON.stringify(input),
      ],
      {
        AWS_ENDPOINT_URL_DYNAMODB: countersEndpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
      },
    );
    const result = JSON.parse(output) as FlushBacklogResult;
    bench.say(
      `${formatInteger(result.pages)} pages, ${formatInteger(result.keys)} updates, ${result.seconds.toFixed(1)} s of processor time, ${Math.round(result.live)} MB of ${Math.round(result.peak)} are live`,
    );
    const bytes = 2n * pages.reduce((sum, page) => sum + page.bytes, 0n);
    const rejects = 2 * pages.reduce((sum, page) => sum + page.rejects, 0);
    if (result.bytes !== String(bytes) || result.rejects !== rejects || result.pages !== 2 * pages.length) {
      throw new Error(
        `the flush did not count each page once: got ${result.pages} pages, ${result.bytes} bytes and ${result.rejects} rejects, expected ${2 * pages.length}, ${bytes} and ${rejects}`,
      );
    }
    return result;
  } finally {
    await stack.stop();
  }
}

async function putIntoLanes(stack: LocalStack, tableName: string, pages: readonly SummedPage[]): Promise<void> {
  const { signal } = new AbortController();
  const journal = new DynamoJournal(stack.clients.dynamoDb, tableName);
  await journal.register(lanes, pages.at(-1)!.page.putAt, signal);
  const own: Lane[] = [0, processes].map((number) => ({ lanes, number }));
  await pMap(
    own.flatMap((lane) => pages.map(({ page }) => ({ lane, page }))),
    ({ lane, page }) => journal.putPage(lane, page, signal),
    { concurrency: 16 },
  );
}
