import type { FollowUp } from '../lambda/core/follow-up.ts';
import type { AlertLedger } from '../lambda/ports.ts';

/** What invocations know together of alerts, in memory. */
export class MemoryAlertLedger implements AlertLedger {
  #observedSince: number | undefined;
  readonly #taken = new Map<number, number>();
  readonly #followUps = new Map<string, FollowUp>();
  #minute = Number.NEGATIVE_INFINITY;

  async observedSince(arrival: number): Promise<number> {
    this.#observedSince ??= arrival;
    return this.#observedSince;
  }

  async takeMessages(minute: number, wanted: number, most: number): Promise<number> {
    const taken = this.#taken.get(minute) ?? 0;
    this.#taken.set(minute, taken + wanted);
    return Math.max(0, Math.min(wanted, most - taken));
  }

  async followUps(minute: number): Promise<FollowUp[]> {
    if (minute <= this.#minute) return [];
    this.#minute = minute;
    return [...this.#followUps.values()];
  }

  async follow(followUps: readonly FollowUp[]): Promise<void> {
    for (const one of followUps) this.#followUps.set(nameOf(one), one);
  }

  async unfollow(followUps: readonly FollowUp[]): Promise<void> {
    for (const one of followUps) this.#followUps.delete(nameOf(one));
  }
}

function nameOf({ rule, key }: FollowUp): string {
  return `${rule} ${key.pk}`;
}
