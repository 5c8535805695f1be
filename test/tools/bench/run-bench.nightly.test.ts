import { describe, expect, it } from 'vitest';
import { runBench } from '../../../tools/bench/run-bench.ts';
import { catching } from '../../support/run-program.ts';

describe('the parts of the journal', () => {
  it('measure each row, and count what they put once', async () => {
    const { value, stdout, stderr } = await catching(() => runBench(['--only', '9', '--quick']));
    expect(stderr).toBe('');
    expect(value).toBe(0);
    expect(stdout).toContain('in 16 pages, with evidence: bytes a key');
    expect(stdout).toContain('after an hour without a flush');
  });
});

describe('the parts of hunt and of the start', () => {
  it('measure each command and a load', async () => {
    const { value, stdout, stderr } = await catching(() => runBench(['--only', 'hunt,start', '--quick']));
    expect(stderr).toBe('');
    expect(value).toBe(0);
    expect(stdout).toContain('lines and a question, against CREATE TABLE from read_csv: processor time (s)');
    for (const command of ['--version', '--help', 'rules check', 'count', 'replay', 'invoke', 'hunt']) {
      expect(stdout).toContain(`${command}: time to the first line (ms)`);
    }
  });
});
