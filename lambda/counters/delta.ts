import type { Quantity } from '../common/quantity.ts';
import type { ContextEvent } from '../context/context-event.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import type { Rule } from '../rules/model.ts';
import type { Counter } from './counter.ts';
import type { CounterKey } from './counter-key.ts';

/** An amount, or distinct values, that a batch adds to one slot of one series. */
export type Addition = { readonly series: string; readonly slot: number } & (
  | { readonly amount: Quantity }
  | { readonly values: readonly string[]; readonly cap: number }
);

/** One update of a counter: the totals and the slots that a batch adds. */
export interface KeyDelta {
  readonly key: CounterKey;
  /** Index among the batch's updates of the same counter; 0 unless one update cannot hold all additions. */
  readonly part: number;
  /** The bytes and rejects of a pair; undefined for any other group. */
  readonly totals: { readonly bytes: Quantity; readonly rejects: number } | undefined;
  /** The earliest start and the latest end of the flows, in epoch seconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** In order of time. */
  readonly additions: readonly Addition[];
  /** By series id. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** The events that the delta counts, by series id. Default: none, since the delta counts flows. */
  readonly events?: ReadonlyMap<string, readonly ContextEvent[]>;
  /** Number of light pairs that an overflow pair counts together (see aggregate/overflow.ts); 0 for any other counter. */
  readonly overflowPairs: number;
}

/** A delta and the counter after the update. */
export interface CountedDelta {
  readonly delta: KeyDelta;
  readonly counter: Counter;
}

/** The maximum length of a key's value in an alert: a message may have 256 KiB (SNS, "Quotas"). */
export const maxKeyValueLength = 256;

/** Returns the group-by fields and their values in the rule's order, each value truncated to 256 characters. */
export function keyOf(rule: Rule, delta: KeyDelta): Record<string, string> {
  return Object.fromEntries(
    rule.groupBy.map((name) => [name, delta.key.fields.get(name)!.slice(0, maxKeyValueLength)]),
  );
}
