import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countFiles } from '../../cli/count/count-files.ts';
import { aggregate } from '../../lambda/aggregate/aggregate.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { type Bench, type Part, type Target, timesThePeer } from './benchmark.ts';
import { runChild } from './child-process.ts';
import { compare, processorSeconds } from './compare.ts';
import { countAndEvaluate } from './count-and-evaluate.ts';
import { flowLogFile } from './flow-log-file.ts';
import { flowLogLines } from './flow-log-lines.ts';
import { instantPorts } from './instant-ports.ts';
import { installPeers, type PeerName, peerCommand } from './peers.ts';
import { replayFile } from './replayed-file.ts';

const flat: Target = { compare: '<=', value: 1.1 };

/** Measures whether the cost of each record, update or pair grows with their number. */
export const growth: Part = {
  number: '7',
  title: 'more records, more pairs, more rules',
  async run(bench) {
    installPeers(bench.say);
    await moreRecords(bench);
    await morePairs(bench);
    await moreReplayed(bench);
    for (const kind of ['one series', 'a series each'] as const) await moreRules(bench, kind);
  },
};

async function moreRecords(bench: Bench): Promise<void> {
  const sizes = bench.isQuick ? [1000, 2000] : [100_000, 1_000_000];
  const [first, fewest] = sizes as [number, number];
  const paths = new Map<number, readonly string[]>();
  for (const lines of sizes) paths.set(lines, [await flowLogFile({ lines, pairs: 1000 })]);
  const maxLines = sizes.at(-1)!;
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  try {
    paths.set(10 * maxLines, tenCopies(paths.get(maxLines)![0]!, directory));
    bench.say(`count of ${[...paths.keys()].map(formatInteger).join(', ')} records`);
    const measured = await compare<string, 'ns'>(
      Object.fromEntries([...paths].map(([records, files]) => [records, countingOf(files, records)])),
      { rounds: bench.isQuick ? 1 : 3, warmUp: 1 },
    );
    // The first records include the fixed cost of a run: its start, its pairs, its buffers and code that is not compiled yet.
    const further = (records: number) => (measured[records]!.ns - measured[first]!.ns) / (records - first);
    for (const records of [...paths.keys()].slice(2)) {
      bench.add(
        timesThePeer({
          id: '7',
          name: `count of ${formatInteger(records)} records, against ${formatInteger(fewest)}: processor time of each after the first ${formatInteger(first)} (ns)`,
          ours: further(records),
          peer: further(fewest),
          target: flat,
        }),
      );
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Copies a file ten times: a file given several times would be read once. */
function tenCopies(path: string, directory: string): string[] {
  return Array.from({ length: 10 }, (_, index) => {
    const name = join(directory, `${index}.log`);
    copyFileSync(path, name);
    return name;
  });
}

/** The most that a record may cost more if the pairs exceed the processor's cache. */
const beyondCache: Target = { compare: '<=', value: 2 };

async function morePairs(bench: Bench): Promise<void> {
  const lines = bench.isQuick ? 2000 : 1_000_000;
  const sizes = bench.isQuick ? [100, 1000] : [1000, 40_000, 1_000_000];
  const paths = new Map<number, string>();
  for (const pairs of sizes) paths.set(pairs, await flowLogFile({ lines, pairs }));
  bench.say(`count of ${formatInteger(lines)} records of ${sizes.map(formatInteger).join(', ')} pairs`);
  const measured = await compare<string, 'ns'>(
    Object.fromEntries([...paths].map(([pairs, path]) => [pairs, countingOf([path], lines)])),
    { rounds: bench.isQuick ? 1 : 3, warmUp: 1 },
  );
  const [fewest, ...others] = sizes as [number, ...number[]];
  for (const pairs of others) {
    bench.add(
      timesThePeer({
        id: '7',
        name: `count of ${formatInteger(lines)} records of ${formatInteger(pairs)} pairs, against ${formatInteger(fewest)}: processor time a record (ns)`,
        ours: measured[pairs]!.ns / lines,
        peer: measured[fewest]!.ns / lines,
        target: pairs === 1_000_000 ? beyondCache : flat,
      }),
    );
  }
  for (const peer of ['DuckDB', 'Polars'] as const) {
    await morePairsOfPeer(bench, peer, { lines, fewest: paths.get(fewest)!, most: paths.get(others.at(-1)!)! });
  }
}

/** Measures the same growth of a peer, as complete processes. */
async function morePairsOfPeer(
  bench: Bench,
  peer: PeerName,
  { lines, fewest, most }: { readonly lines: number; readonly fewest: string; readonly most: string },
): Promise<void> {
  const run = (path: string) => {
    const { command, environment } = peerCommand(peer, path, 1);
    return async () => ({ ns: (1e9 * (await runChild(command, environment)).processor) / lines });
  };
  try {
    const measured = await compare({ fewest: run(fewest), most: run(most) }, { rounds: bench.isQuick ? 1 : 3 });
    bench.add(
      timesThePeer({
        id: '7',
        name: `the same of ${peer}, most pairs against fewest, complete processes: processor time a record (ns)`,
        ours: measured.most.ns,
        peer: measured.fewest.ns,
      }),
    );
  } catch (error) {
    bench.miss({ peer, why: messageOf(error) });
  }
}

/** Returns a contestant that counts files with `records` records in total. */
function countingOf(paths: readonly string[], records: number) {
  // Short files are counted several times, because of the resolution of the clock.
  const times = Math.max(1, Math.round(100_000 / records));
  const options = { monitoredNetworks: async () => [], threads: 1, signal: new AbortController().signal };
  return async () => ({
    ns:
      (1e9 / times) *
      (await processorSeconds(async () => {
        for (let n = 0; n < times; n += 1) await countFiles(paths, options);
      })),
  });
}

async function moreReplayed(bench: Bench): Promise<void> {
  const [few, many] = (bench.isQuick ? [500, 1000] : [10_000, 100_000]) as [number, number];
  const rules = loadRules(compileRuleDirectory());
  const paths = [
    await flowLogFile({ lines: few, pairs: 1000 }),
    await flowLogFile({ lines: many, pairs: 1000 }),
  ] as const;
  bench.say(`replay of ${formatInteger(few)} and of ${formatInteger(many)} records`);
  const run = (path: string, records: number) => async () => ({
    us: (1e6 / records) * (await processorSeconds(() => replayFile(path, rules))),
  });
  const measured = await compare(
    { few: run(paths[0], few), many: run(paths[1], many) },
    { rounds: bench.isQuick ? 1 : 3, warmUp: 1 },
  );
  bench.add(
    timesThePeer({
      id: '7',
      name: `replay of ${formatInteger(many)} records, against ${formatInteger(few)}: processor time a record (µs)`,
      ours: measured.many.us,
      peer: measured.few.us,
      target: flat,
    }),
  );
}

async function moreRules(bench: Bench, kind: 'one series' | 'a series each'): Promise<void> {
  const sizes = [1, 10, 100];
  const format = parseFormat(defaultFormat) as Format;
  const lines = bench.isQuick ? 500 : 10_000;
  const flows = [...flowLogLines({ lines, pairs: 5000 })].flatMap((text) => {
    const line = parseLine(text, [format]);
    return line.kind === 'flow' ? [{ flow: line.flow, arrival: 1_795_478_400 }] : [];
  });
  const batch = { dedupToken: 'AAAAAAAA', arrival: 1_795_478_400 };
  bench.say(`updates by ${sizes.map(String).join(', ')} rules of ${kind}`);
  const updatesOf = (rules: LoadedRules) => {
    const ports = instantPorts(rules);
    let updates = 1;
    const work = async () => {
      const { deltas } = aggregate(flows, rules);
      updates = deltas.length;
      await countAndEvaluate(deltas, batch, rules, ports);
    };
    return async () => {
      const seconds = await processorSeconds(work);
      return { us: (1e6 / updates) * seconds };
    };
  };
  const measured = await compare<string, 'us'>(
    Object.fromEntries(sizes.map((size) => [size, updatesOf(rulesOf(size, kind))])),
    { rounds: bench.isQuick ? 1 : 9, warmUp: 3 },
  );
  for (const size of sizes.slice(1)) {
    bench.add(
      timesThePeer({
        id: '7',
        name: `an update by ${size} rules of ${kind}, against 1: processor time (µs)`,
        ours: measured[size]!.us,
        peer: measured[1]!.us,
        target: flat,
      }),
    );
  }
}

/** Creates rules with different thresholds: all on the same flows, or each on the flows of another port. */
function rulesOf(size: number, kind: 'one series' | 'a series each'): LoadedRules {
  const files = Array.from({ length: size }, (_, index) => {
    const port = kind === 'one series' ? 443 : 443 + index;
    const text = `
title: Some flow
name: flow_${index}
logsource: {product: aws, service: vpcflow}
detection: {selection: {dstport: ${port}}, condition: selection}
---
title: Rule ${index}
level: high
correlation: {type: event_count, rules: [flow_${index}], group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: ${100_000 + index}}}
`;
    return { path: `rules/rule_${index}.yml`, text };
  });
  return loadRules(compileRules(files, new Map()));
}
