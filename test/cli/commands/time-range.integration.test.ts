import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rangeEnd, rangeStart } from '../../../cli/commands/time-range-options.ts';
import { timeRangeOf } from '../../../cli/flow-files/time-range.ts';
import { seededRandom } from '../../../events/scenarios/random.ts';
import { epoch, lineOf } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';
import { randomLines, writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
const day = '2026-11-24';

const commands: [name: string, args: string[]][] = [
  ['replay', ['replay', '--json']],
  ['count', ['count', '--json']],
  ['backtest', ['backtest', '--json']],
  ['hunt', ['hunt', 'counters', '--json']],
];

/** Returns the result and the notes on flows that count 0, without the files, whose sizes differ. */
async function resultOf(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^(?:.*\bcounted 0: .*\n)*$/) as string });
  const result = JSON.parse(stdout) as { files?: unknown };
  return { ...result, stderr, files: undefined };
}

describe('--from and --to', () => {
  const lines = randomLines(11, 1500).toSorted((a, b) => endOf(a) - endOf(b));
  function endOf(line: string): number {
    return Number(line.split(' ')[11]);
  }
  const logs: [name: string, file: string][] = [
    ['lines', writeLog(folder, 'lines.log', lines)],
    [
      'an export',
      writeLog(
        folder,
        'export.log',
        lines.map((line) => `2026-11-24T09:00:00.000Z ${line}`),
      ),
    ],
  ];
  const random = seededRandom(3);
  const ranges = Array.from({ length: byTier(1, 6) }, () => {
    // Both limits are ends of flows, of which only the first is in the range.
    const first = random.below(700);
    const from = endOf(lines[first]!);
    return { from, to: Math.max(from + 1, endOf(lines[first + 1 + random.below(700)]!)) };
  });

  describe.each(commands)('%s', (_, args) => {
    it.each(logs)('gives the result of filtered logs when it reads %s', async (kind, file) => {
      for (const { from, to } of ranges) {
        const slow = lines.filter((line) => endOf(line) >= from && endOf(line) < to);
        expect(slow.length).toBeGreaterThan(1);
        const filtered = writeLog(
          temporaryFolder(),
          'filtered.log',
          kind === 'lines' ? slow : slow.map((line) => `2026-11-24T09:00:00.000Z ${line}`),
        );
        const limited = await resultOf([...args, file, '--from', iso(from), '--to', iso(to)]);
        expect(limited).toEqual(await resultOf([...args, filtered]));
      }
    });

    it('exits with 2 and names the range of the logs when no flow is left', async () => {
      const file = writeLog(folder, 'one.log', [lineOf(), lineOf({ end: epoch + 90 })]);
      const { code, stdout, stderr } = await run(...args, file, '--from', '2026-12-01');
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'flow-sentinel: --from and --to leave no flow: got times from 2026-12-01 00:00:00, but the flows of the logs end from 2026-11-24 09:00:50 to 2026-11-24 09:01:30 (UTC); choose another range\n',
      });
    });

    it('exits with 2 when the range is empty or a time is invalid', async () => {
      const file = join(folder, 'lines.log');
      const empty = await run(...args, file, '--from', '2026-11-25', '--to', day);
      expect(empty.code).toBe(2);
      expect(empty.stderr).toContain('--from is invalid: got 2026-11-25 00:00:00, expected a time before --to');
      const invalid = await run(...args, file, '--to', '2026-11-31');
      expect(invalid.code).toBe(2);
      expect(invalid.stderr).toContain('expected a day or time in UTC, such as 2026-11-24 or 2026-11-24T09:00:00Z.');
    });
  });

  it.each(commands.slice(0, 2))('%s prints the number of all records of a file', async (_, args) => {
    const { stdout } = await run(...args, join(folder, 'lines.log'), '--from', iso(epoch + 3600));
    const { files } = JSON.parse(stdout) as { files: { records: number }[] };
    expect(files.map(({ records }) => records)).toEqual([1500]);
  });

  it('repeats the range in the command of a report', async () => {
    const report = join(folder, 'report.html');
    await run('replay', join(folder, 'lines.log'), '--from', day, '--report', report);
    expect(readFileSync(report, 'utf8')).toContain('--from 2026-11-24T00:00:00Z');
  });
});

describe('rangeStart and rangeEnd', () => {
  it('parse a day as its start or its end, and a time as itself', () => {
    expect(rangeStart(day)).toBe(epoch - 9 * 3600);
    expect(rangeEnd(day)).toBe(epoch + 15 * 3600);
    for (const text of ['2026-11-24T09:00:00Z', '2026-11-24 09:00', '2026-11-24T09:00:00']) {
      expect([rangeStart(text), rangeEnd(text)]).toEqual([epoch, epoch]);
    }
  });

  it.each(['yesterday', '2026-02-29', '2026-11-24T25:00:00Z', '1795510800', ''])('reject %j', (text) => {
    expect(() => rangeStart(text)).toThrow('expected a day or time');
    expect(() => rangeEnd(text)).toThrow('expected a day or time');
  });

  it('give no range without an option', () => {
    expect(timeRangeOf({})).toBeUndefined();
    expect(timeRangeOf({ from: 5 })).toEqual({ from: 5, to: Number.POSITIVE_INFINITY });
  });
});
