import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Mutation, memoryWorld } from '../../../tools/chaos/memory-world.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario, withContextEvents } from '../../../tools/chaos/scenario.ts';
import { byTier, isNightly } from '../../support/tier.ts';

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

/** Runs schedules with context events. Returns the violations of the first that has some. */
async function violationsWithContext(
  counting: 'direct' | 'journal',
  numRuns: number,
  mutation: Mutation = {},
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  const scenarios = withContextEvents(anyScenario(12, counting), 12);
  const property = fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
    const pause = () => scheduler.schedule(Promise.resolve());
    const { violations } = await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario, mutation), pause));
    found = violations;
    expect(violations).toEqual([]);
  });
  // A test without a fault prints the smallest schedule; one with a fault needs only a schedule.
  if (mutation.contextTable) await fc.check(property, { numRuns, endOnFailure: true, seed: 5 });
  else await fc.assert(property, { numRuns });
  return found;
}

it.each([
  ['direct', byTier(30, 600)],
  ['journal', byTier(15, 400)],
] as const)(
  'tells each alert of context at most once, and loses and doubles none, with the way to count: %s',
  async (counting, numRuns) => {
    expect(await violationsWithContext(counting, numRuns)).toEqual([]);
  },
);

it.runIf(isNightly)('finds an update that two processes send when the context table ignores versions', async () => {
  const ignoring: Mutation = {
    contextTable: (table) => ({
      async putIf(item, _version, signal) {
        await table.put([item], signal);
        return true;
      },
    }),
  };
  expect(await violationsWithContext('direct', 400, ignoring)).not.toEqual([]);
});
