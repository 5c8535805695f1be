import type { Batch } from '../lambda/core/batch.ts';
import {
  type Claim,
  type Counter,
  type Packed,
  partToken,
  refusedClaim,
  remembers,
  tokenSlotSeconds,
} from '../lambda/core/counter.ts';
import type { Addition, KeyDelta } from '../lambda/core/delta-builder.ts';
import { ownText } from '../lambda/core/own-text.ts';
import { plus, type Quantity } from '../lambda/core/quantity.ts';
import { SettledBatches, type Settling } from '../lambda/core/settled-batches.ts';
import { type Silence, silenceOf } from '../lambda/core/silence.ts';
import { staleParts, type Tidying, tidied } from '../lambda/core/stale.ts';
import type { SlotValue } from '../lambda/core/window.ts';
import type { ClaimOutcome, CounterStore } from '../lambda/ports.ts';
import type { LoadedSeries } from '../lambda/sigma/load.ts';

/** What is kept, by whichever process. */
interface Kept {
  readonly counters: Map<string, Counter>;
  /** How many tries of a batch have begun, and how many had when it was counted in whole; by its token. */
  readonly notes: Map<string, { tries: number; whole: number | undefined }>;
}

/** What is stale takes no write to remove, and what is packed would take more room here. */
const seldom: Tidying = { leastParts: 40, roomBytes: 0, unitBytes: 1, isPacking: false };

/** Batches come again soon, if they do. */
const mostNotes = 100_000;

/** Nothing else runs: a batch is settled when it is counted. */
const atOnce: Settling = { now: () => 0, tryMilliseconds: 0 };

/** Counters in memory, for replaying the past: the same contract as the table, without its cost. */
export class MemoryCounterStore implements CounterStore {
  readonly #kept: Kept;
  readonly #series: ReadonlyMap<string, LoadedSeries>;
  readonly #settling: Settling;
  readonly #tidying: Tidying;
  readonly #settled: SettledBatches;

  constructor(
    series: ReadonlyMap<string, LoadedSeries>,
    { settling = atOnce, tidying = seldom }: { settling?: Settling; tidying?: Tidying } = {},
    kept: Kept = { counters: new Map(), notes: new Map() },
  ) {
    this.#kept = kept;
    this.#series = series;
    this.#settling = settling;
    this.#tidying = tidying;
    this.#settled = new SettledBatches(settling);
  }

