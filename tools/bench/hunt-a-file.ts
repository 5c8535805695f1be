import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type Bench, type Part, timesThePeer } from './benchmark.ts';
import { type Durations, runChild } from './child-process.ts';
import { compare } from './compare.ts';
import { printed, quoted, readCsv } from './duckdb-sql.ts';
import { flowLogFile } from './flow-log-file.ts';
import { duckDbCommand } from './peers.ts';

const root = join(import.meta.dirname, '../..');
const flowSentinel = join(root, 'bin/flow-sentinel.js');

/** Bare DuckDB is the package that hunt uses, with two threads. */
const bare = { packages: root, threads: 2 };

/** Questions with one row each, in the fields that AWS documents. */
const questions: ReadonlyMap<string, string> = new Map([
  ['the sum of a column', 'SELECT count(*) AS flows, sum(bytes) AS bytes FROM vpc_flow_logs'],
  [
    'the distinct targets of rejects',
    "SELECT count(DISTINCT dstaddr) AS targets FROM vpc_flow_logs WHERE action = 'REJECT' AND dstport = 22",
  ],
]);
const [firstQuestion] = questions.values() as unknown as [string];

/** Measures `hunt` on a long file: its load, and each further question on the database that it keeps. */
export const huntAFile: Part = {
  number: 'hunt',
  title: 'load of a file by hunt and questions on its database, against bare DuckDB',
  async run(bench) {
    const lines = bench.isQuick ? 20_000 : 10_000_000;
    const path = await flowLogFile({ lines, pairs: bench.isQuick ? 80 : 40_000 });
    const keeps = (await runChild([process.execPath, flowSentinel, 'hunt', 'sql', '--help'])).output.includes('--keep');
    await compareLoads(bench, path, { lines, keeps });
    if (keeps) await compareQuestions(bench, path);
    else bench.miss({ peer: 'questions on a database that hunt keeps', why: 'hunt sql has no option --keep' });
  },
};

async function compareLoads(
  bench: Bench,
  path: string,
  { lines, keeps }: { readonly lines: number; readonly keeps: boolean },
): Promise<void> {
  bench.say(`load of ${formatInteger(lines)} lines`);
  const load = `CREATE TABLE vpc_flow_logs AS SELECT * FROM ${readCsv(path, 'default')}`;
  const contestants = {
    ours: () =>
      inFolder((folder) => runChild(asking(firstQuestion, path, keeps ? join(folder, 'hunt.db') : undefined))),
    bare: () =>
      inFolder((folder) => runChild(duckDbCommand([load], { ...bare, database: join(folder, 'bare.db') }).command)),
  };
  const measured = await compare<'ours' | 'bare', keyof Durations>(contestants, { rounds: 1 });
  bench.add(
    timesThePeer({
      id: 'hunt',
      name: `load of ${formatInteger(lines)} lines and a question, against CREATE TABLE from read_csv: processor time (s)`,
      ours: measured.ours.processor,
      peer: measured.bare.processor,
      target: { compare: '<=', value: 1.5 },
    }),
  );
}

async function compareQuestions(bench: Bench, path: string): Promise<void> {
  await inFolder(async (folder) => {
    const database = join(folder, 'hunt.db');
    await runChild(asking(firstQuestion, path, database));
    for (const [name, question] of questions) {
      bench.say(`question: ${name}`);
      const attach = `ATTACH '${quoted(database)}' AS kept (READ_ONLY)`;
      const contestants = {
        ours: () => runChild(asking(question, path, database)),
        bare: () => runChild(duckDbCommand([attach, 'USE kept', printed(question)], bare).command),
      };
      const measured = await compare<'ours' | 'bare', keyof Durations>(contestants, { rounds: bench.isQuick ? 1 : 5 });
      bench.add(
        timesThePeer({
          id: 'hunt',
          name: `${name} on the kept database, against bare DuckDB on it: processor time (s)`,
          ours: measured.ours.processor,
          peer: measured.bare.processor,
          target: { compare: '<=', value: 1.2 },
        }),
      );
    }
  });
}

/** Returns the command that loads a file, unless the database has it, and asks a question. */
function asking(question: string, path: string, database: string | undefined): readonly string[] {
  const keep = database === undefined ? [] : ['--keep', database];
  return [process.execPath, flowSentinel, 'hunt', 'sql', question, path, ...keep, '--json'];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
