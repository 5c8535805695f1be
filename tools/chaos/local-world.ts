import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'node:http';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalStack } from '../../emulators/local-stack.ts';
import { entriesOf } from '../../lambda/aws/dynamo-alert-state-store.ts';
import { environmentNames } from '../../lambda/config.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import { createHandler, type Handler } from '../../lambda/handler.ts';
import type { Invocation } from './faults.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { deliveredOf, eagerCompaction, finishingBy, processes, type World, type WorldLimits } from './world.ts';

/** The client's attempts of one request, without pauses. */
const attemptsPerRequest = 3;

const agent = new Agent({ keepAlive: true });

/**
 * Creates a world with the real handler and the real SDK, over HTTP with faults, on an empty embedded stack.
 *
 * @param rulesFile path of a file with chaosRuleSet
 */
export function localWorld(
  stack: LocalStack,
  rulesFile: string,
  { messages, refusedPairsPerMinute }: WorldLimits,
): World {
  const current = new AsyncLocalStorage<Invocation>();
  const handlers: Handler[] = [];
  let invocations = 0;
  return {
    handler(invocation, plan) {
      const requestHandler = new FaultyTransport(new NodeHttpHandler({ httpAgent: agent }), current, plan);
      const retryStrategy = new ConfiguredRetryStrategy(attemptsPerRequest, () => 0);
      const environment = {
        ...stack.environment,
        [environmentNames.rulesFile]: rulesFile,
        [environmentNames.messagesPerMinute]: String(messages.perMinute),
        [environmentNames.messagesPerBatch]: String(messages.perBatch),
        [environmentNames.refusedPairsPerMinute]: String(refusedPairsPerMinute),
      };
      const maintenance = { finishing: finishingBy(plan), compaction: eagerCompaction };
      const number = invocations % processes;
      invocations += 1;
      handlers[number] ??= createHandler(
        environment,
        stack.createClients({ requestHandler, retryStrategy }),
        maintenance,
      );
      const handle = handlers[number];
      return (event, context) => current.run(invocation, () => handle(event, context));
    },
    async counters() {
      const items = await stack.items();
      return new Map(items.map((item) => [item.pk && 'S' in item.pk ? item.pk.S : '', readCounter(item)]));
    },
    delivered: async () => stack.alerts().map(deliveredOf),
    async pendingReEvaluations() {
      return (await stack.items()).flatMap(entriesOf).length;
    },
  };
}
