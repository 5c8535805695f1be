import { describe, expect, it } from 'vitest';
import { insightsQueries } from '../../../lib/queries/insights-queries.ts';
import { LogGroupQueries } from '../../../lib/queries/log-group-queries.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { templateWith } from '../synthesis.ts';

/** Returns the query definitions for log groups. */
function definitions(logGroups: Settings['logGroups']) {
  const template = templateWith((stack) => new LogGroupQueries(stack, 'Queries', { logGroups }));
  return Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(({ Properties }) => Properties);
}

describe('LogGroupQueries', () => {
  it('saves each query once when log groups share a format', () => {
    expect(definitions([{ name: '/vpc/a' }, { name: '/vpc/b' }])).toEqual(
      insightsQueries().map(({ name, query }) => ({
        Name: `Test/${name}`,
        LogGroupNames: ['/vpc/a', '/vpc/b'],
        QueryString: query,
      })),
    );
  });

  it('saves queries per format when log groups have several formats', () => {
    const format = 'srcaddr action';
    const found = definitions([{ name: '/vpc/a' }, { name: '/vpc/b', format }]);

    expect(found.filter(({ LogGroupNames }) => LogGroupNames[0] === '/vpc/b')).toEqual([
      {
        Name: 'Test/vpc/b/suspicious-ranges',
        LogGroupNames: ['/vpc/b'],
        QueryString: insightsQueries(format)[0]!.query,
      },
    ]);
    expect(new Set(found.map(({ Name }) => Name)).size).toBe(found.length);
  });

  it('names at most 50 log groups when there are more', () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ name: `group-${index}` }));
    for (const { LogGroupNames } of definitions(many)) expect(LogGroupNames).toHaveLength(50);
  });
});
