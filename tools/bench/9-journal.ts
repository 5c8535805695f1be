import { assumed } from '../../cli/cost/assumptions.ts';
import { MemoryJournal } from '../../emulators/memory-journal.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { DynamoCounterStore } from '../../lambda/aws/dynamo-counter-store.ts';
import { DynamoJournal } from '../../lambda/aws/dynamo-journal.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { defaultMessages } from '../../lambda/config.ts';
import { numberAttribute } from '../../lambda/count/counter-item.ts';
import { sizeOf, writeUnits } from '../../lambda/count/item-size.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { notableDeltas } from '../../lambda/journal/columns/notable-deltas.ts';
import { writePage } from '../../lambda/journal/journal-items.ts';
import { lanesOf } from '../../lambda/journal/lane.ts';
import { putPages } from '../../lambda/journal/put-pages.ts';
import { transform } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { type Bench, counted, type Part, timesThePeer } from './benchmark.ts';
import { compare, processorSeconds } from './compare.ts';
import { setEnvironmentOf } from './environment-of-server.ts';
import { instantPorts } from './instant-ports.ts';
import { flowsOfLines, formats, ManyNetworks, observedAt, rulesOfNetworks } from './many-networks.ts';
import { eventOfLines } from './sample-lines.ts';
import { startServerProcess } from './server-process.ts';

/** The records of a mebibyte, and the seconds in which a stream of 100 million records a day has them. */
export const recordsPerBatch = 4260;
export const secondsPerBatch = recordsPerBatch / (100_000_000 / 86_400);

/** The number of lanes below a thousand million records a day. */
export const lanes = 16;

const signal = new AbortController().signal;
const batch = { dedupToken: 'AAAAAAAA', check: 'BBBBBBBB', arrival: observedAt + 60 };
const counting = { lanes, firstAttempt: batch.arrival, isRetry: false };

/** Measures the pages of a batch, and the batch that puts pages against the batch that counts directly. */
export const journal: Part = {
  number: '9',
  title: 'a batch of 4,260 records of many networks: pages in a journal, against counting directly',
  async run(bench) {
    const rules = rulesOfNetworks();
    const networks = new ManyNetworks(bench.isQuick ? 1 : 24);
    const lines = networks.batch(bench.isQuick ? 400 : recordsPerBatch, secondsPerBatch, 1);
    const flows = flowsOfLines(lines);
    const { deltas } = aggregate(flows, rules, streamBounds);
    bench.say(`${formatInteger(lines.length)} records, ${formatInteger(deltas.length)} deltas`);
    await measurePages(bench, deltas, rules);
    await measurePacking(bench, deltas, rules, () => aggregate(flows, rules, streamBounds));
    await compareWays(bench, eventOfLines(lines, 'json'), rules);
  },
};

type Put = (deltas: readonly KeyDelta[], knownSlots?: KnownSlots) => Promise<void>;

/** Returns the work of a batch that puts its deltas into a journal in memory. */
function putInto(store: MemoryJournal, rules: LoadedRules, isNotable = notableDeltas(rules)): Put {
  const ports = { journal: store, counters: { complete: async () => {} }, now: () => batch.arrival, deadline: signal };
  return (deltas, knownSlots) =>
    putPages(
      deltas,
      batch,
      counting,
      { series: rules.series, isNotable },
      { ...ports, ...(knownSlots && { knownSlots }) },
    );
}

async function measurePages(bench: Bench, deltas: readonly KeyDelta[], rules: LoadedRules): Promise<void> {
  const sizesOf = async (put: (store: MemoryJournal) => Promise<void>) => {
    const store = new MemoryJournal();
    await put(store);
    const sizes = { keys: 0, bytes: 0, units: 0 };
    for (const lane of lanesOf(lanes)) {
      for await (const page of store.pages(lane, 0, batch.arrival)) {
        sizes.keys += page.deltas;
        sizes.bytes += page.bytes.length;
        sizes.units += writeUnits(sizeOf(writePage(lane, page)));
      }
    }
    return sizes;
  };
  const bare = deltas.map((delta) => ({ ...delta, evidence: new Map() }));
  const without = await sizesOf((store) => putInto(store, rules)(bare));
  const withEvidence = await sizesOf((store) => putInto(store, rules)(deltas));
  const knowing = await sizesOf((store) => putInto(store, rules)(deltas, knowingSlotsOf(deltas, rules)));
  const keys = `of ${formatInteger(deltas.length)} keys in ${lanes} pages`;
  const add = (name: string, ours: number, most?: number) =>
    bench.add(counted({ id: '9', name, ours, ...(most !== undefined && { target: { compare: '<=', value: most } }) }));
  add(`a batch ${keys}, without evidence: bytes a key`, without.bytes / without.keys, 16);
  add(`a batch ${keys}, with evidence: bytes a key`, withEvidence.bytes / withEvidence.keys, 20);
  add(
    `of a process that knows the slots of presence, ${formatInteger(knowing.keys)} keys: bytes a key`,
    knowing.bytes / knowing.keys,
    20,
  );
  bench.add(
    timesThePeer({
      id: '9',
      name: 'write units of the pages, against one for each key',
      ours: withEvidence.units,
      peer: deltas.length,
    }),
  );
}

