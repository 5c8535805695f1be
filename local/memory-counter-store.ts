import type { Batch } from '../lambda/core/batch.ts';
import {
  type Claim,
  type Counter,
  partToken,
  refusedClaim,
  remembers,
  tokenSlotSeconds,
} from '../lambda/core/counter.ts';
import type { Addition, KeyDelta } from '../lambda/core/delta-builder.ts';
import { plus } from '../lambda/core/quantity.ts';
import { type Silence, silenceOf } from '../lambda/core/silence.ts';
import { staleParts } from '../lambda/core/stale.ts';
import type { SlotValue } from '../lambda/core/window.ts';
import type { ClaimOutcome, CounterStore } from '../lambda/ports.ts';
import type { LoadedSeries } from '../lambda/sigma/load.ts';

/** Counters in memory, for replaying the past: the same contract as the table, without its cost. */
export class MemoryCounterStore implements CounterStore {
  readonly #counters = new Map<string, Counter>();
  readonly #series: ReadonlyMap<string, LoadedSeries>;

  constructor(series: ReadonlyMap<string, LoadedSeries>) {
    this.#series = series;
  }

  /** All counters by their partition key. */
  get counters(): ReadonlyMap<string, Counter> {
    return this.#counters;
  }

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    const known = this.#counters.get(delta.key.pk);
    const token = partToken(batch.token, delta.part);
    if (known && remembers(known, token, batch.arrival)) return known;
    const counter = added(known ?? emptyCounter, delta, token, batch.arrival);
    const stale = staleParts(counter, delta, batch.arrival, this.#series);
    this.#counters.set(delta.key.pk, stale ? pruned(counter, stale) : counter);
    return counter;
  }

  async claim(pk: string, claim: Claim, replaces: Claim | undefined, seen: number): Promise<ClaimOutcome> {
    const counter = this.#counters.get(pk);
    const standing = counter?.claims.find((other) => isSamePlace(other, claim));
    const isKnown = standing?.id === replaces?.id && standing?.token === replaces?.token;
    const isPutOffAsKnown = standing?.deferred === replaces?.deferred;
    const isSentAsKnown = replaces?.id !== claim.id || standing?.sent === replaces.sent;
    const isSilenced = silenceOf(counter, claim, replaces, seen) !== undefined;
    if (!counter || !isKnown || !isPutOffAsKnown || !isSentAsKnown || isSilenced) {
      return refusedClaim(counter, claim, replaces, seen);
    }
    this.#replaceClaim(pk, counter, claim);
    return { held: claim };
  }

  async markSent(pk: string, claim: Claim): Promise<void> {
    const counter = this.#counters.get(pk);
    const standing = counter?.claims.find((other) => isSamePlace(other, claim));
    if (counter && standing?.id === claim.id) this.#replaceClaim(pk, counter, { ...standing, sent: true });
  }

  async hold(pk: string, claim: Claim, token: string): Promise<void> {
    const counter = this.#counters.get(pk);
    const standing = counter?.claims.find((other) => isSamePlace(other, claim));
    if (!counter || standing?.id !== claim.id || standing.heldBy === token) return;
    this.#replaceClaim(pk, counter, { ...standing, held: standing.held + 1, heldBy: token });
  }

  async read(pk: string): Promise<Counter | undefined> {
    return this.#counters.get(pk);
  }

  /** Puts a silence in the place of another of its rule; undefined where there is no such counter. */
  async silence(pk: string, silence: Silence): Promise<{ before: Silence | undefined } | undefined> {
    const counter = this.#counters.get(pk);
    if (!counter) return undefined;
    this.#counters.set(pk, { ...counter, silences: new Map(counter.silences).set(silence.rule, silence) });
    return { before: counter.silences.get(silence.rule) };
  }

  /** Takes a silence away, and answers it; undefined where there is none. */
  async unsilence(pk: string, rule: string): Promise<Silence | undefined> {
    const counter = this.#counters.get(pk);
    if (counter) {
      const others = [...counter.silences].filter(([name]) => name !== rule);
      this.#counters.set(pk, { ...counter, silences: new Map(others) });
    }
    return counter?.silences.get(rule);
  }

  #replaceClaim(pk: string, counter: Counter, claim: Claim): void {
    const others = counter.claims.filter((other) => !isSamePlace(other, claim));
    this.#counters.set(pk, { ...counter, claims: [...others, claim] });
  }
}

const emptyCounter: Counter = {
  bytes: 0,
  rejects: 0,
  firstSeen: Number.POSITIVE_INFINITY,
  lastSeen: Number.NEGATIVE_INFINITY,
  slots: new Map(),
  claims: [],
  silences: new Map(),
  tokens: new Map(),
};

function added(counter: Counter, delta: KeyDelta, token: string, arrival: number): Counter {
  // Counters that were answered before stay as they are, so what changes is copied, and no more than that.
  const slots = new Map(counter.slots);
  const copies = new Map<string, Map<number, SlotValue>>();
  for (const addition of delta.additions) {
    const { series, slot } = addition;
    const filled = copies.get(series) ?? new Map(slots.get(series));
    filled.set(slot, addedToSlot(filled.get(slot), addition));
    copies.set(series, filled);
    slots.set(series, filled);
  }
  const tokenSlot = Math.floor(arrival / tokenSlotSeconds);
  const tokens = new Map(counter.tokens).set(tokenSlot, new Set(counter.tokens.get(tokenSlot)).add(token));
  return {
    ...counter,
    bytes: plus(counter.bytes, delta.totals?.bytes ?? 0),
    rejects: counter.rejects + (delta.totals?.rejects ?? 0),
    firstSeen: Math.min(counter.firstSeen, delta.firstSeen),
    lastSeen: Math.max(counter.lastSeen, delta.lastSeen),
    slots,
    tokens,
  };
}

function addedToSlot(value: SlotValue | undefined, addition: Addition): SlotValue {
  if ('amount' in addition) return plus(typeof value === 'object' ? 0 : (value ?? 0), addition.amount);
  const seen = typeof value === 'object' ? value : new Set<string>();
  const more = addition.values.filter((one) => !seen.has(one)).slice(0, Math.max(0, addition.cap - seen.size));
  if (more.length === 0) return seen;
  const all = new Set(seen);
  for (const one of more) all.add(one);
  return all;
}

function pruned(counter: Counter, stale: NonNullable<ReturnType<typeof staleParts>>): Counter {
  const slots = new Map(counter.slots);
  for (const [series, gone] of Map.groupBy(stale.slots, (one) => one.series)) {
    const filled = new Map(slots.get(series));
    for (const { slot } of gone) filled.delete(slot);
    slots.set(series, filled);
  }
  const tokens = new Map([...counter.tokens].filter(([slot]) => !stale.tokens.includes(slot)));
  return { ...counter, slots: new Map([...slots].filter(([, filled]) => filled.size > 0)), tokens };
}

function isSamePlace(a: Claim, b: Claim): boolean {
  return a.rule === b.rule && a.multiple === b.multiple;
}
