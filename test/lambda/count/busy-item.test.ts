import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { busyPair, unitsPerUpdate } from '../../support/busy-pair.ts';

// Days with fewer batches are in busy-item.nightly.test.ts.
describe('the item of a pair that is in every batch of a day, with the rules that come with the program', () => {
  it.each([{ perMinute: 20, processes: 4 }])(
    'has less than 1 KB at $perMinute batches a minute, so that an update is one unit',
    async (load) => {
      const pair = await busyPair(loadRules(compileRuleDirectory()), load);
      // In the first hour processes are new, and do not believe yet that a batch is settled.
      expect(Math.max(...pair.hours.slice(1))).toBeLessThanOrEqual(1024);
      expect(pair.updateUnits).toBe(pair.updates);
      expect(unitsPerUpdate(pair)).toBeLessThan(1.07);
    },
  );
});
