import { leftOf, type RefusedPairBudget } from '../lambda/count/refused-pair-budget.ts';
import { type Batch, minuteOf } from '../lambda/counters/batch.ts';

/** The budget of refused pairs that all invocations share, in memory. */
export class MemoryRefusedPairBudget implements RefusedPairBudget {
  readonly perMinute: number;
  readonly #reserved = new Map<number, number>();
  readonly #granted = new Map<string, number>();

  constructor(perMinute: number) {
    this.perMinute = perMinute;
  }

  async grant(batch: Batch, wanted: number): Promise<number> {
    const minute = minuteOf(batch);
    const reserved = this.#reserved.get(minute) ?? 0;
    this.#reserved.set(minute, reserved + wanted);
    const granted = this.#granted.get(batch.dedupToken) ?? leftOf(this.perMinute, reserved, wanted);
    this.#granted.set(batch.dedupToken, granted);
    return granted;
  }
}
