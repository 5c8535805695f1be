import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { flowLogLines } from '../../tools/bench/flow-log-lines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/flow-sentinel.js');
const listing = join(root, 'test/support/list-loaded-modules.js');

const folder = temporaryFolder();
const logs = join(folder, 'flows.log');
const event = join(folder, 'event.json');

/** Runs a command and returns the modules that it loads: packages by their names, and files of this repository. */
function loadedBy(...args: string[]): { readonly count: number; readonly packages: ReadonlySet<string> } {
  const list = join(folder, 'modules');
  execFileSync(process.execPath, ['--import', listing, program, ...args], {
    env: { ...process.env, LOADED_MODULES_FILE: list },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const urls = readFileSync(list, 'utf8').split('\n');
  const names = urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  return { count: urls.length, packages: new Set(names) };
}

beforeAll(() => {
  writeFileSync(logs, `${[...flowLogLines({ lines: 10, pairs: 5 })].join('\n')}\n`);
  writeFileSync(event, execFileSync(process.execPath, [program, 'make-event', logs]));
});

// A module takes about a quarter of a millisecond of each start.
describe('a short run', () => {
  it.each([
    ['--version', [], 25],
    ['--help', [], 68],
    ['rules', ['check'], 320],
    ['count', [logs], 107],
    ['replay', [logs], 545],
    ['invoke', [event], 692],
  ])('loads few modules when the command is %s', (command, args, maxModules) => {
    expect(loadedBy(command, ...args).count).toBeLessThanOrEqual(maxModules);
  });

  it('loads only the command line parser when the version is printed', () => {
    expect([...loadedBy('--version').packages]).toEqual(['commander']);
  });

  it('loads no parser of rules or settings when a count needs no networks', () => {
    expect([...loadedBy('count', logs).packages].sort()).toEqual(['commander', 'p-map']);
  });

  it('loads no server and no bundler when a replay counts in memory and writes no report', () => {
    const { packages } = loadedBy('replay', logs);
    for (const name of ['dynalite', 'fauxqs', 'esbuild', '@aws-sdk/client-dynamodb']) {
      expect(packages).not.toContain(name);
    }
  });

  it('loads no server of messages when an invocation sends no alert', () => {
    const { packages } = loadedBy('invoke', event);
    expect(packages).toContain('dynalite');
    expect(packages).not.toContain('fauxqs');
  });

  it('loads no client of AWS when the help of a command on an account is printed', () => {
    for (const command of ['collect', 'redrive', 'pairs']) {
      expect([...loadedBy(command, '--help').packages].filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
    }
  });

  it('loads nothing of CDK when the settings are read', () => {
    for (const args of [
      ['rules', 'check'],
      ['replay', logs],
      ['invoke', event],
    ]) {
      expect([...loadedBy(...args).packages].filter((name) => /cdk/.test(name))).toEqual([]);
    }
  });
});
