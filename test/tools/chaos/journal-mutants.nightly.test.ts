import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mutation, memoryWorld } from '../../../tools/chaos/memory-world.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario } from '../../../tools/chaos/scenario.ts';
import { harmless, type Mutant, mutants } from './journal-mutants.ts';

/** The seed of every search: the numbers below are those of this seed. */
const seed = 1;
/** The schedules without a fault, or with a change that is no fault, in which nothing is wrong. */
const controlSchedules = 300;

/** In which schedule each fault showed; random changes of the generator move the numbers. */
const foundIn: Readonly<Record<string, number>> = {
  'freeze without its condition': 10,
  'no token in items': 19,
  'look for pages only after the last freeze': 22,
  'remember only what the last freeze took': 1,
  'read what refused attempts to freeze took': 3,
  'token without the attempt to freeze': 99,
  'no upper bound of the time of a page': 6,
  'until is the present when a freeze leaves pages': 1,
  'way to count not stored in the marker': 1,
  'way to count set on an older marker': 12,
  'parts cut when a chunk is counted': 60,
  'a missing chunk is empty': 27,
  'what freezes took expires before pages': 15,
  'one token for all chunks': 1,
  'lease ignored': 43,
  'series read by their position in the rule set': 3,
  'tokens dropped by age': 32,
};

/** The most schedules of a search. */
const maxSchedules = (name: string) => 200 + 20 * (foundIn[name] ?? 0);

/** Searches for a schedule that shows a violation. Returns what the last schedule shows, and the number of schedules. */
async function search({ mutation, aim, violation = /./ }: Mutant, numRuns: number) {
  let shown: readonly string[] = [];
  const scenarios = anyScenario(12, 'journal').map((scenario) => aim?.(scenario) ?? scenario);
  const property = fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
    const pause = () => scheduler.schedule(Promise.resolve());
    const { violations } = await scheduler.waitFor(runScenario(scenario, memoryWorld(scenario, mutation), pause));
    shown = violations.filter((text) => violation.test(text));
    return shown.length === 0;
  });
  const details = await fc.check(property, { seed, numRuns, endOnFailure: true });
  return { shown, schedules: details.numRuns };
}

const noFault: Mutation = {};

describe('a search of bounded size', () => {
  it.each(Object.entries(mutants))(
    'finds a wrong schedule when the protocol has the fault: %s',
    async (name, mutant) => {
      const { shown, schedules } = await search(mutant, maxSchedules(name));
      expect(shown, `${name}: nothing in ${schedules} schedules`).not.toEqual([]);
    },
  );

  it.each(Object.entries(mutants).flatMap(([name, { aim }]) => (aim ? [{ name, aim }] : [])))(
    'finds nothing in the schedules that are aimed at a fault when the protocol has none: $name',
    async ({ aim }) => {
      expect((await search({ mutation: noFault, aim }, controlSchedules)).shown).toEqual([]);
    },
  );

  it('finds nothing when each page has the time of its put', async () => {
    expect((await search({ mutation: harmless }, controlSchedules)).shown).toEqual([]);
  });
});
