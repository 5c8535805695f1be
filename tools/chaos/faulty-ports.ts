import type { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import type { Alert } from '../../lambda/alert/alert.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { AlertStateStore } from '../../lambda/alert/alert-state-store.ts';
import { FlowError } from '../../lambda/common/errors.ts';
import type { ContextItem, ContextTable } from '../../lambda/context/context-table.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import type { RefusedPairBudget } from '../../lambda/count/refused-pair-budget.ts';
import type { Journal, Page } from '../../lambda/journal/journal.ts';
import type { FaultPlan, Invocation, Round } from './faults.ts';
import { levelOf } from './oracle.ts';
import { alertsIn, type Delivered, deliveredOf } from './world.ts';

/** Returns a function that makes the calls of an invocation, with the faults of a plan. */
function callBy(invocation: Invocation, plan: FaultPlan) {
  return <T>(carryOut: () => Promise<T>) =>
    plan.call(invocation, carryOut, () => {
      throw new FlowError('COUNT_FAILED', 'the store did not answer');
    });
}

export function faultyAlertState(
  alertState: MemoryAlertStateStore,
  invocation: Invocation,
  plan: FaultPlan,
): AlertStateStore {
  const call = callBy(invocation, plan);
  return {
    observedSince: (name, arrival) => call(() => alertState.observedSince(name, arrival)),
    reserveMessages: (minute, wanted, perMinute) => {
      const round = invocation.roundOf(minute);
      return call(() => {
        round.want(wanted);
        return alertState.reserveMessages(minute, wanted, perMinute);
      });
    },
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

export function faultyBudget(budget: RefusedPairBudget, invocation: Invocation, plan: FaultPlan): RefusedPairBudget {
  const call = callBy(invocation, plan);
  return {
    perMinute: budget.perMinute,
    reserve: (batch, wanted, signalOfCall) => call(() => budget.reserve(batch, wanted, signalOfCall)),
    settle: (batch, proposed, signalOfCall) => call(() => budget.settle(batch, proposed, signalOfCall)),
  };
}

/** @param onComplete receives the dedup token of each batch that is recorded as completely counted */
export function faultyStore(
  store: CounterStore,
  invocation: Invocation,
  plan: FaultPlan,
  onComplete: (dedupToken: string) => void,
): CounterStore {
  const call = callBy(invocation, plan);
  return {
    hasStarted: (batch, signal) => call(() => store.hasStarted(batch, signal)),
    begin: (batch, signal, wanted) => call(() => store.begin(batch, signal, wanted)),
    complete: (batch, signal) =>
      call(() => {
        onComplete(batch.dedupToken);
        return store.complete(batch, signal);
      }).catch(() => {}),
    add: (delta, batch, signal) => call(() => store.add(delta, batch, signal)),
    claim: (pk, record, replaces, observed, signal) => {
      const { round } = invocation;
      return call(() => {
        if (record.deferred) round.deferred.add(record.rule);
        return store.claim(pk, record, replaces, observed, signal);
      });
    },
    recordSuppression: (pk, record, token, signal) => call(() => store.recordSuppression(pk, record, token, signal)),
    read: (pk, signal) => call(() => store.read(pk, signal)),
    readAll: (pks, signal, consistency) => call(() => store.readAll(pks, signal, consistency)),
    async markSent(pk, record, signal) {
      await call(() => store.markSent(pk, record, signal));
      invocation.marked.add(record.id);
    },
  };
}

export function faultyPublisher(topic: Delivered[], invocation: Invocation, plan: FaultPlan): AlertPublisher {
  const publish = async (alerts: readonly Alert[], all: readonly Alert[], round: Round) => {
    for (const alert of alerts) {
      const message = deliveredOf(alert);
      topic.push(message);
      round.messages.set(alert.id, message.level);
      for (const { id } of alertsIn(message)) invocation.published.add(id);
    }
    if (alerts.length < all.length) invocation.hasTopicFailed = true;
    return { published: new Set(alerts), problems: ['the topic took a part of the messages'] };
  };
  return {
    publish: (alerts) => {
      const { round } = invocation;
      round.hasSent = true;
      return plan.call(
        invocation,
        (part) => publish(part === 'all' ? alerts : alerts.slice(0, Math.floor(alerts.length / 2)), alerts, round),
        (kind) => {
          invocation.hasTopicFailed = true;
          if (kind === 'answer-lost') {
            for (const { id } of alerts.map(deliveredOf).flatMap(alertsIn)) invocation.unanswered.add(id);
          }
          return { published: new Set(), problems: ['the topic did not answer'] };
        },
      );
    },
  };
}

/**
 * Makes the calls of the context table; queries, which change nothing, are no calls of the plan.
 *
 * @param isRefused whether the table refuses all requests now
 * @param onPut receives items that are put, and the number of calls so far
 */
export function faultyContextTable(
  table: ContextTable,
  invocation: Invocation,
  plan: FaultPlan,
  isRefused: () => boolean = () => false,
  onPut: (items: readonly ContextItem[], calls: number) => void = () => {},
): ContextTable {
  const answer = callBy(invocation, plan);
  const refuse = () => {
    if (isRefused()) throw new FlowError('COUNT_FAILED', 'the context table refuses the request');
  };
  const call = async <T>(carryOut: () => Promise<T>): Promise<T> => {
    refuse();
    return answer(carryOut);
  };
  return {
    put: (items, signal) =>
      call(async () => {
        await table.put(items, signal);
        onPut(items, plan.calls);
      }),
    putIf: (...args) => call(() => table.putIf(...args)),
    get: (...args) => call(() => table.get(...args)),
    async query(...args) {
      refuse();
      return table.query(...args);
    },
  };
}

export function faultyJournal(journal: Journal, invocation: Invocation, plan: FaultPlan): Journal {
  const call = callBy(invocation, plan);
  return {
    seed: journal.seed,
    register: (...args) => call(() => journal.register(...args)),
    laneSets: (...args) => call(() => journal.laneSets(...args)),
    putPage: (...args) => call(() => journal.putPage(...args)),
    async *pages(...args) {
      yield* await call(() => allOf(journal.pages(...args)));
    },
    lease: (...args) => call(() => journal.lease(...args)),
    release: (...args) => call(() => journal.release(...args)),
    state: (...args) => call(() => journal.state(...args)),
    putTaken: (...args) => call(() => journal.putTaken(...args)),
    putChunk: (...args) => call(() => journal.putChunk(...args)),
    freeze: (...args) => call(() => journal.freeze(...args)),
    advance: (...args) => call(() => journal.advance(...args)),
    taken: (...args) => call(() => journal.taken(...args)),
    recordRefusal: (...args) => call(() => journal.recordRefusal(...args)),
    chunk: (...args) => call(() => journal.chunk(...args)),
  };
}

async function allOf(pages: AsyncIterable<Page>): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
