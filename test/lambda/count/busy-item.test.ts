import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { busyPair, unitsPerUpdate } from '../../support/busy-pair.ts';

// Days with fewer batches are in busy-item.nightly.test.ts.
describe('the item of a pair with a flow in every batch of a day', () => {
  it.each([{ perMinute: 20, processes: 4 }])(
    'stays below 1 KB, one write unit per update, at $perMinute batches per minute',
    async (load) => {
      const pair = await busyPair(loadRules(compileRuleDirectory()), load);
      expect(Math.max(...pair.hours)).toBeLessThanOrEqual(1024);
      expect(pair.updateUnits).toBe(pair.updates);
      expect(unitsPerUpdate(pair)).toBeLessThan(1.07);
    },
  );
});
