import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Missing } from './benchmark.ts';
import { printPairs } from './duckdb-sql.ts';
import type { LineFormat } from './flow-log-lines.ts';

const here = import.meta.dirname;

/** The programs that count of a file is compared with. */
export const peerNames = ['mawk', 'DuckDB', 'Polars', 'chDB', "a split(' ') script"] as const;
export type PeerName = (typeof peerNames)[number];

/** The command of a peer. It counts a file of flow log lines, and prints source, destination, bytes and rejects. */
export interface Command {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const program = (name: string) => join(here, 'peers', name);

/**
 * Returns the command with which a peer counts a file.
 *
 * @param packages the folder whose node_modules has the peer's package
 * @param format the format of the file's lines; only DuckDB reads another one than the default format
 */
export function peerCommand(
  name: PeerName,
  path: string,
  threads: number,
  packages: string = here,
  format: LineFormat = 'default',
): Command {
  const node = (file: string) => [process.execPath, program(file), path, String(threads), packages];
  switch (name) {
    case 'mawk':
      return { command: ['mawk', '-f', program('pairs.awk'), path] };
    case 'DuckDB':
      return duckDbCommand([printPairs(path, format)], { threads, packages });
    case 'chDB':
      return { command: node('chdb.js') };
    case 'Polars':
      return { command: node('polars.js'), environment: { POLARS_MAX_THREADS: String(threads) } };
    case "a split(' ') script":
      return { command: node('split.js') };
  }
}

/**
 * Returns the command that runs statements in a bare Node.js process with DuckDB.
 *
 * @param database the path of a database (default: in memory)
 * @param packages the folder whose node_modules has DuckDB (default: that of the peers)
 */
export function duckDbCommand(
  statements: readonly string[],
  {
    threads,
    database = ':memory:',
    packages = here,
  }: { readonly threads: number; readonly database?: string; readonly packages?: string },
): Command {
  return { command: [process.execPath, program('duckdb.js'), packages, database, String(threads), ...statements] };
}

const packageOf: Partial<Record<PeerName, string>> = {
  DuckDB: '@duckdb/node-api',
  Polars: 'nodejs-polars',
  chDB: 'chdb',
};

/** Installs the peers that are missing. Returns the peers that could not be installed, with the reason. */
export function installPeers(say: (text: string) => void): readonly Missing[] {
  const missing: Missing[] = [];
  let problem = 'it was not installed';
  if (!existsSync(join(here, 'node_modules'))) {
    say('installing the peers into tools/bench/node_modules, some 700 MB');
    // Not `npm ci`: it fails if the lock file lacks optional packages of other platforms that the registry lacks.
    // chDB needs its install script. npm run passes the .npmrc of the project on, which turns scripts off.
    const args = ['install', '--no-save', '--ignore-scripts=false', '--prefix', here];
    const { status, stderr, error } = spawnSync('npm', args, { cwd: here, encoding: 'utf8' });
    if (status !== 0) problem = `npm install failed: ${(error?.message ?? firstError(stderr)).slice(0, 200)}`;
  }
  for (const [peer, name] of Object.entries(packageOf)) {
    if (!existsSync(join(here, 'node_modules', name, 'package.json'))) missing.push({ peer, why: problem });
  }
  if (!hasMawk() && !installMawk(say)) {
    missing.push({ peer: 'mawk', why: 'it is not on the PATH: install it, such as by apt-get install mawk' });
  }
  return missing;
}

function hasMawk(): boolean {
  return spawnSync('mawk', ['-W', 'version']).error === undefined;
}

function installMawk(say: (text: string) => void): boolean {
  if (process.getuid?.() !== 0) return false;
  say('installing mawk');
  spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', 'mawk']);
  return hasMawk();
}

function firstError(text: string): string {
  return text.split('\n').find((line) => line.startsWith('npm error')) ?? 'npm printed no error';
}
