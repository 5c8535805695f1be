import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild, runNode } from '../../../tools/bench/child-process.ts';
import { flowLogLines } from '../../../tools/bench/flow-log-file.ts';
import { pairLines, pairLinesOfJson } from '../../../tools/bench/pair-lines.ts';
import { type PeerName, peerCommand } from '../../../tools/bench/peers.ts';

const root = join(import.meta.dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
const path = join(directory, 'flows.log');
const hasMawk = spawnSync('mawk', ['-W', 'version']).error === undefined;

describe('what the peers print of a file', () => {
  let ours: string[];

  beforeAll(async () => {
    writeFileSync(path, `${[...flowLogLines({ lines: 3000, pairs: 400 })].join('\n')}\n`);
    const { output } = await runNode([join(root, 'bin/flow-sentinel.ts'), 'count', path, '--json']);
    ours = pairLinesOfJson(output);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function tableOf(peer: PeerName): Promise<string[]> {
    // DuckDB is among the root's packages too; the other peers are installed by the benchmark alone.
    const { command, environment } = peerCommand(peer, path, 1, root);
    return pairLines((await runChild(command, environment)).output);
  }

  it('is the table of count, from DuckDB', async () => {
    expect(ours.length).toBeGreaterThan(300);
    expect(await tableOf('DuckDB')).toEqual(ours);
  });

  it('is the table of count, from a script that splits lines', async () => {
    expect(await tableOf("a split(' ') script")).toEqual(ours);
  });

  it.runIf(hasMawk)('is the table of count, from mawk', async () => {
    expect(await tableOf('mawk')).toEqual(ours);
  });
});

describe('a process that is measured', () => {
  it('fails with what it said last', async () => {
    await expect(runNode(['--eval', 'console.error("no such thing"); process.exit(3)'])).rejects.toThrow(
      /ended with 3: no such thing$/,
    );
  });

  it('tells its time and what it printed, apart from what it complained about', async () => {
    const { wall, processor, output } = await runNode(['--eval', 'console.error("hm"); console.log("done")']);
    expect(output).toBe('done\n');
    expect(wall).toBeGreaterThanOrEqual(0);
    expect(processor).toBeGreaterThanOrEqual(0);
  });
});
