import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { counted, timesAsFast, timesThePeer } from '../../../tools/bench/benchmark.ts';
import { runChild } from '../../../tools/bench/child-process.ts';
import { compare, median } from '../../../tools/bench/compare.ts';
import { parts, partsOf } from '../../../tools/bench/parts.ts';
import { resultsMarkdown, resultsText } from '../../../tools/bench/results.ts';
import { runBench } from '../../../tools/bench/run-bench.ts';
import { catching } from '../../support/run-program.ts';

const run = join(import.meta.dirname, '../../../tools/bench/run.ts');
const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

// The parts that take longer are in run-bench.nightly.test.ts.
describe('npm run bench', () => {
  it.each([
    [
      'an unknown part',
      ['--only', '1,11'],
      '--only is invalid: got "11", expected some of 1, 1b, 2, 3, 4, 5, 6, 7, 8, 8b, 9, 9b, 10',
    ],
    ['an empty part', ['--only', ''], '--only is invalid: got ""'],
    ['an unknown option', ['--faster'], "unknown option '--faster'"],
    [
      'a file in a missing folder',
      ['--only', '8', '--json', join(directory, 'none/rows.json')],
      'rows.json cannot be written',
    ],
    ['--write with some parts', ['--only', '8', '--write'], '--write needs a complete run'],
  ])('exits with 2 when given %s', async (_what, args, message) => {
    const { value, stderr } = await catching(() => runBench(args));
    expect(value).toBe(2);
    expect(stderr).toContain(message);
  });

  it('writes all rows into a file, and prints them', async () => {
    const file = join(directory, 'rows.json');
    const { output } = await runChild([process.execPath, run, '--only', '8', '--quick', '--json', file]);

    expect(readdirSync(directory)).toEqual(['rows.json']);
    const results = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(results)).toEqual(['machine', 'rows', 'missing', 'failed']);
    expect(results.rows).toEqual([
      {
        id: '8',
        name: 'a look-up among 100,000 networks, against 100: processor time (ns)',
        ours: expect.any(Number),
        peer: expect.any(Number),
        ratio: expect.any(Number),
        target: '<= 3',
        met: expect.any(Boolean),
      },
      ...[
        ['country and operator of IPv4', '<= 6'],
        ['the same of IPv6', '<= 6'],
        ['the same of IPv4 with names', '<= 6'],
        ['the table: bytes', null],
      ].map(([name, target]) => ({
        id: '8b',
        name: expect.stringContaining(name!),
        ours: expect.any(Number),
        peer: target === null ? null : expect.any(Number),
        ratio: target === null ? null : expect.any(Number),
        target,
        met: target === null ? null : expect.any(Boolean),
      })),
    ]);
    expect(output).toContain(results.rows[0].name);
  });
});

describe('partsOf', () => {
  it('returns all parts when no number is given', () => {
    expect(partsOf(undefined)).toBe(parts);
  });

  it('returns both parts when a number has two', () => {
    expect(partsOf('1, 8').map(({ number }) => number)).toEqual(['1', '1b', '8', '8b']);
    expect(partsOf('1b').map(({ number }) => number)).toEqual(['1b']);
  });
});

describe('the rows and their tables', () => {
  it('have the ratio, and whether it meets the target', () => {
    const row = { id: '1', name: 'count (s)', ours: 2, peer: 3 };
    expect(timesAsFast({ ...row, target: { compare: '>=', value: 1.5 } })).toEqual({
      ...row,
      ratio: 1.5,
      target: '>= 1.5',
      met: true,
    });
    expect(timesThePeer({ ...row, target: { compare: '<=', value: 0.6 } })).toMatchObject({
      ratio: 0.6667,
      met: false,
    });
    expect(timesThePeer(row)).toMatchObject({ target: null, met: null });
    expect(counted({ id: '5', name: 'bytes', ours: 7, target: { compare: '<=', value: 7 } })).toEqual({
      id: '5',
      name: 'bytes',
      ours: 7,
      peer: null,
      ratio: null,
      target: '<= 7',
      met: true,
    });
  });

  it('list the rows, and the missing peers and failed parts', () => {
    const results = {
      machine: { node: 'v24.0.0', processor: 'some', processors: 2, load: [0, 1.25] as const },
      rows: [timesAsFast({ id: '1', name: 'count (s)', ours: 0.123456, peer: 1234.5 })],
      missing: [{ peer: 'mawk', why: 'it is not on the PATH' }],
      failed: [{ part: '3', why: 'no port is free' }],
    };
    expect(resultsText(results)).toMatchInlineSnapshot(`
      "Node.js v24.0.0, 2 processors (some), load 0.0 at the beginning and 1.3 at the end
           what        ours   peer   ratio  target  met
        1  count (s)  0.123  1,235  10,000
      missing: mawk: it is not on the PATH
      failed: 3: no port is free
      "
    `);
    expect(resultsMarkdown(results)).toMatchInlineSnapshot(`
      "Node.js v24.0.0, 2 processors (some), load 0.0 at the beginning and 1.3 at the end

      |  | what | ours | peer | ratio | target | met |
      | --- | --- | --: | --: | --: | --- | --- |
      | 1 | count (s) | 0.123 | 1,235 | 10,000 |  |  |

      Missing: mawk (it is not on the PATH).
      "
    `);
  });
});

describe('compare and median', () => {
  it('run contestants in turn, and return the median of each', async () => {
    const order: string[] = [];
    const contestant = (name: string, times: number[]) => async () => {
      order.push(name);
      return { seconds: times.shift()! };
    };
    const measured = await compare(
      { ours: contestant('ours', [9, 5, 1, 3]), theirs: contestant('theirs', [9, 2, 2, 8]) },
      { rounds: 3, warmUp: 1 },
    );
    expect(measured).toEqual({ ours: { seconds: 3 }, theirs: { seconds: 2 } });
    const rounds = [0, 1, 2, 3].map((round) => order.slice(2 * round, 2 * round + 2).sort());
    expect(rounds).toEqual(Array(4).fill(['ours', 'theirs']));
    expect(order).toHaveLength(8);
  });

  it('return the lower middle of an even number, and throw when the list is empty', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
    expect(() => median([])).toThrow('the median of an empty list');
  });
});
