import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'node:http';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalStack } from '../../emulators/local-stack.ts';
import { entriesOf } from '../../lambda/aws/dynamo-alert-state-store.ts';
import { environmentNames } from '../../lambda/config.ts';
import { readCounter } from '../../lambda/count/counter-item.ts';
import { createFlushHandler, type FlushHandler } from '../../lambda/flush-handler.ts';
import { createHandler, type Handler } from '../../lambda/handler.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import { FaultyTransport } from './faulty-transport.ts';
import type { WayToCount } from './journal-schedule.ts';
import {
  deliveredOf,
  eagerCompaction,
  everySeconds,
  finishingBy,
  processes,
  type World,
  type WorldLimits,
} from './world.ts';

/** The client's attempts of one request, without pauses. */
const attemptsPerRequest = 3;

const agent = new Agent({ keepAlive: true });

const context = {
  getRemainingTimeInMillis: () => 300_000,
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:flush',
};

/** The paths of files with the rules: chaosRuleSet, and those of a later version of the functions. */
export interface RulesFiles {
  readonly present: string;
  readonly later: string;
}

/** A process that flushes, and its last invocation. */
interface FlushProcess {
  readonly handle: FlushHandler;
  readonly isLater: boolean;
  last: Invocation | undefined;
}

/**
 * Creates a world with the real handlers and the real SDK, over HTTP with faults, on an empty embedded stack. A process
 * that flushes begins again after a failure, and so does each process after a deployment.
 */
export function localWorld(
  stack: LocalStack,
  rulesFiles: RulesFiles,
  { messages, refusedPairsPerMinute, journal: schedule }: WorldLimits,
): World {
  const lanesOf: Readonly<Record<WayToCount, number>> = {
    direct: 0,
    'few lanes': 16,
    'many lanes': schedule?.isWide ? 128 : 16,
  };
  const current = new AsyncLocalStorage<Invocation>();
  const handlers = new Map<string, Handler>();
  const flushing: (FlushProcess | undefined)[] = [];
  let invocations = 0;
  const isLaterNow = (plan: FaultPlan) => schedule !== undefined && plan.calls >= schedule.deploy.call;

  function partsOf(number: number, isLater: boolean, plan: FaultPlan) {
    const ways = (isLater ? schedule?.deploy : schedule)?.ways ?? [];
    const way = ways[number] ?? ways.find((one) => one !== 'direct') ?? 'direct';
    const requestHandler = new FaultyTransport(new NodeHttpHandler({ httpAgent: agent }), current, plan);
    const retryStrategy = new ConfiguredRetryStrategy(attemptsPerRequest, () => 0);
    const environment = {
      ...stack.environment,
      [environmentNames.rulesFile]: isLater ? rulesFiles.later : rulesFiles.present,
      [environmentNames.messagesPerMinute]: String(messages.perMinute),
      [environmentNames.messagesPerBatch]: String(messages.perBatch),
      [environmentNames.refusedPairsPerMinute]: String(refusedPairsPerMinute),
      [environmentNames.countLanes]: String(lanesOf[way]),
      [environmentNames.countEverySeconds]: String(everySeconds),
    };
    const maintenance = { finishing: finishingBy(plan, schedule !== undefined), compaction: eagerCompaction };
    const clock = () => plan.clock.now(schedule?.skews[number] ?? 0);
    return [
      environment,
      stack.createClients({ requestHandler, retryStrategy }),
      maintenance,
      undefined,
      clock,
    ] as const;
  }

  return {
    handler(invocation, plan) {
      const number = invocations % processes;
      invocations += 1;
      const isLater = isLaterNow(plan);
      const name = `${number} ${isLater}`;
      const handle = handlers.get(name) ?? createHandler(...partsOf(number, isLater, plan));
      handlers.set(name, handle);
      return (event, eventContext) => current.run(invocation, () => handle(event, eventContext));
    },
    async flush({ process: number, isForced, index, processes: count }, invocation, plan) {
      const known = flushing[number];
      const isLater = isLaterNow(plan);
      const { last } = known ?? {};
      const isUsable = known?.isLater === isLater && last?.hasEnded && !last.isDead && !last.isAbandoned;
      const process: FlushProcess = isUsable
        ? known!
        : { handle: createFlushHandler(...partsOf(processes + number, isLater, plan)), isLater, last: undefined };
      flushing[number] = process;
      process.last = invocation;
      const event = { index, processes: count, force: isForced };
      return current.run(invocation, () => process.handle(event, context));
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
