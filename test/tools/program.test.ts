import { describe, expect, it } from 'vitest';
import { runTools } from '../../tools/program.ts';
import { catching } from '../support/run-program.ts';

describe('runTools', () => {
  it('exits with 2 and prints one line when detections gets --style and --write', async () => {
    const { value, stdout, stderr } = await catching(() => runTools(['detections', '--style', 'office', '--write']));
    expect({ value, stdout }).toEqual({ value: 2, stdout: '' });
    expect(stderr).toContain('--write needs all styles: remove --style');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('takes a seed of ten digits, as failed runs print', async () => {
    const { value, stdout } = await catching(() => runTools(['fuzz', '--cases', '1', '--seed', '1796037317']));
    expect(value).toBe(0);
    expect(stdout).toMatch(/^holds {3}1 cases/);
  });

  it.each([
    ['no command', []],
    ['a seed of more than 32 bits', ['fuzz', '--cases', '1', '--seed', '4294967296']],
    ['an unknown command', ['caos']],
    ['no case to fuzz', ['fuzz', '--cases', '0']],
    ['an unknown style', ['detections', '--style', 'factory']],
  ])('exits with 2 when given %s', async (_, args) => {
    const { value, stdout } = await catching(() => runTools(args));
    expect({ value, stdout }).toEqual({ value: 2, stdout: '' });
  });
});
