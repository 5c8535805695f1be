import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firehoseEvent, wrapLines } from '../../emulators/firehose-event.ts';
import { counted, type Part, timesThePeer } from './benchmark.ts';
import { runToFirstOutput } from './child-process.ts';
import { compare } from './compare.ts';
import { flowLogLines } from './flow-log-lines.ts';

const flowSentinel = join(import.meta.dirname, '../../bin/flow-sentinel.js');

/** The most milliseconds after which a person takes a program for slow to start. */
const maxFirstMilliseconds = 300;

/** Measures commands on ten lines, where almost all time is the start. */
export const startOfCommands: Part = {
  number: 'start',
  title: 'the start of commands on ten lines, against that of Node.js',
  async run(bench) {
    const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
    try {
      const lines = [...flowLogLines({ lines: 10, pairs: 5 })];
      const logs = join(directory, 'flows.log');
      const event = join(directory, 'event.json');
      writeFileSync(logs, `${lines.join('\n')}\n`);
      writeFileSync(event, JSON.stringify(firehoseEvent(wrapLines(lines, 'json', 1_795_478_400_000))));
      const commands = new Map([
        ['--version', ['--version']],
        ['--help', ['--help']],
        ['rules check', ['rules', 'check']],
        ['count', ['count', logs]],
        ['replay', ['replay', logs]],
        ['invoke', ['invoke', event]],
        ['hunt', ['hunt', 'sql', 'SELECT count(*) AS flows FROM vpc_flow_logs', logs]],
      ]);
      bench.say([...commands.keys()].join(', '));
      const run = (...args: readonly string[]) => {
        return () => runToFirstOutput([process.execPath, ...args]);
      };
      const contestants = [...commands].map(([name, args]) => [name, run(flowSentinel, ...args)] as const);
      const measured = await compare<string, 'first' | 'processor'>(
        { node: run('--eval', '0'), ...Object.fromEntries(contestants) },
        bench.isQuick ? { rounds: 1 } : { rounds: 9, warmUp: 1 },
      );
      for (const name of commands.keys()) {
        const { first, processor } = measured[name]!;
        bench.add(
          timesThePeer({
            id: 'start',
            name: `${name}, against node --eval 0: processor time (ms)`,
            ours: 1000 * processor,
            peer: 1000 * measured.node!.processor,
          }),
        );
        bench.add(
          counted({
            id: 'start',
            name: `${name}: time to the first line (ms)`,
            ours: 1000 * first,
            target: { compare: '<=', value: maxFirstMilliseconds },
          }),
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};
