import type { Quantity } from '../../lambda/common/quantity.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import { latestFirst, wasNotified } from '../../lambda/counters/alert-record.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { Silence } from '../../lambda/counters/silence.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** An alert that holds back further ones, or after which a silence does; times in epoch seconds. */
export interface LiveAlert {
  readonly id: string;
  readonly rule: string;
  /** Null where the rule is not among those that are known. */
  readonly level: string | null;
  readonly key: Readonly<Record<string, string>>;
  readonly value: Quantity;
  readonly valueIsLowerBound: boolean;
  readonly multiple: number;
  readonly window: { readonly from: number; readonly to: number };
  /** When the batch that it is of arrived. */
  readonly arrival: number;
  /** The first second at which it, or the silence, holds back nothing any more. */
  readonly until: number;
  /** In how many batches it held back another one, at least. */
  readonly heldBack: number;
  /** Sent; put off to a later minute; or promised and not known to be sent. */
  readonly state: 'sent' | 'deferred' | 'pending';
  /** Whether only the log tells of it: the rule was experimental. */
  readonly logOnly: boolean;
  readonly silence: Pick<Silence, 'since' | 'until' | 'reason'> | null;
}

/** The alerts of a counter that are live at a moment, in epoch seconds. */
export function liveAlerts(item: Item, counter: Counter, { rules }: LoadedRules, at: number): LiveAlert[] {
  if (counter.alertRecords.length === 0) return [];
  const key = keyOfItem(item);
  return [...Map.groupBy(counter.alertRecords, ({ rule }) => rule)].flatMap(([name, claims]) => {
    const rule = rules.get(name);
    const silence = counter.silences.get(name);
    const isSilenced = silence !== undefined && at < silence.until;
    const alerts = latestFirst(claims);
    const live = alerts.filter((claim) => at < claim.to + claim.suppressSeconds && (!rule || wasNotified(claim, rule)));
    return (live.length === 0 && isSilenced ? alerts.slice(0, 1) : live).map(
      ({
        id,
        value,
        isLowerBound,
        multiple,
        from,
        to,
        arrival,
        suppressSeconds,
        suppressedCount,
        sent,
        deferred,
        logOnly,
      }) => ({
        ...{ id, rule: name, level: rule?.level ?? null, key, value, valueIsLowerBound: isLowerBound, multiple },
        ...{ window: { from, to }, arrival },
        until: Math.max(to + suppressSeconds, isSilenced ? silence.until : 0),
        heldBack: suppressedCount,
        state: sent ? ('sent' as const) : deferred ? ('deferred' as const) : ('pending' as const),
        logOnly: logOnly,
        silence: isSilenced ? { since: silence.since, until: silence.until, reason: silence.reason } : null,
      }),
    );
  });
}

/** The latest first; of one batch in the order of their ids. */
export function latestAlertsFirst(a: LiveAlert, b: LiveAlert): number {
  if (a.arrival !== b.arrival) return b.arrival - a.arrival;
  return a.id < b.id ? -1 : 1;
}

/** The fields that a counter is kept for, as its item says them: see count/counter-item.ts. */
export function keyOfItem({ pk, src, dst, group }: Item): Record<string, string> {
  if (group && 'S' in group) return readGroup(group.S) ?? { group: pk && 'S' in pk ? pk.S : '' };
  return {
    ...(src && 'S' in src && { srcaddr: src.S }),
    ...(dst && 'S' in dst && { dstaddr: dst.S }),
  };
}

/** Undefined of what another hand has written. */
function readGroup(text: string): Record<string, string> | undefined {
  try {
    const group = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined;
  }
}
