import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild, runNode } from '../../../tools/bench/child-process.ts';
import { flowLogFile } from '../../../tools/bench/flow-log-file.ts';
import { flowLogLines } from '../../../tools/bench/flow-log-lines.ts';
import { pairLines, pairLinesOfJson } from '../../../tools/bench/pair-lines.ts';
import { type PeerName, peerCommand } from '../../../tools/bench/peers.ts';

const root = join(import.meta.dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
const path = join(directory, 'flows.log');
const hasMawk = spawnSync('mawk', ['-W', 'version']).error === undefined;

describe('peerCommand', () => {
  let ours: string[];

  beforeAll(async () => {
    writeFileSync(path, `${[...flowLogLines({ lines: 3000, pairs: 400 })].join('\n')}\n`);
    const { output } = await runNode([join(root, 'bin/flow-sentinel.ts'), 'count', path, '--json']);
    ours = pairLinesOfJson(output);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  async function tableOf(peer: PeerName): Promise<string[]> {
    // The root has DuckDB too; only the benchmark installs the other peers.
    const { command, environment } = peerCommand(peer, path, 1, root);
    return pairLines((await runChild(command, environment)).output);
  }

  it('prints the table of count when the peer is DuckDB', async () => {
    expect(ours.length).toBeGreaterThan(300);
    expect(await tableOf('DuckDB')).toEqual(ours);
  });

  it.each([
    { lines: 3000, pairs: 400, format: 'deployed' },
    { lines: 3000, pairs: 400, isGzip: true },
  ] as const)('prints the table of count when the peer is DuckDB and the file is %o', async (wanted) => {
    const file = await flowLogFile(wanted);
    const { output } = await runNode([join(root, 'bin/flow-sentinel.ts'), 'count', file, '--json']);
    const { command } = peerCommand('DuckDB', file, 1, root, 'format' in wanted ? wanted.format : undefined);
    const lines = pairLines((await runChild(command)).output);

    expect(lines.length).toBeGreaterThan(300);
    expect(lines).toEqual(pairLinesOfJson(output));
  });

  it('prints the table of count when the peer is a script that splits lines', async () => {
    expect(await tableOf("a split(' ') script")).toEqual(ours);
  });

  it.runIf(hasMawk)('prints the table of count when the peer is mawk', async () => {
    expect(await tableOf('mawk')).toEqual(ours);
  });
});

describe('runChild', () => {
  it('rejects with the last lines of the error output when the program fails', async () => {
    await expect(runNode(['--eval', 'console.error("no such thing"); process.exit(3)'])).rejects.toThrow(
      /ended with 3: no such thing$/,
    );
  });

  it('resolves to the times and the output, without the error output', async () => {
    const { wall, processor, output } = await runNode(['--eval', 'console.error("hm"); console.log("done")']);
    expect(output).toBe('done\n');
    expect(wall).toBeGreaterThanOrEqual(0);
    expect(processor).toBeGreaterThanOrEqual(0);
  });
});
