import { delegatingStore } from '../../emulators/delegating-store.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import { MemoryJournal } from '../../emulators/memory-journal.ts';
import { MemoryRefusedPairBudget } from '../../emulators/memory-refused-pair-budget.ts';
import type { ContextTable } from '../../lambda/context/context-table.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import { defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { type FlushMemory, flush } from '../../lambda/flush/flush.ts';
import type { Journal } from '../../lambda/journal/journal.ts';
import { transform } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import { faultyAlertState, faultyBudget, faultyJournal, faultyPublisher, faultyStore } from './faulty-ports.ts';
import { balanceViolations } from './journal-balance.ts';
import type { WayToCount } from './journal-schedule.ts';
import { memoryContext } from './memory-context.ts';
import { chaosRules, laterChaosRules } from './rules.ts';
import {
  type Delivered,
  eagerCompaction,
  everySeconds,
  finishingBy,
  leaseSeconds,
  processes,
  type World,
  type WorldLimits,
} from './world.ts';

const formats = [parseFormat(defaultFormat) as Format];

const signal = new AbortController().signal;

/** The lanes of each way to count: so few that keys share a lane. */
const lanesOf: Readonly<Record<WayToCount, number>> = { direct: 0, 'few lanes': 1, 'many lanes': 2 };

/** The part of a flush's life in which it may start to count a chunk, in seconds. */
const lastStartSeconds = 150;
/** The same in calls, of a flush that does not come to an end while the clock stands still. */
const lastStartCalls = 1000;

/** What a planted fault may know of an invocation. */
export interface MutationContext {
  /** Epoch seconds by the true time. */
  readonly now: () => number;
  readonly rules: LoadedRules;
}

/** A fault that a test plants into the ports or the options of a world. */
export interface Mutation {
  readonly journal?: (journal: MemoryJournal, context: MutationContext) => Partial<Journal>;
  /** @param isFlush whether the store is that of a flush process */
  readonly counters?: (store: CounterStore, isFlush: boolean, journal: MemoryJournal) => Partial<CounterStore>;
  /** Replaces the random names of attempts to freeze. */
  readonly newAttempt?: () => string;
  /** Replaces methods of the context table. */
  readonly contextTable?: (table: ContextTable) => Partial<ContextTable>;
  readonly retention?: Parameters<MemoryJournal['expire']>[1];
}

/** A process that flushes. */
interface FlushProcess {
  readonly holder: string;
  readonly store: MemoryCounterStore;
  readonly knownSlots: KnownSlots;
  /** By the lanes that the process flushes. */
  readonly memories: Map<string, FlushMemory>;
  last: Invocation | undefined;
}

