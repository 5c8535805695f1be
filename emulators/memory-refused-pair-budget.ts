import { leftOf, type RefusedGrant, type RefusedPairBudget } from '../lambda/count/refused-pair-budget.ts';
import { type Batch, minuteOf } from '../lambda/counters/batch.ts';

/** The budget of refused pairs that all invocations share, in memory. */
export class MemoryRefusedPairBudget implements RefusedPairBudget {
  readonly perMinute: number;
  readonly #reserved = new Map<number, number>();
  readonly #grants = new Map<string, RefusedGrant>();

  constructor(perMinute: number) {
    this.perMinute = perMinute;
  }

  async reserve(batch: Batch, wanted: number): Promise<number> {
    const minute = minuteOf(batch);
    const reserved = this.#reserved.get(minute) ?? 0;
    this.#reserved.set(minute, reserved + wanted);
    return leftOf(this.perMinute, reserved, wanted);
  }

  async settle({ dedupToken }: Batch, proposed: RefusedGrant): Promise<RefusedGrant> {
    const grant = this.#grants.get(dedupToken) ?? proposed;
    this.#grants.set(dedupToken, grant);
    return grant;
  }
}
