import { describe, expect, it } from 'vitest';
import { duckDbDialect } from '../../../cli/hunt/duckdb-dialect.ts';
import { scenarioOf } from '../../../events/corpus.ts';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { huntSql, hunts } from '../../../lib/queries/hunts/hunts.ts';
import { formatOf } from '../../support/flows.ts';
import { labelledDay } from '../../support/labelled-days.ts';
import { byTier } from '../../support/tier.ts';
import { databaseOf, rowsOf } from './database-of.ts';

describe('the hunt beacons', () => {
  it.each(byTier(['office'], ['office', 'web-shop', 'data-platform']))(
    'finds the pairs of the rule beaconing when it reads the labelled day of %s',
    async (style) => {
      const lines = labelledDay(style).map(({ line }) => line);
      const database = await databaseOf(lines, [formatOf(logFields.join(' '))]);
      const sql = huntSql(hunts.find(({ name }) => name === 'beacons')!, duckDbDialect(), []);
      const found = new Set((await rowsOf(database, sql)).map(({ src, dst }) => `${src} ${dst}`));
      await database.close();
      const labels = scenarioOf(style).attacks.flatMap((attack) => attack.labels);
      const beacons = labels.filter(({ rule }) => rule === 'beaconing');
      const pairs = beacons.map(({ key }) => `${key['srcaddr']} ${key['dstaddr']}`);
      expect(pairs.length).toBeGreaterThan(0);
      expect(pairs.filter((pair) => !found.has(pair))).toEqual([]);
      // Clients of other programs with even intervals are few.
      expect(found.size).toBeLessThan(30);
    },
    60_000,
  );
});
