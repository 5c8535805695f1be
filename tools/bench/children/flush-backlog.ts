/**
 * Flushes the lanes of a process until nothing is left, as the function would do. Prints its memory and what was counted.
 * Needs `--expose-gc`.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { createClients } from '../../../lambda/aws/clients.ts';
import { DynamoCounterStore } from '../../../lambda/aws/dynamo-counter-store.ts';
import { DynamoJournal } from '../../../lambda/aws/dynamo-journal.ts';
import { defaultMessages } from '../../../lambda/config.ts';
import { KnownSlots } from '../../../lambda/count/known-slots.ts';
import { counterKey } from '../../../lambda/counters/counter-key.ts';
import { flush } from '../../../lambda/flush/flush.ts';
import type { FlushPorts } from '../../../lambda/flush/flush-ports.ts';
import type { FlushBacklogInput, FlushBacklogResult } from '../flush-backlog-process.ts';
import { instantPorts } from '../instant-ports.ts';
import { rulesOfNetworks } from '../many-networks.ts';

const { journalEndpoint, tableName, lanes, processes, now } = JSON.parse(process.argv[2]!) as FlushBacklogInput;
const rules = rulesOfNetworks();
const store = new DynamoCounterStore(
  createClients().dynamoDb,
  { tableName: 'counters', retentionSeconds: 30 * 86_400 },
  rules.series,
);
const sum = { updates: 0, bytes: 0n, rejects: 0 };
const { gc } = globalThis as unknown as { gc: () => void };
const updatesPerCollection = 10_000;
let live = 0;

/** Collects all garbage, which V8 would defer, and measures what is left. */
function measureLive(): void {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  live = Math.max(live, (heapUsed + external) / 1024 / 1024);
}

const counters = delegatingStore(store, {
  add(delta, batch, signal) {
    if (sum.updates++ % updatesPerCollection === 0) measureLive();
    sum.bytes += BigInt(delta.totals?.bytes ?? 0);
    sum.rejects += delta.totals?.rejects ?? 0;
    return store.add(delta, batch, signal);
  },
});

/** Returns slots of presence at their limit, as a process has them after some hours: they grow up to it. */
function fullKnownSlots(): KnownSlots {
  const slots = new KnownSlots(rules.series);
  const [id] = [...rules.series].find(([, { measure }]) => measure.kind === 'presence')!;
  for (let number = 0; number < 100_000; number += 1) {
    const key = counterKey(['interface-id'], [`eni-${String(number).padStart(17, '0')}`]);
    const delta = { key, part: 0, totals: undefined, firstSeen: 0, lastSeen: 0, evidence: new Map(), overflowPairs: 0 };
    slots.remember([{ ...delta, additions: [{ series: id, slot: 1_994_976, amount: 1 }] }]);
  }
  return slots;
}

const { signal } = new AbortController();
let attempts = 0;
const ports: FlushPorts = {
  ...instantPorts(rules),
  counters,
  knownSlots: fullKnownSlots(),
  journal: new DynamoJournal(new DynamoDBClient({ endpoint: journalEndpoint }), tableName),
  holder: 'bench',
  now: () => now,
  leaseUntil: () => now + 360,
  newAttempt: () => String(attempts++).padStart(8, '0'),
  lastStart: signal,
  // A tenth of the limits, so that a backlog of minutes is above them.
  limits: { deltas: 60_000, pages: 1400, chunkDeltas: 2000 },
};
const settings = {
  rules,
  messages: defaultMessages,
  origin: { account: undefined, region: undefined },
  everySeconds: 300,
  lanes,
};
const result = await flush({ index: 0, processes, isForced: true }, settings, new Map(), ports);
if (!result || result.problems.length > 0)
  throw new Error(`the lanes were not flushed: ${result?.problems.join('; ')}`);
const { user, system } = process.cpuUsage();
const output: FlushBacklogResult = {
  live,
  peak: process.resourceUsage().maxRSS / 1024,
  pages: result.pages,
  keys: result.countersTouched,
  bytes: String(sum.bytes),
  rejects: sum.rejects,
  seconds: (user + system) / 1e6,
};
process.stdout.write(JSON.stringify(output));
process.exit();
