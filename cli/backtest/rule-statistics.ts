import type { CounterKey } from '../../lambda/counters/counter-key.ts';
import type { KeyScope } from '../../lambda/flow-log/scope.ts';
import { utcDay } from '../statistics/utc-day.ts';
import type { RecordedAlert } from './recording-store.ts';

/** A key with its number of alerts. */
export interface KeyAlerts {
  readonly key: Readonly<Record<string, string>>;
  /** Absent unless the setting `scope` keeps networks apart. */
  readonly scope?: KeyScope;
  readonly alerts: number;
}

/** Statistics of the alerts of one rule or variant. */
export class RuleStatistics {
  #alerts = 0;
  #escalations = 0;
  readonly #byDay = new Map<string, number>();
  readonly #byKey = new Map<string, KeyAlerts & { alerts: number }>();

  add({ record, key, isEscalation }: RecordedAlert): void {
    this.#alerts += 1;
    if (isEscalation) this.#escalations += 1;
    const day = utcDay(record.to);
    this.#byDay.set(day, (this.#byDay.get(day) ?? 0) + 1);
    const known = this.#byKey.get(key.pk);
    if (known) known.alerts += 1;
    else this.#byKey.set(key.pk, { ...keyOf(key), alerts: 1 });
  }

  /** Adds the alerts of a day to those of another day. */
  moveDay(from: string, to: string): void {
    const alerts = this.#byDay.get(from);
    if (alerts === undefined || from === to) return;
    this.#byDay.delete(from);
    this.#byDay.set(to, (this.#byDay.get(to) ?? 0) + alerts);
  }

  get alerts(): number {
    return this.#alerts;
  }

  /** Number of alerts that only escalate a live alert. */
  get escalations(): number {
    return this.#escalations;
  }

  /** Number of keys with alerts. */
  get keys(): number {
    return this.#byKey.size;
  }

  /** Number of alerts on the day with the most. */
  get mostADay(): number {
    return Math.max(0, ...this.#byDay.values());
  }

  /** Number of alerts by day, such as `2026-11-24`, in order; days without alerts are left out. */
  get days(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byDay].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Returns the keys with the most alerts, in that order. */
  top(count: number): KeyAlerts[] {
    const all = [...this.#byKey].sort(([a, one], [b, other]) => other.alerts - one.alerts || (a < b ? -1 : 1));
    return all.slice(0, count).map(([, one]) => one);
  }

  /** Returns the keys without an alert in the other statistics, in the order of their names. */
  keysWithout(other: RuleStatistics): KeyAlerts[] {
    const own = [...this.#byKey].filter(([pk]) => !other.#byKey.has(pk));
    return own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }
}

function keyOf({ fields, scope }: CounterKey): Omit<KeyAlerts, 'alerts'> {
  return { key: Object.fromEntries(fields), ...(scope && { scope }) };
}
