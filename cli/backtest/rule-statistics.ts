import type { RecordedAlert } from './recording-store.ts';

/** What the alerts of one rule, or of a variant of it, came to. */
export class RuleStatistics {
  #alerts = 0;
  #escalations = 0;
  readonly #byDay = new Map<string, number>();
  readonly #byKey = new Map<string, { readonly key: Readonly<Record<string, string>>; alerts: number }>();

  add({ record, key, isEscalation }: RecordedAlert): void {
    this.#alerts += 1;
    if (isEscalation) this.#escalations += 1;
    // When the batch came is when people would have got it.
    const day = dayOf(record.arrival || record.to);
    this.#byDay.set(day, (this.#byDay.get(day) ?? 0) + 1);
    const known = this.#byKey.get(key.pk);
    if (known) known.alerts += 1;
    else this.#byKey.set(key.pk, { key: Object.fromEntries(key.fields), alerts: 1 });
  }

  get alerts(): number {
    return this.#alerts;
  }

  /** Of the alerts, those that only said that one had got worse. */
  get escalations(): number {
    return this.#escalations;
  }

  /** How many keys there were alerts for. */
  get keys(): number {
    return this.#byKey.size;
  }

  /** On the day with the most. */
  get mostADay(): number {
    return Math.max(0, ...this.#byDay.values());
  }

  /** The days with an alert, such as `2026-11-24`, in order, and how many there were. */
  get days(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byDay].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The keys with the most alerts, those first. */
  top(count: number): { readonly key: Readonly<Record<string, string>>; readonly alerts: number }[] {
    const all = [...this.#byKey].sort(([a, one], [b, other]) => other.alerts - one.alerts || (a < b ? -1 : 1));
    return all.slice(0, count).map(([, one]) => one);
  }

  /** The keys that the other has no alert for, in the order of their names. */
  keysWithout(other: RuleStatistics): { readonly key: Readonly<Record<string, string>>; readonly alerts: number }[] {
    const own = [...this.#byKey].filter(([pk]) => !other.#byKey.has(pk));
    return own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }
}

/** The day in UTC, of seconds since the epoch. */
export function dayOf(seconds: number): string {
  return new Date(Math.max(0, Math.min(seconds, latest)) * 1000).toISOString().slice(0, 10);
}

/** The last second of the year 9999. */
const latest = 253_402_300_799;

/** How many days in UTC there are from one time to another, in epoch seconds. */
export function dayCount({ from, to }: { readonly from: number; readonly to: number }): number {
  return Math.floor(to / 86_400) - Math.floor(from / 86_400) + 1;
}
