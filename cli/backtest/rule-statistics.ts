import type { RecordedAlert } from './recording-store.ts';

/** Statistics of the alerts of one rule or variant. */
export class RuleStatistics {
  #alerts = 0;
  #escalations = 0;
  readonly #byDay = new Map<string, number>();
  readonly #byKey = new Map<string, { readonly key: Readonly<Record<string, string>>; alerts: number }>();

  add({ record, key, isEscalation }: RecordedAlert): void {
    this.#alerts += 1;
    if (isEscalation) this.#escalations += 1;
    // People would have received the alert when its batch arrived.
    const day = dayOf(record.arrival || record.to);
    this.#byDay.set(day, (this.#byDay.get(day) ?? 0) + 1);
    const known = this.#byKey.get(key.pk);
    if (known) known.alerts += 1;
    else this.#byKey.set(key.pk, { key: Object.fromEntries(key.fields), alerts: 1 });
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
  top(count: number): { readonly key: Readonly<Record<string, string>>; readonly alerts: number }[] {
    const all = [...this.#byKey].sort(([a, one], [b, other]) => other.alerts - one.alerts || (a < b ? -1 : 1));
    return all.slice(0, count).map(([, one]) => one);
  }

  /** Returns the keys without an alert in the other statistics, in the order of their names. */
  keysWithout(other: RuleStatistics): { readonly key: Readonly<Record<string, string>>; readonly alerts: number }[] {
    const own = [...this.#byKey].filter(([pk]) => !other.#byKey.has(pk));
    return own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }
}

/** Returns the UTC day of epoch seconds; times after the year 9999 give its last day. */
export function dayOf(seconds: number): string {
  return new Date(Math.max(0, Math.min(seconds, maxSeconds)) * 1000).toISOString().slice(0, 10);
}

/** Last second of the year 9999. */
const maxSeconds = 253_402_300_799;

/** Returns the number of UTC days that a period touches; times are epoch seconds. */
export function dayCount({ from, to }: { readonly from: number; readonly to: number }): number {
  return Math.floor(to / 86_400) - Math.floor(from / 86_400) + 1;
}
