import { describe, expect, it } from 'vitest';
import { billOf } from '../../../cli/cost/bill.ts';
import { countingLines } from '../../../cli/cost/counting-text.ts';
import { countingAdviceOf, worthwhileUsd } from '../../../cli/cost/counting-ways.ts';
import { meanTraffic, readMeasured } from '../../../cli/cost/measured-traffic.ts';
import { readPriceList } from '../../../cli/cost/price-list.ts';
import { type Usage, usageOf } from '../../../cli/cost/usage.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';
import { run } from '../../support/run-program.ts';

const { styles, machine } = readMeasured();
const mean = meanTraffic(Object.values(styles));
const prices = readPriceList();
const usageAt = (recordsPerDay: number, more: Partial<Usage> = {}): Usage => ({
  ...usageOf(settingsShape.parse({})),
  recordsPerDay,
  ...more,
});
const adviceAt = (recordsPerDay: number, more: Partial<Usage> = {}) =>
  countingAdviceOf(usageAt(recordsPerDay, more), mean, machine, prices);

describe('countingAdviceOf', () => {
  it('compares direct counting with journals that are flushed every 5 and every 15 minutes', () => {
    const { ways } = adviceAt(1e8);
    expect(
      ways.map(({ counting, countEvery, alertDelayMinutes }) => [counting, countEvery, alertDelayMinutes]),
    ).toEqual([
      ['direct', 5, 0],
      ['journal', 5, 6],
      ['journal', 15, 16],
    ]);
    for (const { counting, countEvery, countLanes, usd } of ways)
      expect(usd).toBe(billOf(usageAt(1e8, { counting, countEvery, countLanes }), mean, machine, prices).usd);
  });

  it('gives the same answer when the usage itself has a journal', () => {
    expect(adviceAt(1e8, { counting: 'journal', countEvery: 15 }).ways.map(({ usd }) => usd)).toEqual(
      adviceAt(1e8).ways.map(({ usd }) => usd),
    );
  });

  it('recommends direct counting below the volume that it names, and a journal from there on', () => {
    const { recommendedFrom, cheaperFrom } = adviceAt(1e8);
    expect(adviceAt(recommendedFrom! * 0.9).recommended.counting).toBe('direct');
    expect(adviceAt(recommendedFrom! * 1.1).recommended.counting).toBe('journal');
    const savingAt = (recordsPerDay: number) => {
      const [direct, , slow] = adviceAt(recordsPerDay).ways;
      return direct!.usd - slow!.usd;
    };
    expect(savingAt(recommendedFrom!)).toBeCloseTo(worthwhileUsd, -1);
    expect(savingAt(cheaperFrom! * 0.8)).toBeLessThan(0);
    expect(savingAt(cheaperFrom! * 1.2)).toBeGreaterThan(0);
  });

  it('recommends a flush every 15 minutes only when it saves $50 more than one every 5 minutes', () => {
    const saved = (recordsPerDay: number) => {
      const { ways, recommended } = adviceAt(recordsPerDay);
      return { more: ways[1]!.usd - ways[2]!.usd, every: recommended.countEvery };
    };
    for (const recordsPerDay of [1.2e7, 1.5e7]) expect(saved(recordsPerDay)).toMatchObject({ every: 5 });
    expect(saved(1.2e7).more).toBeLessThan(worthwhileUsd);
    expect(saved(1e8).more).toBeGreaterThan(worthwhileUsd);
    expect(saved(1e8).every).toBe(15);
  });

  it('has 128 lanes when a flush of one of 16 would take more than half of the timeout', () => {
    expect(adviceAt(1e9).ways.map(({ countLanes }) => countLanes)).toEqual([16, 16, 16]);
    expect(adviceAt(1e10).ways.map(({ countLanes }) => countLanes)).toEqual([16, 128, 128]);
  });

  it('recommends no journal of which the function cannot flush one lane', () => {
    const at = (recordsPerDay: number) => {
      const advice = adviceAt(recordsPerDay);
      const { counting, countEvery } = advice.recommended;
      return { way: [counting, countEvery], lines: countingLines(advice) };
    };
    expect(at(3e10).way).toEqual(['journal', 5]);
    expect(at(3e10).lines).toContainEqual(
      expect.stringMatching(/^journal, countEvery 15, countLanes 128: \$[\d,]+; impossible, since a flush of one lane/),
    );
    expect(at(1e12).way[0]).toBe('direct');
  });

  it('has the units of 1,000 records of both tables that the journal was designed for', () => {
    for (const recordsPerDay of [1e6, 1e8]) {
      const [direct, often, rarely] = adviceAt(recordsPerDay).ways.map(({ writeUnits }) => writeUnits);
      expect(direct).toBeLessThan(760);
      expect(often).toBeLessThan(445);
      expect(rarely).toBeLessThan(310);
    }
  });
});

