import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbServer, type LocalStack, startLocalStack } from '../../../emulators/local-stack.ts';
import { localWorld } from '../../../tools/chaos/local-world.ts';
import { chaosRuleSet, laterChaosRuleSet } from '../../../tools/chaos/rules.ts';
import { runScenario } from '../../../tools/chaos/run-scenario.ts';
import { anyScenario } from '../../../tools/chaos/scenario.ts';
import { dynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { rulesFile } from '../../support/handler-on-laptop.ts';
import { byTier } from '../../support/tier.ts';

function schedules(direct: number, journal: number, startDynamoDb?: () => Promise<DynamoDbServer>): void {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await startLocalStack(startDynamoDb);
  });
  afterAll(() => stack.stop());

  it.each([
    ['direct', direct],
    ['journal', journal],
  ] as const)(
    'counts exactly and loses no alert when HTTP requests of the real client fail, with the way to count: %s',
    async (counting, numRuns) => {
      const files = { present: rulesFile(chaosRuleSet), later: rulesFile(laterChaosRuleSet) };
      await fc.assert(
        fc.asyncProperty(anyScenario(12, counting), async (scenario) => {
          await stack.clear();
          const { violations } = await runScenario(scenario, localWorld(stack, files, scenario), () =>
            setImmediate(undefined),
          );
          expect(violations).toEqual([]);
        }),
        { numRuns },
      );
    },
  );
}

describe('on dynalite', () => schedules(byTier(4, 100), byTier(2, 40)));

describe.skipIf(dynamoDbLocal === undefined)('on DynamoDB Local', () =>
  schedules(byTier(3, 60), byTier(1, 20), () => startDynamoDbLocal(dynamoDbLocal!)),
);
