import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>;

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

  // Not every platform has a package of each version: npm ci goes on without it, and a newer Node.js does the work.
  it('has Node.js as its only optional dependency', () => {
    expect(Object.keys(optionalDependencies)).toEqual(['node']);
  });

  it('names one version of all clients of the AWS SDK', () => {
    const versions = Object.entries(all)
      .filter(([name]) => name.startsWith('@aws-sdk/client-'))
      .map(([, version]) => version);
    expect(new Set(versions).size).toBe(1);
  });

  it('names exact versions, which the lock file has too', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    for (const [name, version] of Object.entries(all)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
      expect(packages[`node_modules/${name}`]!.version).toBe(version);
    }
  });

  it('has one copy of each package of the AWS SDK in the lock file', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: object };
    const nested = Object.keys(packages).filter((path) =>
      /node_modules\/.*node_modules\/@(?:aws-sdk|smithy)\//.test(path),
    );
    expect(nested).toEqual([]);
  });
});
