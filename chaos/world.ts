import type { Alert } from '../lambda/core/alert.ts';
import type { Counter } from '../lambda/core/counter.ts';
import type { Handler } from '../lambda/handler.ts';
import type { FaultPlan, Invocation } from './faults.ts';

/** An alert as the topic delivered it. */
export interface Delivered {
  readonly id: string;
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly multiple: number;
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
}

/** Reads what the topic delivers of an alert. */
export function deliveredOf({ body }: Pick<Alert, 'body'>): Delivered {
  return JSON.parse(body) as Delivered;
}
