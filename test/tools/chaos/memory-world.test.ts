import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryWorld } from '../../../tools/chaos/memory-world.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario } from '../../../tools/chaos/scenario.ts';
import { byTier } from '../../support/tier.ts';

it('counts exactly and loses no alert when calls to store and topic fail, in any interleaving', async () => {
  await fc.assert(
    fc.asyncProperty(anyScenario(12), fc.scheduler(), async (scenario, scheduler) => {
      const pause = () => scheduler.schedule(Promise.resolve());
      const { violations } = await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario), pause));
      expect(violations).toEqual([]);
    }),
    { numRuns: byTier(100, 800) },
  );
});
