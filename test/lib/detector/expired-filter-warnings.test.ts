import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { endOfDay } from '../../../lambda/common/calendar.ts';
import { warnOfExpiredFilters } from '../../../lib/detector/expired-filter-warnings.ts';
import { createApp } from '../synthesis.ts';
import { warningsOf } from '../warnings.ts';

function warningsOn(day: string): unknown[] {
  const stack = new Stack(createApp({}), 'Test');
  const filter = (title: string, expires?: string) => ({ title, file: 'rules/mine.yml', rules: ['any'], expires });
  const filters = [filter('Backups', '2027-01-31'), filter('Scanner', '2027-03-31'), filter('Always')];
  warnOfExpiredFilters(stack, filters, endOfDay(day)! - 1);
  return warningsOf(stack);
}

describe('warnOfExpiredFilters', () => {
  it('adds no warning when every filter applies for more than 14 days', () => {
    expect(warningsOn('2027-01-17')).toEqual([]);
  });

  it('adds a warning for each filter when it expires within 14 days or has expired', () => {
    expect(warningsOn('2027-01-18')).toEqual([
      'the filter "Backups" in rules/mine.yml expires soon, its last day is 2027-01-31',
    ]);
    expect(warningsOn('2027-03-25')).toEqual([
      'the filter "Backups" in rules/mine.yml has expired, its last day was 2027-01-31',
      'the filter "Scanner" in rules/mine.yml expires soon, its last day is 2027-03-31',
    ]);
  });
});
