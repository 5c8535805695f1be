import { seededRandom } from '../../events/scenarios/random.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { busyPair } from '../../test/support/busy-pair.ts';
import { type Bench, counted, type Part, timesAsFast } from './benchmark.ts';

/** Counts write units and writes: the same numbers in every run. */
export const writes: Part = {
  number: '4',
  title: 'write units and writes, counted',
  async run(bench) {
    const rules = loadRules(compileRuleDirectory());
    await countBusyPair(bench, rules);
    for (const exponent of [0, 1, 1.5]) countMillionRecords(bench, rules, exponent);
  },
};

/** Counts the write units of a pair that is in each batch of a day. */
async function countBusyPair(bench: Bench, rules: LoadedRules): Promise<void> {
  for (const { perMinute, processes } of [
    { perMinute: 1, processes: 2 },
    { perMinute: 5, processes: 2 },
    { perMinute: 20, processes: 4 },
  ]) {
    const load = `a pair in ${perMinute} batches a minute`;
    const { updates, updateUnits, compactionUnits, hours } = await busyPair(rules, { perMinute, processes });
    bench.say(
      `${load}, counted by ${processes} processes: its largest size in each hour, in bytes: ${hours.join(' ')}`,
    );
    bench.add(
      counted({
        id: '4',
        name: `${load}: its item's largest size from the second hour to the 24th (bytes)`,
        ours: Math.max(...hours.slice(1)),
        target: { compare: '<=', value: 1024 },
      }),
    );
    bench.add(
      counted({
        id: '4',
        name: `${load}: write units an update`,
        ours: updateUnits / updates,
        target: { compare: '<=', value: 1 },
      }),
    );
    bench.add(
      counted({
        id: '4',
        name: `${load}: write units an update, compaction included`,
        ours: (updateUnits + compactionUnits) / updates,
        target: { compare: '<=', value: 1 },
      }),
    );
  }
}

/** The records of a mebibyte. */
const recordsPerBatch = 4260;
const pairs = 40_000;

const skews = new Map([
  [0, 'equally frequent'],
  [1, 'the nth with 1/n of the first'],
  [1.5, 'the nth with 1/n^1.5 of the first'],
]);

/** Compares the counters that a batch updates, and its two markers, with a write for each record. */
function countMillionRecords(bench: Bench, rules: LoadedRules, exponent: number): void {
  const batches = bench.isQuick ? 1 : 10;
  const cumulative: number[] = [];
  for (let rank = 1; rank <= pairs; rank += 1) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank ** exponent);
  const random = seededRandom(4);
  const format = parseFormat(defaultFormat) as Format;
  let sum = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const arrival = 1_795_478_400 + 60 * batch;
    const flows = Array.from({ length: recordsPerBatch }, () => {
      const pair = lowestIndex(cumulative, (random.below(2 ** 31) / 2 ** 31) * cumulative.at(-1)!);
      const line = parseLine(
        `2 123456789012 eni-0a1b2c3d4e5f60718 10.1.${pair >> 8}.${pair & 255} 10.2.0.1 49152 443 6 10 4000 ${arrival - 60} ${arrival} ACCEPT OK`,
        [format],
      );
      if (line.kind !== 'flow') throw new Error('the line is not a flow');
      return { flow: line.flow, arrival };
    });
    sum += aggregate(flows, rules).deltas.length + 2;
  }
  bench.add(
    timesAsFast({
      id: '4',
      name: `writes of a million records of ${formatInteger(pairs)} pairs, ${skews.get(exponent)}, against one a record`,
      ours: (sum * 1_000_000) / (batches * recordsPerBatch),
      peer: 1_000_000,
    }),
  );
}

/** Returns the lowest index with a cumulative sum of at least `wanted`, by binary search. */
function lowestIndex(upTo: readonly number[], wanted: number): number {
  let [low, high] = [0, upTo.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
