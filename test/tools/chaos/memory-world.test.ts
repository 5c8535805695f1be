import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryWorld } from '../../../tools/chaos/memory-world.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario } from '../../../tools/chaos/scenario.ts';
import { byTier } from '../../support/tier.ts';

it.each([
  ['direct', byTier(100, 800)],
  ['journal', byTier(60, 600)],
] as const)(
  'counts exactly and loses no alert when calls fail in any interleaving, with the way to count: %s',
  async (counting, numRuns) => {
    await fc.assert(
      fc.asyncProperty(anyScenario(12, counting), fc.scheduler(), async (scenario, scheduler) => {
        const pause = () => scheduler.schedule(Promise.resolve());
        const { violations } = await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario), pause));
        expect(violations).toEqual([]);
      }),
      { numRuns },
    );
  },
);