  /** The same counters, as one more process that begins now has them. */
  another(): MemoryCounterStore {
    return new MemoryCounterStore(this.#series, { settling: this.#settling, tidying: this.#tidying }, this.#kept);
  }

  /** All counters by their partition key. */
  get counters(): ReadonlyMap<string, Counter> {
    return this.#kept.counters;
  }

  async begin({ token }: Batch): Promise<boolean> {
    const { tries, whole } = this.#kept.notes.get(token) ?? { tries: 0, whole: undefined };
    this.#kept.notes.set(token, { tries: tries + 1, whole });
    if (this.#kept.notes.size > mostNotes) this.#kept.notes.delete(this.#kept.notes.keys().next().value!);
    if (whole !== undefined) this.#settled.learn(token, whole);
    return whole !== undefined;
  }

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    return this.addAtOnce(delta, batch);
  }

  addAtOnce(delta: KeyDelta, batch: Batch): Counter {
    const known = this.#kept.counters.get(delta.key.pk);
    const token = partToken(batch.token, delta.part);
    const isKnown = known && remembers(known, token, batch.arrival);
    const counter = isKnown ? known : added(known ?? emptyCounter, delta, token, batch.arrival);
    this.#settled.see(counter, batch.arrival);
    const isSettled = (one: string) => this.#settled.isSettled(one);
    const stale = staleParts(counter, delta, batch.arrival, this.#series, isSettled, this.#tidying);
    this.#kept.counters.set(delta.key.pk, stale ? tidied(counter, stale) : counter);
    return counter;
  }

  async complete({ token }: Batch): Promise<void> {
    const note = this.#kept.notes.get(token);
    if (note && note.whole === undefined) this.#kept.notes.set(token, { ...note, whole: note.tries });
    for (const one of [token, ...this.#settled.toAsk(token)]) {
      const whole = this.#kept.notes.get(one)?.whole;
      if (whole !== undefined) this.#settled.learn(one, whole);
    }
  }

  async claim(pk: string, claim: Claim, replaces: Claim | undefined, seen: number): Promise<ClaimOutcome> {
    const counter = this.#kept.counters.get(pk);
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
    const counter = this.#kept.counters.get(pk);
    const standing = counter?.claims.find((other) => isSamePlace(other, claim));
    if (counter && standing?.id === claim.id) this.#replaceClaim(pk, counter, { ...standing, sent: true });
  }

  async hold(pk: string, claim: Claim, token: string): Promise<void> {
    const counter = this.#kept.counters.get(pk);
    const standing = counter?.claims.find((other) => isSamePlace(other, claim));
    if (!counter || standing?.id !== claim.id || standing.heldBy === token) return;
    this.#replaceClaim(pk, counter, { ...standing, held: standing.held + 1, heldBy: token });
  }

  async read(pk: string): Promise<Counter | undefined> {
    return this.#kept.counters.get(pk);
  }

  /** Puts a silence in the place of another of its rule; undefined where there is no such counter. */
  async silence(pk: string, silence: Silence): Promise<{ before: Silence | undefined } | undefined> {
    const counter = this.#kept.counters.get(pk);
    if (!counter) return undefined;
    this.#kept.counters.set(pk, { ...counter, silences: new Map(counter.silences).set(silence.rule, silence) });
    return { before: counter.silences.get(silence.rule) };
  }

  /** Takes a silence away, and answers it; undefined where there is none. */
  async unsilence(pk: string, rule: string): Promise<Silence | undefined> {
    const counter = this.#kept.counters.get(pk);
    if (counter) {
      const others = [...counter.silences].filter(([name]) => name !== rule);
      this.#kept.counters.set(pk, { ...counter, silences: new Map(others) });
    }
    return counter?.silences.get(rule);
  }

  #replaceClaim(pk: string, counter: Counter, claim: Claim): void {
    const others = counter.claims.filter((other) => !isSamePlace(other, claim));
    this.#kept.counters.set(pk, { ...counter, claims: [...others, claim] });
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
  return {
    bytes: plus(counter.bytes, delta.totals?.bytes ?? 0),
    rejects: counter.rejects + (delta.totals?.rejects ?? 0),
    firstSeen: Math.min(counter.firstSeen, delta.firstSeen),
    lastSeen: Math.max(counter.lastSeen, delta.lastSeen),
    slots: delta.additions.length === 0 ? counter.slots : slotsWith(counter.slots, delta.additions),
    claims: counter.claims,
    silences: counter.silences,
    tokens: tokensWith(counter.tokens, token, arrival),
    ...(counter.packed && { packed: { ...counter.packed, late: lateAdded(counter.packed, delta) } }),
  };
}

/** Counters that were answered before keep their slots as they are, so what changes is copied, and no more than that. */
function slotsWith(before: Counter['slots'], additions: readonly Addition[]): Counter['slots'] {
  const slots = new Map(before);
  const copies = new Map<string, Map<number, SlotValue>>();
  for (const addition of additions) {
    const { series, slot } = addition;
    let filled = copies.get(series);
    if (!filled) {
      filled = new Map(before.get(series));
      copies.set(series, filled);
      slots.set(series, filled);
    }
    filled.set(slot, addedToSlot(filled.get(slot), addition));
  }
  return slots;
}

/** Nobody but the store looks at tokens, and it at those of the latest counter only: these sets grow in their place. */
function tokensWith(before: Counter['tokens'], token: string, arrival: number): Counter['tokens'] {
  const slot = Math.floor(arrival / tokenSlotSeconds);
  const known = before.get(slot) as Set<string> | undefined;
  if (!known) return new Map(before).set(slot, new Set([token]));
  known.add(token);
  return before;
}

/** What is added to slots that are packed has attributes of its own. */
function lateAdded({ amounts, late }: Packed, delta: KeyDelta): Packed['late'] {
  const all = new Map([...late].map(([series, slots]) => [series, new Map(slots)]));
  for (const addition of delta.additions) {
    const { series, slot } = addition;
    if (!('amount' in addition) || !amounts.get(series)?.has(slot)) continue;
    const slots = all.get(series) ?? new Map<number, Quantity>();
    all.set(series, slots.set(slot, plus(slots.get(slot) ?? 0, addition.amount)));
  }
  return all;
}

function addedToSlot(value: SlotValue | undefined, addition: Addition): SlotValue {
  if ('amount' in addition) return plus(typeof value === 'object' ? 0 : (value ?? 0), addition.amount);
  const seen = typeof value === 'object' ? value : new Set<string>();
  let all: Set<string> | undefined;
  for (const one of addition.values) {
    if ((all ?? seen).size >= addition.cap) break;
    if (seen.has(one)) continue;
    all ??= new Set(seen);
    all.add(ownText(one));
  }
  return all ?? seen;
}

function isSamePlace(a: Claim, b: Claim): boolean {
  return a.rule === b.rule && a.multiple === b.multiple;
}
