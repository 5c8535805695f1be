import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfDay, epochSeconds, partOfTime, secondsOfIsoTime } from '../../../lambda/common/calendar.ts';

const seconds = fc.integer({ min: 0, max: 9_999_999_999 });

/** Returns the ISO week by its definition: walks to the Thursday and counts weeks back to the year's first. */
function slowWeek(epochSeconds: number): number {
  const thursday = new Date(epochSeconds * 1000);
  while (thursday.getUTCDay() !== 4) {
    thursday.setUTCDate(thursday.getUTCDate() + (thursday.getUTCDay() === 0 || thursday.getUTCDay() > 4 ? -1 : 1));
  }
  let week = 1;
  for (const day = new Date(thursday); ; week += 1) {
    day.setUTCDate(day.getUTCDate() - 7);
    if (day.getUTCFullYear() !== thursday.getUTCFullYear()) return week;
  }
}

describe('partOfTime', () => {
  it('returns the same parts of any time as Date', () => {
    fc.assert(
      fc.property(seconds, (time) => {
        const date = new Date(time * 1000);
        expect(partOfTime('minute', time)).toBe(date.getUTCMinutes());
        expect(partOfTime('hour', time)).toBe(date.getUTCHours());
        expect(partOfTime('day', time)).toBe(date.getUTCDate());
        expect(partOfTime('week', time)).toBe(slowWeek(time));
        expect(partOfTime('month', time)).toBe(date.getUTCMonth() + 1);
        expect(partOfTime('year', time)).toBe(date.getUTCFullYear());
      }),
    );
  });

  it.each([
    ['2026-12-31', 53],
    ['2027-01-03', 53],
    ['2027-01-04', 1],
    ['2024-12-30', 1],
    ['2024-02-29', 9],
  ])('puts %s in week %i', (day, week) => {
    expect(partOfTime('week', endOfDay(day)! - 1)).toBe(week);
  });
});

describe('endOfDay', () => {
  it('returns the first second of the next day', () => {
    fc.assert(
      fc.property(seconds, (time) => {
        const day = new Date(time * 1000).toISOString().slice(0, 10);
        expect(endOfDay(day)).toBe((Math.floor(time / 86_400) + 1) * 86_400);
      }),
    );
  });

  it.each(['2027-02-29', '2027-13-01', '2027-00-10', '2027-04-31', '2027-1-1', 'soon', ''])(
    'returns undefined for %j',
    (day) => {
      expect(endOfDay(day)).toBeUndefined();
    },
  );
});

describe('epochSeconds', () => {
  it.each([
    [1_795_510_800, 1_795_510_800],
    [1_795_510_800_000, 1_795_510_800],
    [1_795_510_800_999, 1_795_510_800],
    [99_999_999_999, 99_999_999_999],
    [100_000_000_000, 100_000_000],
  ])('converts %i to %i, a whole second that has begun', (time, expected) => {
    expect(epochSeconds(time)).toBe(expected);
  });
});

describe('secondsOfIsoTime', () => {
  it.each([
    ['2026-11-30T06:00:00Z', Date.UTC(2026, 10, 30, 6) / 1000],
    ['2026-11-30T06:00:00.999Z', Date.UTC(2026, 10, 30, 6) / 1000],
    ['2026-11-30T06:00:00+02:00', Date.UTC(2026, 10, 30, 4) / 1000],
    ['2026-11-30T06:00:00-0030', Date.UTC(2026, 10, 30, 6, 30) / 1000],
  ])('reads %s', (text, seconds) => {
    expect(secondsOfIsoTime(text)).toBe(seconds);
  });

  it.each(['2026-02-30T06:00:00Z', '2026-11-30T24:00:00Z', '2026-11-30', '', 1_796_018_400, undefined, {}])(
    'returns undefined for %j',
    (value) => {
      expect(secondsOfIsoTime(value)).toBeUndefined();
    },
  );
});
