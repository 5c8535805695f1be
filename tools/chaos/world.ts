import type { Alert } from '../../lambda/alert/alert.ts';
import type { CompactionOptions } from '../../lambda/count/compaction.ts';
import type { FinishingOptions } from '../../lambda/count/finished-batches.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { Handler } from '../../lambda/handler.ts';
import type { FaultPlan, Invocation } from './faults.ts';
import type { Scenario } from './scenario.ts';

/** A message as the topic delivered it: one alert, or a digest of several. */
export interface Delivered {
  readonly id: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
  /** True for a resolution notice, or a digest of resolution notices. */
  readonly ended: boolean;
  readonly digest?: { readonly keys: readonly AlertSummary[] };
}

/** One alert of a message. */
export interface AlertSummary {
  readonly id: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The limits of a scenario that are settings of the function. */
export type WorldLimits = Pick<Scenario, 'messages' | 'refusedPairsPerMinute' | 'queueCapacity'>;

/** The function, the store and the topic of one run; the store and the topic are empty at first. */
export interface World {
  /** Returns the handler of one invocation; the plan applies faults to its calls. */
  handler(invocation: Invocation, plan: FaultPlan): Handler;
  /** Returns all counters by their partition keys. */
  counters(): Promise<ReadonlyMap<string, Counter>>;
  /** Returns all messages that the topic delivered, in order. */
  delivered(): Promise<Delivered[]>;
  /** Returns the number of alerts with a scheduled re-evaluation. */
  pendingReEvaluations(): Promise<number>;
}

/** The number of processes that share the invocations of a run. */
export const processes = 3;

/** Compacts at once, so that a run notices a token that is removed too early. */
export const eagerCompaction: CompactionOptions = { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true };

/** More calls than a zombie can make, plus the delay of its last call and the requests in flight. */
const attemptCalls = 64;

/** Uses the number of calls as the clock. */
export function finishingBy(plan: FaultPlan): FinishingOptions {
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
