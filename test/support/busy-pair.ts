import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { defaultMaintenance } from '../../lambda/aws/dynamo-counter-store.ts';
import { defaultCompaction } from '../../lambda/count/compaction.ts';
import { type ItemSize, itemSize, writeUnits } from '../../lambda/count/item-size.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { epoch, flowOf } from './flows.ts';

/** What became of a pair's item, from the second hour on. */
export interface BusyPair {
  /** Updates that counted, and those that tidied. */
  readonly touches: number;
  readonly tidied: number;
  /** Write units of each. */
  readonly touchUnits: number;
  readonly tidyUnits: number;
  /** The item's largest size in each hour, in bytes, and its mean. */
  readonly hours: readonly number[];
  readonly mean: ItemSize;
}

/**
 * A day of a client inside and a server outside, who talk in each batch; several processes count, and their batches
 * overlap. Sizes are those that DynamoDB bills, counted exactly.
 *
 * @param tries how many tries of each batch begin
 */
export async function busyPair(
  rules: LoadedRules,
  { perMinute, processes, tries = 1 }: { perMinute: number; processes: number; tries?: number },
): Promise<BusyPair> {
  const clock = { now: 0 };
  const finishing = { now: () => clock.now, attemptMilliseconds: defaultMaintenance.finishing.attemptMilliseconds };
  const first = new MemoryCounterStore(rules.series, { finishing, compaction: defaultCompaction });
  const stores = Array.from({ length: processes }, () => first.another());
  const sums = { head: 0, slots: 0, tokens: 0, alerts: 0, total: 0 };
  const hours = new Array<number>(24).fill(0);
  const counted = { touches: 0, tidied: 0, touchUnits: 0, tidyUnits: 0 };
  const events: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  const chance = randomNumbers();
  for (let number = 0; number < 24 * 60 * perMinute; number += 1) {
    const begun = (number * 60) / perMinute + 3 * chance();
    const added = begun + 1 + 4 * chance();
    const arrival = epoch + Math.floor(begun);
    const end = arrival - 60 - Math.floor(30 * chance());
    const bytes = 2000 + Math.floor(80_000 * chance());
    const flow = flowOf({ srcaddr: '10.0.1.5', dstaddr: '198.51.100.77', bytes, start: end - 50, end });
    const delta = aggregate([{ flow, arrival }], rules).deltas.find(({ key }) => key.pk.startsWith('pair#'))!;
    const batch = { dedupToken: number.toString(36).padStart(8, '0'), arrival };
    const store = stores[number % processes]!;
    events.push({
      at: begun,
      run: async () => {
        for (let n = 0; n < tries; n += 1) await store.begin(batch);
      },
    });
    events.push({
      at: added,
      run: async () => {
        const counter = await store.add(delta, batch);
        const size = itemSize(delta.key, counter);
        hours[Math.floor(number / 60 / perMinute)] = Math.max(hours[Math.floor(number / 60 / perMinute)]!, size.total);
        if (begun < 3600) return;
        counted.touches += 1;
        counted.touchUnits += writeUnits(size.total);
        for (const name of Object.keys(sums) as (keyof ItemSize)[]) sums[name] += size[name];
        if ((await store.read(delta.key.pk)) === counter) return;
        counted.tidied += 1;
        counted.tidyUnits += writeUnits(size.total);
      },
    });
    events.push({ at: added + 1 + 4 * chance(), run: () => store.complete(batch) });
  }
  for (const { at, run } of events.sort((a, b) => a.at - b.at)) {
    clock.now = at * 1000;
    await run();
  }
  const mean = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Math.round(sum / counted.touches)]));
  return { ...counted, hours, mean: mean as unknown as ItemSize };
}

/** Returns the write units of updates and of their upkeep, for each update that counts. */
export function unitsPerTouch({ touches, touchUnits, tidyUnits }: BusyPair): number {
  return (touchUnits + tidyUnits) / touches;
}

/** The same numbers from 0 to 1 each time. */
function randomNumbers(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}
