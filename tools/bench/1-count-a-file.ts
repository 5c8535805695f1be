import { join } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Bench, type Part, type Target, timesAsFast } from './benchmark.ts';
import { runChild } from './child-process.ts';
import { compare } from './compare.ts';
import { flowLogFile } from './flow-log-file.ts';
import { hashOfLines, pairLines, pairLinesOfJson } from './pair-lines.ts';
import { installPeers, type PeerName, peerCommand, peerNames } from './peers.ts';

const flowSentinel = join(import.meta.dirname, '../../bin/flow-sentinel.js');

/** The target speed as a multiple of each peer's, by the number of threads. */
const targets: Partial<Record<PeerName, Partial<Record<number, Target>>>> = {
  DuckDB: { 1: { compare: '>=', value: 1.5 }, 2: { compare: '>=', value: 1 } },
  mawk: { 1: { compare: '>=', value: 1.3 } },
};

/** The peers that can count with two threads. */
const withThreads: ReadonlySet<PeerName> = new Set(['DuckDB', 'Polars', 'chDB']);

/** Measures complete processes, from the start to the printed table, on the same file. */
export const countAFile: Part = {
  number: '1',
  title: 'the bytes and rejects of each pair of a file, complete processes',
  async run(bench) {
    const missing = installPeers(bench.say);
    missing.forEach(bench.miss);
    const peers = peerNames.filter((name) => !missing.some(({ peer }) => peer === name));
    const lines = bench.isQuick ? 20_000 : 1_000_000;
    const path = await flowLogFile({ lines, pairs: 40_000 });
    for (const threads of [1, 2]) {
      await compareWithPeers(bench, threads === 1 ? peers : peers.filter((peer) => withThreads.has(peer)), {
        path,
        lines,
        threads,
      });
    }
  },
};

async function compareWithPeers(
  bench: Bench,
  peers: readonly PeerName[],
  { path, lines, threads }: { readonly path: string; readonly lines: number; readonly threads: number },
): Promise<void> {
  const own = { command: [process.execPath, flowSentinel, 'count', path, '--json', '--threads', String(threads)] };
  const expected = hashOfLines(pairLinesOfJson((await runChild(own.command)).output));
  const contestants = new Map<string, () => Promise<{ wall: number; processor: number }>>();
  contestants.set('ours', () => runChild(own.command));
  for (const peer of peers) {
    const { command, environment } = peerCommand(peer, path, threads);
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
  bench.say(
    `${formatInteger(lines)} lines, ${threads === 1 ? 'one thread' : 'two threads'}: ${[...contestants.keys()].join(', ')}`,
  );
  const rounds = bench.isQuick ? 1 : 5;
  const measured = await compare<string, 'wall' | 'processor'>(Object.fromEntries(contestants), { rounds });
  for (const peer of peers) {
    if (!measured[peer]) continue;
    const target = targets[peer]?.[threads];
    for (const [measure, label] of [
      ['wall', 'time'],
      ['processor', 'processor time'],
    ] as const) {
      bench.add(
        timesAsFast({
          id: '1',
          name: `count of a file, ${threads === 1 ? 'one thread' : 'two threads'}, against ${peer}: ${label} (s)`,
          ours: measured.ours![measure],
          peer: measured[peer][measure],
          // Several threads always use more processor time.
          target: threads === 1 || measure === 'wall' ? target : undefined,
        }),
      );
    }
  }
}
