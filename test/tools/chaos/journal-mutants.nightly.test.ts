import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mutation, memoryWorld } from '../../../tools/chaos/memory-world.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario } from '../../../tools/chaos/scenario.ts';
import { type Mutant, mutants } from './journal-mutants.ts';

/** The seed of every search, and the most schedules of one. */
const seed = 1;
const maxSchedules = 6000;

/** Searches for a schedule that shows a violation. Returns the number of schedules, and what the last one shows. */
async function search({ mutation, aim, violation = /./ }: Mutant & { mutation: Mutation }, numRuns: number) {
  let what: readonly string[] = [];
  const scenarios = anyScenario(12, 'journal').map((scenario) => aim?.(scenario) ?? scenario);
  const property = fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
    const pause = () => scheduler.schedule(Promise.resolve());
    const outcome = await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario, mutation), pause));
    what = outcome.violations.filter((text) => violation.test(text));
    return what.length === 0;
  });
  const { failed, numRuns: schedules } = await fc.check(property, { seed, numRuns, endOnFailure: true });
  return { isFound: failed, schedules, what };
}

describe('a search for wrong schedules', () => {
  it.each(Object.entries(mutants))('finds the fault: %s', async (name, mutant) => {
    const { isFound, schedules, what } = await search(mutant, maxSchedules);
    if (process.env.SHOW_MUTANTS) console.log(`${name} | ${schedules} | ${what[0]}`);
    expect(isFound).toBe(true);
  });
});