/** Returns the slots of a process that has seen the interfaces of a batch in the same fifteen minutes. */
function knowingSlotsOf(deltas: readonly KeyDelta[], { series }: LoadedRules): KnownSlots {
  const known = new KnownSlots(series);
  known.remember(deltas);
  return known;
}

async function measurePacking(
  bench: Bench,
  deltas: readonly KeyDelta[],
  rules: LoadedRules,
  aggregateAgain: () => unknown,
): Promise<void> {
  const put = putInto(new MemoryJournal(), rules);
  const known = knowingSlotsOf(deltas, rules);
  const run = (work: () => unknown) => async () => ({ ms: 1000 * (await processorSeconds(work)) });
  const measured = await compare(
    { aggregate: run(aggregateAgain), pack: run(() => put(deltas)), knowing: run(() => put(deltas, known)) },
    { rounds: bench.isQuick ? 1 : 9, warmUp: bench.isQuick ? 1 : 20 },
  );
  bench.add(
    counted({
      id: '9',
      name: 'packing of the batch, from deltas to pages: processor time (ms)',
      ours: measured.pack.ms,
      target: { compare: '<=', value: 40 },
    }),
  );
  bench.add(
    timesThePeer({
      id: '9',
      name: 'packing of the batch, against its aggregate: processor time (ms)',
      ours: measured.pack.ms,
      peer: measured.aggregate.ms,
    }),
  );
  bench.add(
    timesThePeer({
      id: '9',
      name: 'packing in a process that knows the slots of presence, against aggregate: processor time (ms)',
      ours: measured.knowing.ms,
      peer: measured.aggregate.ms,
    }),
  );
}

/** The name of the table whose marker says that the batch is put into the journal. */
const journaledTable = 'journaled';

/** Compares the whole function in both ways; the tables are another process that responds at once. */
async function compareWays(bench: Bench, event: unknown, rules: LoadedRules): Promise<void> {
  const [time, none] = [numberAttribute(batch.arrival), numberAttribute(0)];
  const counter = { firstSeen: time, lastSeen: time, bytes: none, rejects: none };
  const marker = { attempts: numberAttribute(1), lanes: numberAttribute(lanes), firstAttempt: time };
  const server = await startServerProcess('instant-table.ts', [
    JSON.stringify(counter),
    JSON.stringify({ [journaledTable]: marker }),
  ]);
  const settings = { formats, rules, messages: defaultMessages };
  const restore = setEnvironmentOf(server.endpoint);
  try {
    const { dynamoDb } = createClients();
    const storeOf = (tableName: string) =>
      new DynamoCounterStore(dynamoDb, { tableName, retentionSeconds: 30 * 86_400 }, rules.series);
    const reports = { direct: 0, journal: 0 };
    const portsOf = (way: keyof typeof reports) => ({
      ...instantPorts(rules),
      log: {
        report: ({ countersTouched }: { readonly countersTouched: number }) => {
          reports[way] = countersTouched;
        },
        alert() {},
      },
    });
    const direct = { ...portsOf('direct'), counters: storeOf('counters') };
    const isNotable = notableDeltas(rules);
    const journalPorts = {
      journal: new DynamoJournal(dynamoDb, 'pages'),
      lanes,
      isNotable,
      now: () => batch.arrival,
    };
    const journaled = { ...portsOf('journal'), counters: storeOf(journaledTable), journal: journalPorts };
    const run = (ports: Parameters<typeof transform>[2]) => async () => ({
      ms: 1000 * (await processorSeconds(() => transform(event, settings, ports))),
    });
    const measured = await compare(
      { direct: run(direct), journal: run(journaled) },
      { rounds: bench.isQuick ? 1 : 9, warmUp: bench.isQuick ? 0 : 4 },
    );
    if (reports.direct === 0 || reports.journal !== 0) throw new Error('a batch was not counted as it should be');
    const [ours, peer] = [measured.journal.ms, measured.direct.ms];
    bench.add(
      timesThePeer({
        id: '9',
        name: 'the function with a journal, against counting directly, tables responding at once: processor time (ms)',
        ours,
        peer,
      }),
    );
    const { processorShare, writeMilliseconds, writesAtOnce } = assumed;
    // A journal has three requests in turn: the marker, the pages, which are sent at once, and the marker again.
    const seconds = (ms: number, waiting: number) => (ms / processorShare + waiting) / 1000;
    bench.add(
      timesThePeer({
        id: '9',
        name: 'duration of the function with 1,024 MB, by this and the latency of the cost model, against counting directly (s)',
        ours: seconds(ours, 3 * writeMilliseconds),
        peer: seconds(peer, (reports.direct * writeMilliseconds) / writesAtOnce),
      }),
    );
    bench.add(
      counted({
        id: '9',
        name: 'of it, the journal (s)',
        ours: seconds(ours, 3 * writeMilliseconds),
        target: { compare: '<=', value: 1 },
      }),
    );
  } finally {
    restore();
    await server.stop();
  }
}
