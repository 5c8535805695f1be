import { accessOfPair, isInside, type Standing } from '../../lambda/alert/digest-order.ts';
import { type DistinctValues, distinctValuesOf } from '../../lambda/alert/distinct-values.ts';
import type { Quantity } from '../../lambda/common/quantity.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { latestFirst, wasNotified } from '../../lambda/counters/alert-record.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { scopeOfKey } from '../../lambda/counters/counter-key.ts';
import type { Silence } from '../../lambda/counters/silence.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/**
 * An alert that suppresses further alerts of its rule and key, or whose rule and key are silenced. Times are epoch
 * seconds. The keys are part of the JSON that commands print.
 */
export interface LiveAlert {
  readonly id: string;
  readonly rule: string;
  /** Null if the rule is unknown. */
  readonly level: string | null;
  readonly key: Readonly<Record<string, string>>;
  /** The account, and the VPC, of the key's flows; absent unless the setting `scope` keeps networks apart. */
  readonly scope?: KeyScope;
  readonly value: Quantity;
  readonly valueIsLowerBound: boolean;
  /** Absent unless the rule counts distinct values. */
  readonly distinct?: DistinctValues;
  readonly multiple: number;
  readonly window: { readonly from: number; readonly to: number };
  /** Arrival of the batch that caused the alert. */
  readonly arrival: number;
  /** The first second after the suppression period and the silence. */
  readonly until: number;
  /** Batches in which the alert suppressed another one; a lower bound. */
  readonly heldBack: number;
  /** Sent; deferred to a later minute; or pending, which means that a batch is about to send it, or failed. */
  readonly state: 'sent' | 'deferred' | 'pending';
  /** Whether the alert was only logged, because the rule was experimental. */
  readonly logOnly: boolean;
  readonly silence: Pick<Silence, 'since' | 'until' | 'reason'> | null;
}

/**
 * Returns the alerts of a counter that are live at a time.
 *
 * @param at in epoch seconds
 * @param maxValues number of distinct values to list of each alert (default: all)
 */
export function liveAlerts(
  item: Item,
  counter: Counter,
  { rules }: LoadedRules,
  at: number,
  maxValues: number = Number.POSITIVE_INFINITY,
): LiveAlert[] {
  if (counter.alertRecords.length === 0) return [];
  const key = keyOfItem(item);
  const scope = scopeOfItem(item);
  return [...Map.groupBy(counter.alertRecords, ({ rule }) => rule)].flatMap(([name, records]) => {
    const rule = rules.get(name);
    const silence = counter.silences.get(name);
    const isSilenced = silence !== undefined && at < silence.until;
    const sorted = latestFirst(records);
    const live = sorted.filter((record) => {
      return at < record.to + record.suppressSeconds && (!rule || wasNotified(record, rule));
    });
    return (live.length === 0 && isSilenced ? sorted.slice(0, 1) : live).map((record) => {
      const { id, value, isLowerBound, multiple, from, to, arrival, suppressSeconds, sent, deferred } = record;
      const distinct = rule && distinctValuesOf(rule, record, counter, maxValues);
      return {
        ...{ id, rule: name, level: rule?.level ?? null, key, ...(scope && { scope }) },
        ...{ value, valueIsLowerBound: isLowerBound },
        ...(distinct && { distinct }),
        ...{ multiple, window: { from, to }, arrival },
        until: Math.max(to + suppressSeconds, isSilenced ? silence.until : 0),
        heldBack: record.suppressedCount,
        state: sent ? ('sent' as const) : deferred ? ('deferred' as const) : ('pending' as const),
        logOnly: record.logOnly,
        silence: isSilenced ? { since: silence.since, until: silence.until, reason: silence.reason } : null,
      };
    });
  });
}

/** Compares two alerts: the latest first; alerts of one batch by id. */
export function latestAlertsFirst(a: LiveAlert, b: LiveAlert): number {
  if (a.arrival !== b.arrival) return b.arrival - a.arrival;
  return a.id < b.id ? -1 : 1;
}

/** A live alert, with what decides its place among the live alerts of its rule. */
export interface RankedAlert {
  readonly alert: LiveAlert;
  readonly standing: Standing;
}

/**
 * Ranks a live alert like a digest does. The table stores no evidence, so accepted traffic is known of pairs only.
 */
export function rankAlert(
  alert: LiveAlert,
  pk: string,
  { bytes }: Counter,
  { insideNetworks }: LoadedRules,
): RankedAlert {
  const { multiple, value, id, key } = alert;
  const source = { access: accessOfPair(pk, bytes), isInside: isInside(key.srcaddr, insideNetworks) };
  return { alert, standing: { ...source, multiple, value, pk, id } };
}

/** Returns the fields and values of a counter's key, from its item: see count/counter-item.ts. */
export function keyOfItem({ pk, src, dst, group }: Item): Record<string, string> {
  if (group && 'S' in group) return readGroup(group.S) ?? { group: pk && 'S' in pk ? pk.S : '' };
  return {
    ...(src && 'S' in src && { srcaddr: src.S }),
    ...(dst && 'S' in dst && { dstaddr: dst.S }),
  };
}

/** Returns the scope of a counter's key, from its item; undefined without one. */
export function scopeOfItem({ pk }: Item): KeyScope | undefined {
  return pk && 'S' in pk ? scopeOfKey(pk.S) : undefined;
}

/** Parses the key of a group; undefined if another program has written it. */
function readGroup(text: string): Record<string, string> | undefined {
  try {
    const group = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined;
  }
}
