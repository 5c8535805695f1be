import { describe, expect, it } from 'vitest';
import { logFormat } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../../lambda/flow-log/format.ts';
import { savedQueries } from '../../../lib/queries/athena-saved-queries.ts';
import { insightsQueries } from '../../../lib/queries/insights-queries.ts';

describe('the queries for CloudWatch Logs Insights', () => {
  it('ask what the first saved queries of the lake ask, of the default format too', () => {
    const names = savedQueries.map(({ name }) => name).slice(0, 6);
    expect(insightsQueries().map(({ name }) => name)).toEqual(names);
    expect(insightsQueries(logFormat).map(({ name }) => name)).toEqual(names);
  });

  it('take a line apart by its own format, with a name for each of its fields', () => {
    const [first] = insightsQueries('dstaddr action srcaddr');
    expect(first?.query.split('\n')[0]).toBe('parse @message "* * *" as dstaddr, action, srcaddr');
  });

  it('are those that the format has the fields for', () => {
    expect(insightsQueries('srcaddr action').map(({ name }) => name)).toEqual(['suspicious-ranges']);
    expect(insightsQueries('no format')).toEqual([]);
  });

  it('fit where they go: text of 10,000 characters', () => {
    for (const { query } of [...insightsQueries(logFormat), ...insightsQueries(defaultFormat)]) {
      expect(query.length).toBeLessThanOrEqual(10_000);
    }
  });
});