describe('countingLines', () => {
  it('says what each way costs, how late its alerts are, and from which volume a journal pays', () => {
    expect(countingLines(adviceAt(1e8))).toEqual([
      expect.stringMatching(
        /^journal, countEvery 15, recommended: \$1,\d{3} instead of \$1,936; alerts come up to 16 minutes after direct$/,
      ),
      expect.stringMatching(/^journal, countEvery 5: \$1,\d{3}; alerts come up to 6 minutes after direct$/),
      expect.stringMatching(/^a journal costs less from \d+ k records a day, and saves \$50 a month from \d\.\d M$/),
    ]);
    expect(countingLines(adviceAt(1e6))[0]).toBe('direct, recommended, since a journal saves less than $50: $26.48');
    expect(countingLines(adviceAt(1e10))[0]).toMatch(/^journal, countEvery 15, countLanes 128, recommended/);
  });

  it('says that a journal costs more when no volume is known from which it costs less', () => {
    const advice = { ...adviceAt(1e6), cheaperFrom: undefined, recommendedFrom: undefined };
    expect(countingLines(advice).at(-1)).toBe('a journal costs more at any volume');
    expect(countingLines({ ...advice, cheaperFrom: 5e5 }).at(-1)).toBe('a journal costs less from 500 k records a day');
  });
});

describe('cost', () => {
  it('bills a journal when --counting names it, and describes its flushes', async () => {
    const args = ['--records-per-day', '100M', '--counting', 'journal', '--count-every', '15'];
    const { stdout } = await run('cost', ...args);
    expect(stdout).toContain('With flow logs to the stream, counting journal, countEvery 15, countLanes 16, ');
    expect(stdout).toMatch(/journal writes +\$\d/);
    expect(stdout).toMatch(/each writes 16 pages of 353 counters/);
    expect(stdout).toMatch(/Flushes {4}one in 15 minutes writes [\d,]+ counters; each of 16 lanes takes/);
    expect(stdout).toMatch(/\$\d+\.\d\d: journal \(pages, chunks and state/);
    expect(stdout).not.toContain('Limit');
    const { answers } = JSON.parse((await run('cost', ...args, '--json')).stdout);
    const [, , rarely] = answers[0].counting.ways;
    expect(answers[0].counting.recommended).toEqual(rarely);
    expect(answers[0].bill.usd).toBe(rarely.usd);
  });

  it('refuses the options of a journal with direct counting', async () => {
    for (const [option, value] of [
      ['--count-every', '3'],
      ['--count-lanes', '128'],
    ] as const) {
      const { code, stderr } = await run('cost', '--records-per-day', '1M', option, value);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `flow-sentinel: ${option} is invalid: got ${value} with direct counting, expected a journal: add --counting journal\n`,
      });
    }
  });

  it('warns when a flush of one lane takes longer than the function may run', async () => {
    const { stdout } = await run('cost', '--records-per-day', '10G', '--counting', 'journal', '--count-every', '15');
    const limit = 'A flush of one lane takes longer than the 300 s of the function: ';
    expect(stdout).toContain(`${limit}set countLanes 128.`);
    const more = await run('cost', '--records-per-day', '100G', '--counting', 'journal', '--count-lanes', '128');
    expect(more.stdout).toContain(`${limit}lower countEvery, or divide the traffic among several stages.`);
  });

  it('warns when the pages of a journal may exceed a new table', async () => {
    const journal = ['--counting', 'journal', '--count-lanes', '128'];
    expect((await run('cost', '--records-per-day', '1G', ...journal)).stdout).not.toContain("The journal's new table");
    expect((await run('cost', '--records-per-day', '10G', ...journal)).stdout).toMatch(
      /Start {6}The journal's new table takes 4,000 units a second, and its pages may need 1\d,\d00:/,
    );
  });

  it.each([
    ['--count-every', '0', 'expected a whole number of minutes from 1 to 15'],
    ['--count-every', '16', 'expected a whole number of minutes from 1 to 15'],
    ['--count-lanes', '17', 'expected 16 or 128'],
    ['--counting', 'never', 'direct, journal'],
  ])('exits with 2 when given %s %s', async (option, value, problem) => {
    const { code, stderr } = await run('cost', '--records-per-day', '1M', option, value);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
  });
});
