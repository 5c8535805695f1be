import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../lambda/rules/load.ts';
import { compileRuleDirectory } from '../../../sigma/rule-directory.ts';
import { busyPair, unitsPerUpdate } from '../../support/busy-pair.ts';

const rules = loadRules(compileRuleDirectory());

// The day with the most batches is in busy-item.test.ts.
describe('the item of a pair with a flow in every batch of a day', () => {
  it.each([
    { perMinute: 1, processes: 2 },
    { perMinute: 5, processes: 2 },
  ])('stays below 1 KB, one write unit per update, at $perMinute batches per minute', async (load) => {
    const pair = await busyPair(rules, load);
    expect(Math.max(...pair.hours)).toBeLessThanOrEqual(1024);
    expect(pair.updateUnits).toBe(pair.updates);
    expect(unitsPerUpdate(pair)).toBeLessThan(1.07);
  });

  // The key is longer, so an update in a thousand exceeds 1 KB before the item is compacted: decision 36.
  it.each([
    ['account', 1.065],
    ['vpc', 1.075],
  ] as const)('costs hardly more with the scope %s, at 20 batches per minute', async (scope, maxUnits) => {
    const pair = await busyPair({ ...rules, scope }, { perMinute: 20, processes: 4 });
    expect(pair.updateUnits / pair.updates).toBeLessThan(1.002);
    expect(unitsPerUpdate(pair)).toBeLessThan(maxUnits);
  });

  it('keeps the item below 2 KB when each batch has two attempts, as with a throttled table', async () => {
    const pair = await busyPair(rules, { perMinute: 5, processes: 2, attempts: 2 });
    expect(Math.max(...pair.hours)).toBeLessThanOrEqual(2048);
  });
});
