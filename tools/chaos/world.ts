import type { Alert } from '../../lambda/alert/alert.ts';
import { defaultMaintenance } from '../../lambda/aws/dynamo-counter-store.ts';
import type { ContextItem } from '../../lambda/context/context-table.ts';
import type { CompactionOptions } from '../../lambda/count/compaction.ts';
import type { FinishingOptions } from '../../lambda/count/finished-batches.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { FlushResult } from '../../lambda/flush/flush-run.ts';
import type { Handler } from '../../lambda/handler.ts';
import type { Level } from '../../lambda/rules/level.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import type { Totals } from './journal-balance.ts';
import type { FlushStart } from './journal-schedule.ts';
import type { Scenario } from './scenario.ts';

/** A message as the topic delivered it: one alert, or a digest of several. */
export interface Delivered {
  readonly id: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
  readonly level: Level;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly finding_info: { readonly uid: string };
  /** What was read of the context of an alert; undefined without a table of context events. */
  readonly around?: { readonly read: boolean; readonly notes: readonly Told[]; readonly raised?: unknown };
  /** Of an update, its number and the alert's id. */
  readonly update?: { readonly number: number; readonly alert: string };
  /** True for a resolution notice, or a digest of resolution notices. */
  readonly ended: boolean;
  readonly digest?: { readonly keys: readonly AlertSummary[] };
}

/** An event that a message tells, with the level of a finding. */
export interface Told {
  readonly id: string;
  readonly level?: Level;
}

/** One alert of a message. */
export interface AlertSummary {
  readonly id: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The limits of a scenario that are settings of the function. */
export type WorldLimits = Pick<
  Scenario,
  'messages' | 'refusedPairsPerMinute' | 'queueCapacity' | 'journal' | 'context'
>;

/** The function, the store and the topic of one run; the store and the topic are empty at first. */
export interface World {
  /** Returns the handler of one invocation; the plan applies faults to its calls. */
  handler(invocation: Invocation, plan: FaultPlan): Handler;
  /** Flushes lanes in an invocation of the flush function. Returns undefined if the journal was never used. */
  flush(start: Omit<FlushStart, 'call'>, invocation: Invocation, plan: FaultPlan): Promise<FlushSummary | undefined>;
  /**
   * Handles a context event in an invocation of the function that stores it; undefined in a world without that function.
   *
   * @param event as EventBridge delivers it
   * @param firstLook when the event was looked at first, in epoch seconds; undefined at the first look
   * @returns after how many seconds to look at the event again; undefined if it is done
   */
  context?(
    event: unknown,
    firstLook: number | undefined,
    invocation: Invocation,
    plan: FaultPlan,
  ): Promise<number | undefined>;
  /** What the context table has after a run. */
  contextTable?(): ContextTableState;
  /** Deletes what has expired, in a world whose tables know the simulated time. */
  expire?(now: number): void;
  /** Compares counters and journal with the batches: see journal-balance.ts. */
  balance?(acknowledged: Totals, others: Totals): string[];
  /** Returns all counters by their partition keys. */
  counters(): Promise<ReadonlyMap<string, Counter>>;
  /** Returns all messages that the topic delivered, in order. */
  delivered(): Promise<Delivered[]>;
  /** Returns the number of alerts with a scheduled re-evaluation. */
  pendingReEvaluations(): Promise<number>;
}

/** What a context table has, and in which order it came there. */
export interface ContextTableState {
  readonly items: readonly ContextItem[];
  /** The number of calls of the run after which an alert could be found by the interface, by the id of its message. */
  readonly foundFrom: ReadonlyMap<string, number>;
}

/** What the results of both worlds' flushes have. */
export type FlushSummary = Pick<FlushResult, 'pages' | 'problems' | 'lanesHeldElsewhere'>;

/** The number of processes that share the invocations of a run. */
export const processes = 3;

/** The number of processes that flush while batches arrive. One more flushes in the end, with the true time. */
export const flushProcesses = 2;

/** The lease of a lane, and the time between two flushes, in seconds. */
export const leaseSeconds = 360;
export const everySeconds = 900;

/** Compacts at once, so that a run notices a token that is removed too early. */
export const eagerCompaction: CompactionOptions = { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true };

/** More calls than a zombie can make, plus the delay of its last call and the requests in flight. */
const attemptCalls = 64;

/** Returns the clock that tells when a batch is finished: the number of calls, or the simulated clock. */
export function finishingBy(plan: FaultPlan, isTimed: boolean): FinishingOptions {
  if (isTimed) return { ...defaultMaintenance.finishing, now: () => plan.clock.now() * 1000 };
  return { now: () => plan.calls, attemptMilliseconds: attemptCalls };
}

/** Parses the body of an alert. */
export function deliveredOf({ body }: Pick<Alert, 'body'>): Delivered {
  return JSON.parse(body) as Delivered;
}

/** Returns the alerts of a message: a scenario never has more alerts than a digest names. */
export function alertsIn({ id, key, value, digest }: Delivered): readonly AlertSummary[] {
  return digest?.keys ?? [{ id, key, value }];
}
