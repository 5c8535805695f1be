import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { defaultMaintenance } from '../../lambda/aws/dynamo-counter-store.ts';
import { defaultCompaction } from '../../lambda/count/compaction.ts';
import { type ItemSize, itemSize, writeUnits } from '../../lambda/count/item-size.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { epoch, flowOf, formatOf, v2 } from './flows.ts';

const withVpc = formatOf(`${v2.names.join(' ')} vpc-id`);

/** The writes to the item of a pair, from the second hour on. */
export interface BusyPair {
  /** Updates that counted, and writes that compacted the item. */
  readonly updates: number;
  readonly compactions: number;
  /** Write units of the updates, and of the compactions. */
  readonly updateUnits: number;
  readonly compactionUnits: number;
  /** The item's largest size in each hour, in bytes, and its mean. */
  readonly hours: readonly number[];
  readonly mean: ItemSize;
}

/**
 * Simulates a day of an internal client and an external server with a flow in each batch. Several processes count, and
 * their batches overlap. Returns the sizes that DynamoDB bills, in bytes, counted exactly.
 *
 * @param attempts number of attempts that begin for each batch
 */
export async function busyPair(
  rules: LoadedRules,
  { perMinute, processes, attempts = 1 }: { perMinute: number; processes: number; attempts?: number },
): Promise<BusyPair> {
  const clock = { now: 0 };
  const finishing = { now: () => clock.now, attemptMilliseconds: defaultMaintenance.finishing.attemptMilliseconds };
  const firstStore = new MemoryCounterStore(rules.series, { finishing, compaction: defaultCompaction });
  const stores = Array.from({ length: processes }, () => firstStore.newProcess());
  const sums = { head: 0, slots: 0, tokens: 0, alerts: 0, total: 0 };
  const hours = new Array<number>(24).fill(0);
  const counted = { updates: 0, compactions: 0, updateUnits: 0, compactionUnits: 0 };
  const events: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  const random = randomNumbers();
  for (let number = 0; number < 24 * 60 * perMinute; number += 1) {
    const start = (number * 60) / perMinute + 3 * random();
    const added = start + 1 + 4 * random();
    const arrival = epoch + Math.floor(start);
    const end = arrival - 60 - Math.floor(30 * random());
    const bytes = 2000 + Math.floor(80_000 * random());
    const pair = { srcaddr: '10.0.1.5', dstaddr: '198.51.100.77', 'vpc-id': 'vpc-0123456789abcdef0' };
    const flow = flowOf({ ...pair, bytes, start: end - 50, end }, withVpc);
    const delta = aggregate([{ flow, arrival }], rules).deltas.find(({ key }) => key.pk.startsWith('pair#'))!;
    const batch = { dedupToken: number.toString(36).padStart(8, '0'), arrival };
    const store = stores[number % processes]!;
    events.push({
      at: start,
      run: async () => {
        for (let n = 0; n < attempts; n += 1) await store.begin(batch);
      },
    });
    events.push({
      at: added,
      run: async () => {
        const counter = await store.add(delta, batch);
        const size = itemSize(delta.key, counter);
        hours[Math.floor(number / 60 / perMinute)] = Math.max(hours[Math.floor(number / 60 / perMinute)]!, size.total);
        if (start < 3600) return;
        counted.updates += 1;
        counted.updateUnits += writeUnits(size.total);
        for (const name of Object.keys(sums) as (keyof ItemSize)[]) sums[name] += size[name];
        if ((await store.read(delta.key.pk)) === counter) return;
        counted.compactions += 1;
        counted.compactionUnits += writeUnits(size.total);
      },
    });
    events.push({ at: added + 1 + 4 * random(), run: () => store.complete(batch) });
  }
  for (const { at, run } of events.sort((a, b) => a.at - b.at)) {
    clock.now = at * 1000;
    await run();
  }
  const mean = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Math.round(sum / counted.updates)]));
  return { ...counted, hours, mean: mean as unknown as ItemSize };
}

/** Returns the write units of updates and of compactions per update. */
export function unitsPerUpdate({ updates, updateUnits, compactionUnits: extraUnits }: BusyPair): number {
  return (updateUnits + extraUnits) / updates;
}

/** Creates a generator of numbers from 0 to 1, the same sequence each time. */
function randomNumbers(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}
