import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { AlertStateStore } from '../../lambda/alert/alert-state-store.ts';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { transform } from '../../lambda/pipeline.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import { chaosRules } from './rules.ts';
import { type Delivered, deliveredOf, eagerTidying, processes, settlingBy, toldBy, type World } from './world.ts';

const formats = [parseFormat(defaultFormat) as Format];

const signal = new AbortController().signal;

/** A store and a topic in memory, behind the function's own ports: thousands of runs in a minute. */
export function memoryWorld(messages: MessageLimits): World {
  const stores: MemoryCounterStore[] = [];
  const storeOf = (number: number, plan: FaultPlan) => {
    const upkeep = { finishing: settlingBy(plan), compaction: eagerTidying };
    stores[0] ??= new MemoryCounterStore(chaosRules.series, upkeep);
    while (stores.length < processes) stores.push(stores[0].newProcess());
    return stores[number]!;
  };
  let invocations = 0;
  const ledger = new MemoryAlertStateStore();
  const topic: Delivered[] = [];
  return {
    handler(invocation, plan) {
      const store = storeOf(invocations % processes, plan);
      invocations += 1;
      const ports = {
        counters: faultyStore(store, invocation, plan),
        alertState: faultyLedger(ledger, invocation, plan),
        alerts: faultyPublisher(topic, invocation, plan),
      };
      const settings = { formats, rules: chaosRules, messages };
      return (event) =>
        transform(event, settings, { ...ports, log: { report() {}, alert() {} }, deadline: signal, closing: signal });
    },
    counters: async () => stores[0]?.counters ?? new Map(),
    delivered: async () => topic,
    waiting: async () => ledger.pendingCount,
  };
}

function callBy(invocation: Invocation, plan: FaultPlan) {
  return <T>(carryOut: () => Promise<T>) =>
    plan.call(invocation, carryOut, () => {
      throw new FlowError('COUNT_FAILED', 'the store did not answer');
    });
}

function faultyLedger(ledger: MemoryAlertStateStore, invocation: Invocation, plan: FaultPlan): AlertStateStore {
  const call = callBy(invocation, plan);
  return {
    observedSince: (arrival) => call(() => ledger.observedSince(arrival)),
    reserveMessages: (minute, wanted, most) => call(() => ledger.reserveMessages(minute, wanted, most)),
    dueReEvaluations: (batch) => call(() => ledger.dueReEvaluations(batch)),
    schedule: (followUps) => call(() => ledger.schedule(followUps)),
    cancel: (followUps) => call(() => ledger.cancel(followUps)),
  };
}

function faultyStore(store: MemoryCounterStore, invocation: Invocation, plan: FaultPlan): CounterStore {
  const call = callBy(invocation, plan);
  return {
    begin: (batch) => call(() => store.begin(batch)),
    complete: (batch) => call(() => store.complete(batch)).catch(() => {}),
    add: (delta, batch) => call(() => store.add(delta, batch)),
    claim: (pk, claim, replaces, seen) => call(() => store.claim(pk, claim, replaces, seen)),
    recordSuppression: (pk, claim, token) => call(() => store.recordSuppression(pk, claim, token)),
    read: (pk) => call(() => store.read(pk)),
    async markSent(pk, claim) {
      await call(() => store.markSent(pk, claim));
      invocation.marked.add(claim.id);
    },
  };
}

function faultyPublisher(topic: Delivered[], invocation: Invocation, plan: FaultPlan): AlertPublisher {
  const publish = async (alerts: readonly Alert[]) => {
    for (const alert of alerts) {
      const message = deliveredOf(alert);
      topic.push(message);
      invocation.messages.add(alert.id);
      for (const { id } of toldBy(message)) invocation.published.add(id);
    }
    return { published: new Set(alerts), problems: ['the topic took a part'] };
  };
  return {
    publish: (alerts) =>
      plan.call(
        invocation,
        (part) => publish(part === 'whole' ? alerts : alerts.slice(0, Math.floor(alerts.length / 2))),
        (kind) => {
          if (kind === 'answer-lost') {
            for (const { id } of alerts.map(deliveredOf).flatMap(toldBy)) invocation.unanswered.add(id);
          }
          return { published: new Set(), problems: ['the topic did not answer'] };
        },
      ),
  };
}
