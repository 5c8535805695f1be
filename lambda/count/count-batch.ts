import { chunked } from '../common/chunked.ts';
import type { Batch } from '../counters/batch.ts';
import { type Counter, hasCounted, partToken } from '../counters/counter.ts';
import type { CountedDelta, KeyDelta } from '../counters/delta.ts';
import { type BatchStart, type CountPorts, maxKeysPerRead } from './counter-store.ts';
import { untilFailure } from './until-failure.ts';

/** The deltas of a batch by partition key; those of one counter in order. */
type DeltasByCounter = ReadonlyMap<string, readonly KeyDelta[]>;

/**
 * Adds each delta to its counter, the deltas of one counter in sequence, and evaluates each counter after its last update.
 * A retry reads the counters first, and adds only what no earlier attempt has added. For a batch that is completely
 * counted already it only reads and evaluates the counters. An update of presence is left out if the process knows the
 * slot, and is not written if a read finds the slot: see KnownSlots.
 *
 * After the first failure, it starts no further request and rejects once those in flight have settled. Lambda may freeze
 * the process after the response; a resumed update could run after its dedup token was dropped.
 *
 * @param start what `begin` of the store returned
 * @returns the results in the order in which the deltas name the counters first
 */
export async function countBatch<T>(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { isRetry, isCounted }: Pick<BatchStart, 'isRetry' | 'isCounted'>,
  ports: CountPorts,
  evaluate: (updates: readonly CountedDelta[]) => T,
): Promise<T[]> {
  const { counters, knownSlots, deadline } = ports;
  // A retry evaluates all counters, since an earlier attempt may have claimed alerts.
  const isKnown = (delta: KeyDelta) => !isRetry && !isCounted && knownSlots?.isKnown(delta) === true;
  const unknown = deltas.filter((delta) => !isKnown(delta));
  if (counters.addSync && !isCounted) {
    const add = (delta: KeyDelta) => ({ delta, counter: counters.addSync!(delta, batch) });
    const results = runsOfCounters(unknown).map((parts) => evaluate(parts.map(add)));
    await counters.complete(batch, deadline);
    return results;
  }
  const byCounter: DeltasByCounter = Map.groupBy(unknown, ({ key }) => key.pk);
  const results = new Map<string, T>();
  const onCounted = (pk: string, updates: readonly CountedDelta[]) => results.set(pk, evaluate(updates));
  const stored = isRetry || isCounted ? await readCounted(byCounter, batch, isCounted, ports, onCounted) : byCounter;
  const others = isCounted ? stored : await readPresent(stored, ports, onCounted);
  if (!isCounted) {
    await addAll(others, batch, ports, onCounted);
    await counters.complete(batch, deadline);
  }
  return [...byCounter.keys()].flatMap((pk) => (results.has(pk) ? [results.get(pk)!] : []));
}

/** Returns the deltas of each counter, which follow each other. The first part may be left out, and the others not. */
function runsOfCounters(deltas: readonly KeyDelta[]): KeyDelta[][] {
  const runs: KeyDelta[][] = [];
  for (const delta of deltas) {
    const run = runs.at(-1);
    if (run && run[0]!.key.pk === delta.key.pk) run.push(delta);
    else runs.push([delta]);
  }
  return runs;
}

/**
 * Reads the counters of a retried batch: a read is billed a fifth of a refused update, takes no write capacity, and one
 * request reads a hundred counters.
 *
 * @param isCounted whether the batch is completely counted: then a missing counter has expired since
 * @param onCounted receives the counters that an earlier attempt has counted
 * @returns the deltas of the other counters
 */
async function readCounted(
  byCounter: DeltasByCounter,
  { dedupToken, arrival }: Batch,
  isCounted: boolean,
  { counters, deadline }: CountPorts,
  onCounted: (pk: string, updates: readonly CountedDelta[]) => void,
): Promise<DeltasByCounter> {
  const others = new Map<string, readonly KeyDelta[]>();
  await untilFailure(chunked([...byCounter], maxKeysPerRead), async (chunk) => {
    const pks = chunk.map(([pk]) => pk);
    const stored = await counters.readAll(pks, deadline, 'strong');
    for (const [pk, parts] of chunk) {
      const counter = stored.get(pk);
      const isAdded = ({ part }: KeyDelta) => counter && hasCounted(counter, partToken(dedupToken, part), arrival);
      if (counter && (isCounted || parts.every(isAdded))) {
        onCounted(
          pk,
          parts.map((delta) => ({ delta, counter })),
        );
      } else others.set(pk, parts);
    }
  });
  return others;
}

/**
 * Reads the counters to which a batch adds nothing but presence: a read is billed a tenth of a write. A failed read saves
 * nothing, and its counters are written.
 *
 * @param onCounted receives the counters that hold the slots already
 * @returns the deltas of the other counters
 */
async function readPresent(
  byCounter: DeltasByCounter,
  { counters, knownSlots, deadline }: CountPorts,
  onCounted: (pk: string, updates: readonly CountedDelta[]) => void,
): Promise<DeltasByCounter> {
  if (!knownSlots) return byCounter;
  const others = new Map(byCounter);
  const ofPresence = [...byCounter].filter(([, parts]) => parts.every((delta) => knownSlots.isOfPresence(delta)));
  await untilFailure(chunked(ofPresence, maxKeysPerRead), async (chunk) => {
    const pks = chunk.map(([pk]) => pk);
    const stored = await counters.readAll(pks, deadline, 'eventual').catch(() => noCounters);
    for (const [pk, parts] of chunk) {
      const counter = stored.get(pk);
      if (!counter || !parts.every((delta) => knownSlots.isStored(delta, counter))) continue;
      onCounted(
        pk,
        parts.map((delta) => ({ delta, counter })),
      );
      others.delete(pk);
    }
  });
  return others;
}

const noCounters: ReadonlyMap<string, Counter> = new Map();

async function addAll(
  byCounter: DeltasByCounter,
  batch: Batch,
  { counters, deadline }: CountPorts,
  onCounted: (pk: string, updates: readonly CountedDelta[]) => void,
): Promise<void> {
  await untilFailure(byCounter, async ([pk, parts], hasFailed) => {
    const updates: CountedDelta[] = [];
    for (const delta of parts) {
      if (hasFailed()) return;
      updates.push({ delta, counter: await counters.add(delta, batch, deadline) });
    }
    onCounted(pk, updates);
  });
}
