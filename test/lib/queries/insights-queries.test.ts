import { describe, expect, it } from 'vitest';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { savedQueries } from '../../../lib/queries/athena-saved-queries.ts';
import { insightsQueries } from '../../../lib/queries/insights-queries.ts';

describe('insightsQueries', () => {
  it("returns the first saved queries of the lake when the format is the default or the stack's", () => {
    const names = savedQueries.map(({ name }) => name).slice(0, 6);
    expect(insightsQueries().map(({ name }) => name)).toEqual(names);
    expect(insightsQueries(logFormat).map(({ name }) => name)).toEqual(names);
  });

  it('splits a line into the fields of its format when a format is given', () => {
    const [first] = insightsQueries('dstaddr action srcaddr');
    expect(first?.query.split('\n')[0]).toBe('parse @message "* * *" as dstaddr, action, srcaddr');
  });

  it('returns only queries with known fields when the format lacks fields, and none when it is invalid', () => {
    expect(insightsQueries('srcaddr action').map(({ name }) => name)).toEqual(['suspicious-ranges']);
    expect(insightsQueries('no format')).toEqual([]);
  });

  it('stays within 10,000 characters when a query has every field', () => {
    for (const { query } of [...insightsQueries(logFormat), ...insightsQueries(defaultFormat)]) {
      expect(query.length).toBeLessThanOrEqual(10_000);
    }
  });
});
