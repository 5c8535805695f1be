import type { Quantity } from '../common/quantity.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import type { Rule } from '../rules/model.ts';
import type { Counter } from './counter.ts';
import type { CounterKey } from './counter-key.ts';

/** What a batch adds to one slot of one series: an amount, or distinct values. */
export type Addition = { readonly series: string; readonly slot: number } & (
  | { readonly amount: Quantity }
  | { readonly values: readonly string[]; readonly cap: number }
);

/** What a batch adds to one counter: one update of the store. */
export interface KeyDelta {
  readonly key: CounterKey;
  /** Which of the updates to the same counter this is; all but very long batches have one, number 0. */
  readonly part: number;
  /** The bytes and rejects of a pair; undefined for any other group. */
  readonly totals: { readonly bytes: Quantity; readonly rejects: number } | undefined;
  /** When the flows started and ended, in epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** In order of time. */
  readonly additions: readonly Addition[];
  /** By the id of the series. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** How many pairs of the batch are counted together here: see aggregate/overflow.ts. Zero for what is counted by itself. */
  readonly overflowPairs: number;
}

/** A delta and the counter as it is after it. */
export interface CountedDelta {
  readonly delta: KeyDelta;
  readonly counter: Counter;
}

/** A message may have 256 KiB (SNS, "Quotas"), so no value of a key may be long. */
export const maxKeyValueLength = 256;

/** The group-by fields and their values, in the rule's own order, each value cut after 256 characters. */
export function keyOf(rule: Rule, delta: KeyDelta): Record<string, string> {
  return Object.fromEntries(
    rule.groupBy.map((name) => [name, delta.key.fields.get(name)!.slice(0, maxKeyValueLength)]),
  );
}
