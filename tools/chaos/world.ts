import type { Alert } from '../../lambda/alert/alert.ts';
import type { CompactionOptions } from '../../lambda/count/compaction.ts';
import type { FinishingOptions } from '../../lambda/count/finished-batches.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { Handler } from '../../lambda/handler.ts';
import type { FaultPlan, Invocation } from './faults.ts';

/** A message as the topic delivered it: one alert, or a digest of many. */
export interface Delivered {
  readonly id: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
  /** Whether it is a note of an end, or a digest of these. */
  readonly ended: boolean;
  readonly digest?: { readonly keys: readonly Told[] };
}

/** One alert that a message tells of. */
export interface Told {
  readonly id: string;
  readonly key: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The store and the topic of one run, empty when it begins, with a function between them and the faults of a plan. */
export interface World {
  /** The function of one invocation: what it calls goes through the plan. */
  handler(invocation: Invocation, plan: FaultPlan): Handler;
  /** All counters, by their partition keys. */
  counters(): Promise<ReadonlyMap<string, Counter>>;
  /** Everything that the topic delivered, in order. */
  delivered(): Promise<Delivered[]>;
  /** How many alerts are to be looked at again. */
  waiting(): Promise<number>;
}

/** How many processes the invocations of a run are spread over. */
export const processes = 3;

/** What is stale is removed at once, so that a token that goes too early is missed. */
export const eagerTidying: CompactionOptions = { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true };

/** Longer than a fault lets a zombie live and then delays its last call, with the requests that are under way then. */
const tryCalls = 64;

/** The time of a run is told by the calls that were made. Processes that begin before the first of them are old by then. */
export function settlingBy(plan: FaultPlan): FinishingOptions {
  return { now: () => (plan.calls === 0 ? -tryCalls : plan.calls), attemptMilliseconds: tryCalls };
}

/** Reads what the topic delivers of an alert. */
export function deliveredOf({ body }: Pick<Alert, 'body'>): Delivered {
  return JSON.parse(body) as Delivered;
}

/** The alerts that a message tells of; a scenario has no more of them than a digest names. */
export function toldBy({ id, key, value, digest }: Delivered): readonly Told[] {
  return digest?.keys ?? [{ id, key, value }];
}
