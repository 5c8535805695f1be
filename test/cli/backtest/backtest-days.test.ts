import { describe, expect, it } from 'vitest';
import { backtestDays } from '../../../cli/backtest/backtest-days.ts';

describe('backtestDays', () => {
  const seconds = (time: string) => Date.parse(`${time}Z`) / 1000;
  const daysOf = (from: string, to: string) => backtestDays({ from: seconds(from), to: seconds(to), setAside: 0 });

  it('counts the UTC days from the first to the last when flows end in each', () => {
    const { days, tail } = daysOf('2026-11-24T09:00:00', '2026-11-26T00:10:00');
    expect({ days, tail }).toEqual({ days: ['2026-11-24', '2026-11-25', '2026-11-26'], tail: undefined });
  });

  it('leaves out the last day when flows reach its first ten minutes only', () => {
    const { days, tail } = daysOf('2026-11-24T00:00:30', '2026-11-25T00:09:59');
    expect({ days, tail }).toEqual({ days: ['2026-11-24'], tail: '2026-11-25' });
  });

  it('has one day when all flows end in the first minutes of a day, or there are no flows', () => {
    expect(daysOf('2026-11-24T00:00:00', '2026-11-24T00:05:00').days).toEqual(['2026-11-24']);
    expect(backtestDays(undefined).days).toHaveLength(1);
  });
});
