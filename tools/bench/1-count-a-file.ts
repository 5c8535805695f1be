import { join } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Bench, type Part, type Target, timesAsFast } from './benchmark.ts';
import { type Durations, runChild } from './child-process.ts';
import { compare } from './compare.ts';
import { type FlowLogFile, flowLogFile } from './flow-log-file.ts';
import { hashOfLines, pairLines, pairLinesOfJson } from './pair-lines.ts';
import { installPeers, type PeerName, peerCommand, peerNames } from './peers.ts';

const flowSentinel = join(import.meta.dirname, '../../bin/flow-sentinel.js');

/** A file that our program and some peers count. */
interface Comparison {
  readonly file: FlowLogFile;
  readonly threads: 1 | 2;
  /** The number of measured runs of each contestant. */
  readonly rounds: number;
  /** The peers, with the target speed as a multiple of each peer's; undefined for information. */
  readonly peers: Partial<Record<PeerName, number | undefined>>;
}

const million = 1_000_000;
const file: FlowLogFile = { lines: million, pairs: 40_000 };

const comparisons: readonly Comparison[] = [
  {
    file,
    threads: 1,
    rounds: 5,
    peers: { DuckDB: 2, Polars: 2, chDB: 2.5, mawk: 5, "a split(' ') script": undefined },
  },
  { file, threads: 2, rounds: 5, peers: { DuckDB: 1.5, Polars: 1.4, chDB: undefined } },
  { file: { ...file, format: 'deployed' }, threads: 1, rounds: 3, peers: { DuckDB: 1.5 } },
  { file: { ...file, pairs: million }, threads: 1, rounds: 3, peers: { DuckDB: 1.1 } },
  { file: { ...file, isGzip: true }, threads: 1, rounds: 3, peers: { DuckDB: 1.5 } },
  { file: { ...file, lines: 10 * million }, threads: 1, rounds: 2, peers: { DuckDB: 2 } },
];

/** Measures complete processes, from the start to the printed table, on the same file. */
export const countAFile: Part = {
  number: '1',
  title: 'the bytes and rejects of each pair of a file, complete processes',
  async run(bench) {
    const missing = installPeers(bench.say);
    missing.forEach(bench.miss);
    const isInstalled = (peer: string) => !missing.some((one) => one.peer === peer);
    for (const comparison of comparisons) {
      const peers = peerNames.filter((name) => name in comparison.peers && isInstalled(name));
      const { lines, pairs } = comparison.file;
      const quick = { ...comparison.file, lines: lines / 500, pairs: pairs / 500 };
      await compareWithPeers(bench, peers, bench.isQuick ? { ...comparison, file: quick, rounds: 1 } : comparison);
    }
  },
};

async function compareWithPeers(
  bench: Bench,
  peers: readonly PeerName[],
  { file, threads, rounds, peers: targets }: Comparison,
): Promise<void> {
  const path = await flowLogFile(file);
  const own = [process.execPath, flowSentinel, 'count', path, '--json', '--threads', String(threads)];
  const expected = hashOfLines(pairLinesOfJson((await runChild(own)).output));
  const contestants = new Map<string, () => Promise<Durations>>([['ours', () => runChild(own)]]);
  for (const peer of peers) {
    const { command, environment } = peerCommand(peer, path, threads, undefined, file.format);
    let output: string;
    try {
      ({ output } = await runChild(command, environment));
    } catch (error) {
      bench.miss({ peer, why: String(error) });
      continue;
    }
    if (hashOfLines(pairLines(output)) !== expected)
      throw new Error(`the table of ${peer} for ${path} differs from ours`);
    contestants.set(peer, () => runChild(command, environment));
  }
  const what = `${titleOf(file)}, ${threads === 1 ? 'one thread' : 'two threads'}`;
  bench.say(`${what}: ${[...contestants.keys()].join(', ')}`);
  const measured = await compare<string, 'wall' | 'processor'>(Object.fromEntries(contestants), { rounds });
  // Two threads use more processor time than one, to need less time.
  const [measure, label] = threads === 1 ? (['processor', 'processor time'] as const) : (['wall', 'time'] as const);
  for (const peer of peers) {
    if (!measured[peer]) continue;
    bench.add(
      timesAsFast({
        id: '1',
        name: `count of ${what}, against ${peer}: ${label} (s)`,
        ours: measured.ours![measure],
        peer: measured[peer][measure],
        target: targetOf(targets[peer]),
      }),
    );
  }
}

function targetOf(value: number | undefined): Target | undefined {
  return value === undefined ? undefined : { compare: '>=', value };
}

function titleOf({ lines, pairs, format = 'default', isGzip = false }: FlowLogFile): string {
  const fields = format === 'default' ? '' : ' in the deployed format';
  return `${formatInteger(lines)} lines${fields} of ${formatInteger(pairs)} pairs${isGzip ? ', compressed by gzip' : ''}`;
}
