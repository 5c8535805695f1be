import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
mkdirSync(join(folder, 'logs'));
writeFileSync(join(folder, 'flows.log'), '');

/** Returns the path of the script of a shell. */
async function scriptOf(shell: string): Promise<string> {
  const { code, stdout, stderr } = await run('completion', shell);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const path = join(folder, `completion.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

/** Returns what bash completes for the last word of a line. */
async function completedByBash(line: string): Promise<string[]> {
  const words = line.split(' ');
  const code = [
    `source '${await scriptOf('bash')}'`,
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_flow_sentinel',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const printed = execFileSync('bash', ['--norc', '-c', code], { cwd: folder, encoding: 'utf8' });
  return printed.split('\n').filter((word) => word !== '');
}

/** Returns what fish completes for a line. */
async function completedByFish(line: string): Promise<string[]> {
  const code = `source '${await scriptOf('fish')}'; complete -C '${line}'`;
  const printed = execFileSync('fish', ['--no-config', '-c', code], { cwd: folder, encoding: 'utf8' });
  return printed.split('\n').flatMap((row) => row.split('\t')[0] || []);
}

const has = (shell: string) => spawnSync(shell, ['-c', 'exit']).status === 0;

const lines: readonly (readonly [line: string, completed: readonly string[]])[] = [
  ['npx flow-sentinel repl', ['replay']],
  ['flow-sentinel repl', ['replay']],
  ['npx flow-sentinel rules te', ['test']],
  ['npx flow-sentinel rules test repeated_rejects --net', ['--networks']],
  ['npx flow-sentinel replay --rul', ['--rule', '--rules']],
  ['npx flow-sentinel make-logs logs --style da', ['data-platform']],
  ['npx flow-sentinel completion z', ['zsh']],
];

describe.skipIf(!has('bash'))('completion in bash', () => {
  it.each(lines)('completes %j', async (line, completed) => {
    expect((await completedByBash(line)).toSorted()).toEqual(completed);
  });

  it.each(['npx other repl', 'npx flow-sent', 'npx flow-sentinel replay flo', 'npx flow-sentinel replay --report x'])(
    'leaves %j to the names of files',
    async (line) => {
      expect(await completedByBash(line)).toEqual([]);
    },
  );

  it('names every command of the help', async () => {
    const { stdout } = await run('--help');
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(12);
    expect(await completedByBash('npx flow-sentinel ')).toEqual(commands.filter((name) => name !== 'help'));
  });
});

describe.skipIf(!has('zsh'))('completion in zsh', () => {
  it('has a script that zsh reads', async () => {
    const code = `source '${await scriptOf('zsh')}' && print $_comps[npx] $+functions[_flow_sentinel]`;
    const printed = execFileSync('zsh', ['-f', '-c', code], {
      env: { ...process.env, HOME: folder },
      encoding: 'utf8',
    });
    expect(printed).toMatch(/_flow_sentinel.* 1$/m);
  });
});

describe.skipIf(!has('fish'))('completion in fish', () => {
  it.each(lines)('completes %j', async (line, completed) => {
    expect((await completedByFish(line)).toSorted()).toEqual(completed);
  });
});

describe('completion', () => {
  it('refuses an unknown shell, and names the known ones', async () => {
    const { code, stderr } = await run('completion', 'tcsh');
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});
