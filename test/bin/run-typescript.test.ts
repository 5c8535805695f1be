import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Makes this Node.js behave like one that does not run TypeScript. */
const withoutTypeStripping = '--no-experimental-strip-types';

/** A project with the launcher and with a program in TypeScript. */
let folder: string;

function write(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
}

/** Puts a Node.js that runs TypeScript where `npm ci` installs one. */
function installNode(): void {
  write('node_modules/.bin/node', `#!/bin/sh\nINSTALLED=yes exec '${process.execPath}' "$@"\n`, 0o755);
}

function start(...options: string[]): ChildProcess {
  const args = [...options, join(folder, 'bin/start.js'), 'one', 'two words'];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  return { code, stdout, stderr };
}

const reportingProgram = `
const args: string[] = process.argv.slice(2);
console.log(JSON.stringify({ args, installed: process.env.INSTALLED }));
process.exitCode = 7;
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-launcher-'));
  for (const file of ['bin/run-typescript.js', 'cli/terminal/compile-cache.js', 'cli/terminal/resolve-relative.js']) {
    write(file, '');
    copyFileSync(join(root, file), join(folder, file));
  }
  write('package.json', '{"type":"module"}');
  write('bin/start.js', "import { runTypeScript } from './run-typescript.js';\nawait runTypeScript('program.ts');\n");
  write('bin/program.ts', reportingProgram);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('runTypeScript', () => {
  it('runs the program in the same process when Node.js strips types', async () => {
    installNode();
    const { code, stdout } = await ended(start());
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 7, args: ['one', 'two words'] });
  });

  it('runs the program in the installed Node.js when its own does not strip types', async () => {
    installNode();
    const { code, stdout } = await ended(start(withoutTypeStripping));
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 7, args: ['one', 'two words'], installed: 'yes' });
  });

  it('exits with 2 and prints a remedy when no Node.js strips types', async () => {
    expect(await ended(start(withoutTypeStripping))).toEqual({
      code: 2,
      stdout: '',
      stderr: `flow-sentinel: Node.js ${process.versions.node} does not run TypeScript: run "npm ci", which installs Node.js 24 into node_modules, or use Node.js 22.18 or later\n`,
    });
  });

  it('exits with 2 and prints a remedy when the dependencies are not installed', async () => {
    write('bin/program.ts', "import 'commander';\n");
    expect(await ended(start())).toEqual({
      code: 2,
      stdout: '',
      stderr: 'flow-sentinel: the dependencies are not installed: run "npm ci"\n',
    });
  });

  it('exits with 2 and prints a remedy when the installed Node.js does not start', async () => {
    write('node_modules/.bin/node', 'not a program', 0o644);
    const { code, stderr } = await ended(start(withoutTypeStripping));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^flow-sentinel: the Node\.js in node_modules does not start \(.*EACCES\): run "npm ci".*\n$/,
    );
  });

  it('forwards signals, and ends with the exit code of the program', async () => {
    installNode();
    write(
      'bin/program.ts',
      `process.once('SIGTERM', (signal: string) => {
        console.log(signal);
        process.exit(9);
      });
      setInterval(() => {}, 1000);
      console.log('ready');`,
    );
    const child = start(withoutTypeStripping);
    child.stdout!.once('data', () => child.kill('SIGTERM'));
    expect(await ended(child)).toMatchObject({ code: 9, stdout: 'ready\nSIGTERM\n' });
  });

  it('ends with the signal that ended the program', async () => {
    installNode();
    write('bin/program.ts', "process.kill(process.pid, 'SIGTERM');\nsetInterval(() => {}, 1000);\n");
    const [, signal] = await once(start(withoutTypeStripping), 'close');
    expect(signal).toBe('SIGTERM');
  });
});

describe('cdk.json', () => {
  it('starts the stack by a file that every Node.js can load', () => {
    expect(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).app).toBe('node bin/app.js');
  });
});