/** Creates a world with a store, a journal and a topic in memory, behind the ports of the functions. */
export function memoryWorld(
  { messages, queueCapacity, refusedPairsPerMinute, journal: schedule, context: events }: WorldLimits,
  mutation: Mutation = {},
): World {
  const stores: MemoryCounterStore[] = [];
  const storeOf = (number: number, plan: FaultPlan) => {
    const maintenance = {
      finishing: finishingBy(plan, (schedule ?? events) !== undefined),
      compaction: eagerCompaction,
    };
    stores[0] ??= new MemoryCounterStore(chaosRules.series, maintenance);
    while (stores.length < processes) stores.push(stores[0].newProcess());
    return stores[number]!;
  };
  const knownSlots = Array.from({ length: processes }, () => new KnownSlots(chaosRules.series));
  let invocations = 0;
  const alertState = new MemoryAlertStateStore(queueCapacity);
  const budget = new MemoryRefusedPairBudget(refusedPairsPerMinute);
  const journal = new MemoryJournal();
  const context = events && memoryContext(events, mutation.contextTable);
  const topic: Delivered[] = [];
  const completed = new Set<string>();
  const flushing: (FlushProcess | undefined)[] = [];
  let names = 0;
  const newName = () => {
    names += 1;
    return `n${names}`;
  };

  const mutatedStore = (store: CounterStore, isFlush: boolean): CounterStore =>
    mutation.counters ? delegatingStore(store, mutation.counters(store, isFlush, journal)) : store;
  const portsOf = (store: CounterStore, isFlush: boolean, invocation: Invocation, plan: FaultPlan) => ({
    counters: faultyStore(mutatedStore(store, isFlush), invocation, plan, (token) => completed.add(token)),
    alertState: faultyAlertState(alertState, invocation, plan),
    alerts: faultyPublisher(topic, invocation, plan),
    ...(context && { contextLookups: context.lookups(invocation, plan) }),
    log: { report() {}, alert() {} },
    deadline: signal,
    closing: signal,
  });
  const mutatedJournal = (plan: FaultPlan): Journal => {
    if (!mutation.journal) return journal;
    const context = { now: () => plan.clock.now(), rules: rulesAt(plan) };
    return { ...delegatedJournal(journal), ...mutation.journal(journal, context) };
  };
  const journalOf = (invocation: Invocation, plan: FaultPlan): Journal =>
    faultyJournal(mutatedJournal(plan), invocation, plan);
  const isLater = (plan: FaultPlan) => schedule !== undefined && plan.calls >= schedule.deploy.call;
  const rulesAt = (plan: FaultPlan) => (isLater(plan) ? laterChaosRules : chaosRules);
  const waysOf = (later: boolean) => (later ? schedule?.deploy : schedule)?.ways ?? [];
  const skewOf = (number: number) => schedule?.skews[number] ?? 0;

  return {
    handler(invocation, plan) {
      const number = invocations % processes;
      invocations += 1;
      const ports = {
        ...portsOf(storeOf(number, plan), false, invocation, plan),
        knownSlots: knownSlots[number]!,
        refusedPairs: faultyBudget(budget, invocation, plan),
        ...(schedule && {
          journal: {
            journal: journalOf(invocation, plan),
            lanes: lanesOf[waysOf(isLater(plan))[number]!],
            // The interfaces of a page's flows are what events find their alerts by.
            isNotable: () => events !== undefined,
            now: () => plan.clock.now(skewOf(number)),
          },
        }),
      };
      const settings = { formats, rules: rulesAt(plan), messages };
      return (event) => transform(event, settings, ports);
    },
    async flush({ process: number, index, processes: count, isForced }, invocation, plan) {
      const known = flushing[number];
      const isUsable = known?.last && !known.last.isDead && !known.last.isAbandoned && known.last.hasEnded;
      const process: FlushProcess = isUsable
        ? known
        : {
            holder: newName(),
            store: storeOf(0, plan).newProcess(),
            knownSlots: new KnownSlots(chaosRules.series),
            memories: new Map(),
            last: undefined,
          };
      flushing[number] = process;
      process.last = invocation;
      const task = `${index} of ${count}`;
      const memory = process.memories.get(task) ?? (new Map() as FlushMemory);
      process.memories.set(task, memory);
      const { clock } = plan;
      const now = () => clock.now(skewOf(processes + number));
      const leaseEnd = now() + leaseSeconds;
      const settings = {
        rules: rulesAt(plan),
        messages,
        origin: { account: undefined, region: undefined },
        everySeconds,
        lanes: Math.max(0, ...waysOf(isLater(plan)).map((way) => lanesOf[way])),
      };
      const firstCall = plan.calls;
      const lastStart = {
        get aborted() {
          return clock.now() - invocation.startedAt > lastStartSeconds || plan.calls - firstCall > lastStartCalls;
        },
      } as AbortSignal;
      return flush({ index, processes: count, isForced }, settings, memory, {
        ...portsOf(process.store, true, invocation, plan),
        knownSlots: process.knownSlots,
        journal: journalOf(invocation, plan),
        holder: process.holder,
        now,
        leaseUntil: () => leaseEnd,
        newAttempt: mutation.newAttempt ?? newName,
        lastStart,
        ...(schedule && { limits: schedule.limits }),
      });
    },
    ...(context && {
      context: (event: unknown, firstLook: number | undefined, invocation: Invocation, plan: FaultPlan) =>
        context.handle(event, firstLook, messages.perMinute, portsOf(storeOf(0, plan), false, invocation, plan), [
          invocation,
          plan,
        ]),
      contextTable: () => context.state,
    }),
    expire: (now) => journal.expire(now, mutation.retention),
    balance: (acknowledged, others) =>
      balanceViolations(acknowledged, others, stores[0]?.counters ?? new Map(), journal, completed),
    counters: async () => stores[0]?.counters ?? new Map(),
    delivered: async () => topic,
    pendingReEvaluations: async () => alertState.pendingCount,
  };
}

/** Returns the methods of a journal as properties, so that some can be replaced. */
function delegatedJournal(journal: MemoryJournal): Journal {
  return {
    seed: journal.seed,
    register: journal.register.bind(journal),
    laneSets: journal.laneSets.bind(journal),
    putPage: journal.putPage.bind(journal),
    pages: journal.pages.bind(journal),
    lease: journal.lease.bind(journal),
    release: journal.release.bind(journal),
    state: journal.state.bind(journal),
    putTaken: journal.putTaken.bind(journal),
    putChunk: journal.putChunk.bind(journal),
    freeze: journal.freeze.bind(journal),
    advance: journal.advance.bind(journal),
    taken: journal.taken.bind(journal),
    recordRefusal: journal.recordRefusal.bind(journal),
    chunk: journal.chunk.bind(journal),
  };
}
