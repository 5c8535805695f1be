import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../../../cli/hunt/cache/cache-folder.ts';
import { completeLine } from '../../../../cli/hunt/shell/complete-line.ts';
import { ShellSession } from '../../../../cli/hunt/shell/shell-session.ts';
import { TypedInput } from '../../../../cli/hunt/shell/typed-input.ts';
import { lineOf, v2 } from '../../../support/flows.ts';
import { catching } from '../../../support/run-program.ts';
import { databaseOf } from '../database-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-shell-'));
const log = join(folder, 'a.log');
vi.stubEnv('FLOW_SENTINEL_HUNT_CACHE', join(folder, 'cache'));
beforeAll(() => writeFileSync(log, `${v2.names.join(' ')}\n${lineOf()}\n${lineOf({ bytes: 5 })}\n`));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const program = join(import.meta.dirname, '../../../../bin/flow-sentinel.js');

/** Starts the shell with statements from a pipe. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [program, 'hunt', 'shell', log, ...args]);
  const ended = Promise.all([text(child.stdout), text(child.stderr)]);
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    outcome: async () => {
      const [stdout, stderr] = await ended;
      return { code: await code, stdout, stderr: stderr.replaceAll(/Time: \d+\.\d{3} s\n/g, 'Time\n') };
    },
  };
}

/** Runs the shell on statements from a pipe. */
function piped(statements: string, ...args: string[]) {
  const { child, outcome } = start(...args);
  child.stdin.end(statements);
  return outcome();
}

describe('hunt shell from a pipe', () => {
  it('runs each statement, also over several lines, and the last one without ;', async () => {
    const statements = 'SELECT count(*)\n  AS flows FROM vpc_flow_logs; SELECT 1 AS a;\n-- the last\nSELECT 2 AS b';
    expect(await piped(statements, '--csv')).toEqual({
      code: 0,
      stdout: 'flows\n2\na\n1\nb\n2\n',
      stderr: 'Time\nTime\nTime\n',
    });
  });

  it('goes on after a statement that failed, and exits with 1', async () => {
    const { code, stdout, stderr } = await piped(
      'SELECT nope FROM vpc_flow_logs; DROP TABLE flows; SELECT 1 AS a;',
      '--csv',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'a\n1\n' });
    expect(stderr).toMatch(/^flow-sentinel: the query failed: .*nope.*\nflow-sentinel: .*got DROP, .*\nTime\n$/);
  });

  it('runs commands, and stops at .quit', async () => {
    const rows = join(folder, 'rows.csv');
    const commands = ['.tables', '.lists', '.hunts', '.help', '.hunt counters --top 1', `.output ${rows}`];
    const { code, stdout } = await piped(
      [...commands, 'SELECT bytes FROM vpc_flow_logs;', 'SELECT 7;', '.quit', 'SELECT 8;'].join('\n'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('unreadable_lines\n  unreadable_line, unreadable_reason, day\n');
    expect(stdout).toMatch(/internal_networks\s+\d/);
    expect(stdout).toContain('.hunt pair A B\n');
    expect(stdout).toContain('Ctrl-C interrupts a statement');
    expect(stdout).toContain('10.0.1.5  10.0.2.7         1005        0\n');
    expect(stdout).toContain(`2 rows in ${rows}\n`);
    expect(stdout).toMatch(/ 7\n/);
    expect(stdout).not.toMatch(/ 8\n/);
    expect(readFileSync(rows, 'utf8')).toBe('bytes\n1000\n5\n');
  });

  it('never replaces a log by .output', async () => {
    const before = readFileSync(log);
    const copy = join(folder, 'b.csv');
    const { code, stderr } = await piped(`.output ${log}\n.output ${join(folder, 'no/b.csv')}\n.output ${copy}\n`);
    expect({ code, hasFile: existsSync(copy) }).toEqual({ code: 1, hasFile: false });
    expect(stderr).toMatch(/is one of the logs and would be lost[\s\S]*its folder does not exist/);
    expect(readFileSync(log).equals(before)).toBe(true);
  });

  it('ends with 1 when it is interrupted while a statement runs', async () => {
    const { child, outcome } = start('--csv');
    child.stdin.write('SELECT 1 AS a;\n');
    let seen = '';
    child.stdout.on('data', (bytes) => {
      seen += String(bytes);
      // The header and the row may come in two pieces.
      if (seen === 'a\n1\n') {
        child.stdin.write('SELECT count(*) FROM range(1000000000000);\nSELECT 2 AS b;\n', () => child.kill('SIGINT'));
      }
    });
    const { code, stdout } = await outcome();
    child.stdin.destroy();
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'a\n1\n' });
  });

  it('exits with 2 when standard input is named as a log', async () => {
    const { child, outcome } = start('-');
    child.stdin.end('');
    expect(await outcome()).toMatchObject({ code: 2, stderr: expect.stringContaining('- is not supported') });
  });
});

describe('hunt shell at a terminal', () => {
  it('completes, continues, interrupts, and stores the history', async () => {
    const database = await databaseOf([lineOf()]);
    const input = new PassThrough();
    const output = new PassThrough();
    const context = { database, session: { lists: [] }, output: { csv: true, limit: 10 }, inputs: [], now: () => 0 };
    const typed = new TypedInput(new ShellSession(context), database, { input, output });
    const screen: string[] = [];
    output.on('data', (bytes) => screen.push(String(bytes)));
    const until = (wanted: string) => vi.waitFor(() => expect(screen.join('')).toContain(wanted), { timeout: 60_000 });
    const { stdout, stderr } = await catching(async () => {
      const names = { tables: ['vpc_flow_logs'], lists: [] };
      const done = typed.run((line) => completeLine(line, names), new AbortController().signal);
      await until('hunt> ');
      input.write('SELECT bytes FROM vpc_flow_l');
      input.write('\t');
      await until('vpc_flow_logs');
      input.write('\r');
      await until('  ... ');
      screen.length = 0;
      input.write(';\r');
      await until('hunt> ');
      screen.length = 0;
      input.write('SELECT count(*) FROM range(1000000000000);\r');
      await until('\n');
      input.write('\u0003');
      await until('hunt> ');
      screen.length = 0;
      input.write('\u0003');
      await until('.quit or Ctrl-D leaves the shell');
      input.write('.quit\r');
      await done;
    });
    await database.close();
    expect(stdout).toMatch(/^1 flow from .*\nbytes\n1000\n$/);
    expect(stderr).toBe('Time: 0.000 s\nflow-sentinel: interrupted before the query was complete\n');
    const history = join(cacheFolder(), 'shell-history');
    expect(readFileSync(history, 'utf8')).toContain('SELECT bytes FROM vpc_flow_logs\n;\n');
    expect(statSync(history).mode & 0o777).toBe(0o600);
  });
});
