import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { MemoryRefusedPairBudget } from '../../emulators/memory-refused-pair-budget.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { AlertStateStore } from '../../lambda/alert/alert-state-store.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { RefusedPairBudget } from '../../lambda/count/refused-pair-budget.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { transform } from '../../lambda/pipeline.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import { levelOf } from './oracle.ts';
import { chaosRules } from './rules.ts';
import {
  alertsIn,
  type Delivered,
  deliveredOf,
  eagerCompaction,
  finishingBy,
  processes,
  type World,
  type WorldLimits,
} from './world.ts';

const formats = [parseFormat(defaultFormat) as Format];

const signal = new AbortController().signal;

/** Creates a world with a store and a topic in memory, behind the ports of the function: thousands of runs a minute. */
export function memoryWorld({ messages, queueCapacity, refusedPairsPerMinute }: WorldLimits): World {
  const stores: MemoryCounterStore[] = [];
  const storeOf = (number: number, plan: FaultPlan) => {
    const maintenance = { finishing: finishingBy(plan), compaction: eagerCompaction };
    stores[0] ??= new MemoryCounterStore(chaosRules.series, maintenance);
    while (stores.length < processes) stores.push(stores[0].newProcess());
    return stores[number]!;
  };
  const knownSlots = Array.from({ length: processes }, () => new KnownSlots(chaosRules.series));
  let invocations = 0;
  const alertState = new MemoryAlertStateStore(queueCapacity);
  const budget = new MemoryRefusedPairBudget(refusedPairsPerMinute);
  const topic: Delivered[] = [];
  return {
    handler(invocation, plan) {
      const number = invocations % processes;
      invocations += 1;
      const ports = {
        counters: faultyStore(storeOf(number, plan), invocation, plan),
        knownSlots: knownSlots[number]!,
        refusedPairs: faultyBudget(budget, invocation, plan),
        alertState: faultyAlertState(alertState, invocation, plan),
        alerts: faultyPublisher(topic, invocation, plan),
      };
      const settings = { formats, rules: chaosRules, messages };
      return (event) =>
        transform(event, settings, { ...ports, log: { report() {}, alert() {} }, deadline: signal, closing: signal });
    },
    counters: async () => stores[0]?.counters ?? new Map(),
    delivered: async () => topic,
    pendingReEvaluations: async () => alertState.pendingCount,
  };
}

function callBy(invocation: Invocation, plan: FaultPlan) {
  return <T>(carryOut: () => Promise<T>) =>
    plan.call(invocation, carryOut, () => {
      throw new FlowError('COUNT_FAILED', 'the store did not answer');
    });
}

function faultyAlertState(alertState: MemoryAlertStateStore, invocation: Invocation, plan: FaultPlan): AlertStateStore {
  const call = callBy(invocation, plan);
  return {
    observedSince: (arrival) => call(() => alertState.observedSince(arrival)),
    reserveMessages: (minute, wanted, perMinute) =>
      call(() => {
        invocation.want(wanted);
        return alertState.reserveMessages(minute, wanted, perMinute);
      }),
    dueReEvaluations: (batch) => call(() => alertState.dueReEvaluations(batch)),
    schedule: (reEvaluations) =>
      call(() => {
        for (const { queue, rule, key, alertId } of reEvaluations) {
          const name = queue === 'resolution' ? queue : levelOf(rule);
          const entries = invocation.scheduled.get(name) ?? new Set();
          invocation.scheduled.set(name, entries.add(`${rule} ${key.pk} ${alertId}`));
        }
        return alertState.schedule(reEvaluations);
      }),
    cancel: (reEvaluations) => call(() => alertState.cancel(reEvaluations)),
  };
}

function faultyBudget(budget: RefusedPairBudget, invocation: Invocation, plan: FaultPlan): RefusedPairBudget {
  const call = callBy(invocation, plan);
  return {
    perMinute: budget.perMinute,
    reserve: (batch, wanted, signalOfCall) => call(() => budget.reserve(batch, wanted, signalOfCall)),
    settle: (batch, proposed, signalOfCall) => call(() => budget.settle(batch, proposed, signalOfCall)),
  };
}

function faultyStore(store: MemoryCounterStore, invocation: Invocation, plan: FaultPlan): CounterStore {
  const call = callBy(invocation, plan);
  return {
    hasStarted: (batch) => call(() => store.hasStarted(batch)),
    begin: (batch) => call(() => store.begin(batch)),
    complete: (batch) => call(() => store.complete(batch)).catch(() => {}),
    add: (delta, batch) => call(() => store.add(delta, batch)),
    claim: (pk, record, replaces, observed) =>
      call(() => {
        if (record.deferred) invocation.deferred.add(record.rule);
        return store.claim(pk, record, replaces, observed);
      }),
    recordSuppression: (pk, record, token) => call(() => store.recordSuppression(pk, record, token)),
    read: (pk) => call(() => store.read(pk)),
    readAll: (pks) => call(() => store.readAll(pks)),
    async markSent(pk, record) {
      await call(() => store.markSent(pk, record));
      invocation.marked.add(record.id);
    },
  };
}

function faultyPublisher(topic: Delivered[], invocation: Invocation, plan: FaultPlan): AlertPublisher {
  const publish = async (alerts: readonly Alert[]) => {
    for (const alert of alerts) {
      const message = deliveredOf(alert);
      topic.push(message);
      invocation.messages.set(alert.id, message.rule);
      for (const { id } of alertsIn(message)) invocation.published.add(id);
    }
    return { published: new Set(alerts), problems: ['the topic took a part of the messages'] };
  };
  return {
    publish: (alerts) =>
      plan.call(
        invocation,
        (part) => publish(part === 'all' ? alerts : alerts.slice(0, Math.floor(alerts.length / 2))),
        (kind) => {
          if (kind === 'answer-lost') {
            for (const { id } of alerts.map(deliveredOf).flatMap(alertsIn)) invocation.unanswered.add(id);
          }
          return { published: new Set(), problems: ['the topic did not answer'] };
        },
      ),
  };
}
