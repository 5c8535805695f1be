import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The rooms of the function that reach AWS; every other room is pure. */
const impureRooms = ['aws'];

const pureRooms = [
  'aggregate',
  'alert',
  'common',
  'context',
  'count',
  'counters',
  'decode',
  'evaluate',
  'flow-log',
  'flush',
  'geo',
  'journal',
  'names',
  'networks',
  'parse',
  'respond',
  'rules',
  'telemetry',
];

/** A line of code for each impurity, and the lint rule that must refuse it. */
const impurities = {
  date: { code: 'export const now = Date.now();', rule: 'lint/style/noRestrictedGlobals' },
  process: { code: 'export const version = process.version;', rule: 'lint/style/noRestrictedGlobals' },
  environment: { code: 'export const home = process.env.HOME;', rule: 'lint/style/noProcessEnv' },
  fetch: { code: "export const answer = fetch('http://127.0.0.1');", rule: 'lint/style/noRestrictedGlobals' },
  console: { code: "console.log('');", rule: 'lint/style/noRestrictedGlobals' },
  sdk: {
    code: "import { SNSClient } from '@aws-sdk/client-sns';\nexport const sns = new SNSClient();",
    rule: 'lint/style/noRestrictedImports',
  },
  files: {
    code: "import { readFileSync } from 'node:fs';\nexport const text = readFileSync('a');",
    rule: 'lint/style/noRestrictedImports',
  },
};

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly location: { readonly path: string | { readonly file: string } };
}

const rooms = readdirSync(join(root, 'lambda'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** All folders that must be pure, with the folders in them. */
const pureFolders = [
  'lambda',
  ...rooms.filter((room) => !impureRooms.includes(room)).flatMap((room) => foldersIn(`lambda/${room}`)),
  ...['parse', 'compile', 'lint'].flatMap((room) => foldersIn(`sigma/${room}`)),
];

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-purity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function foldersIn(path: string): string[] {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return [path, ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => foldersIn(`${path}/${name}`))];
}

/** Writes one file for each impurity to each folder of a copy of the tree. */
function plant(folders: readonly string[]): void {
  for (const path of folders) {
    for (const [name, { code }] of Object.entries(impurities)) {
      const file = join(folder, path, `planted-${name}.ts`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${code}\n`);
    }
  }
}

/** Lints the copy with the configuration of the repository; returns "file rule" for each error. */
function lint(): Set<string> {
  const configuration = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as object;
  const here = { ...configuration, vcs: { enabled: false } };
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(here));
  const biome = join(root, 'node_modules/.bin/biome');
  const options = ['lint', '--reporter=json', '--max-diagnostics=none'];
  const { stdout } = spawnSync(biome, options, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return new Set(
    diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ category, location: { path } }) => `${typeof path === 'string' ? path : path.file} ${category}`),
  );
}

describe('the lint of pure folders', () => {
  let errors: Set<string>;
  beforeAll(() => {
    plant([...pureFolders, ...impureRooms.map((room) => `lambda/${room}`)]);
    errors = lint();
  });

  it.each(pureFolders)('rejects Date, process, fetch, console, files and an SDK in %s', (path) => {
    const missing = Object.entries(impurities).filter(
      ([name, { rule }]) => !errors.has(`${path}/planted-${name}.ts ${rule}`),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it.each(impureRooms)('accepts Date, process, fetch, console, files and an SDK in lambda/%s', (room) => {
    expect([...errors].filter((error) => error.startsWith(`lambda/${room}/`))).toEqual([]);
  });
});

it('lists each folder of lambda/ as pure or impure', () => {
  expect(rooms.toSorted()).toEqual([...pureRooms, ...impureRooms].sort());
});
