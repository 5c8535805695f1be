import { detachString } from '../lambda/common/detach-string.ts';
import { addQuantity, type Quantity } from '../lambda/common/quantity.ts';
import { applyCompaction, type CompactionOptions, planCompaction } from '../lambda/count/compaction.ts';
import type { ClaimOutcome, CounterStore } from '../lambda/count/counter-store.ts';
import { FinishedBatches, type FinishingOptions } from '../lambda/count/finished-batches.ts';
import { type AlertRecord, failedClaimOutcome, silenceOf } from '../lambda/counters/alert-record.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import { type Counter, hasCounted, type Packed, partToken, tokenSlotSeconds } from '../lambda/counters/counter.ts';
import type { Addition, KeyDelta } from '../lambda/counters/delta.ts';
import type { Silence } from '../lambda/counters/silence.ts';
import type { SlotValue } from '../lambda/counters/window.ts';
import type { LoadedSeries } from '../lambda/rules/loaded.ts';
import { SingleValues } from './single-values.ts';

/** What is kept, by whichever process. */
interface StoredCounter {
  readonly counters: Map<string, Counter>;
  /** How many tries of a batch have begun, and how many had when it was counted in whole; by its token. */
  readonly notes: Map<string, { tries: number; whole: number | undefined }>;
}

/** What is stale takes no write to remove, and what is packed would take more room here. */
const seldom: CompactionOptions = { minParts: 40, headroomBytes: 0, unitBytes: 1, isPacking: false };

/** Batches come again soon, if they do. */
const maxMarkers = 100_000;

/** Nothing else runs: a batch is settled when it is counted. */
const atOnce: FinishingOptions = { now: () => 0, attemptMilliseconds: 0 };

/** How a store in memory is kept. */
export interface MemoryMaintenance {
  readonly finishing?: FinishingOptions;
  readonly compaction?: CompactionOptions;
  /**
   * Whether batches come one after the other, and nobody looks at an answer any more when the next one has come. Then
   * counters are changed in their place; else what was answered stays as it is.
   */
  readonly isInPlace?: boolean;
}

/** Counters in memory, for replaying the past: the same contract as the table, without its cost. */
export class MemoryCounterStore implements CounterStore {
  readonly #kept: StoredCounter;
  readonly #series: ReadonlyMap<string, LoadedSeries>;
  readonly #finishing: FinishingOptions;
  readonly #compaction: CompactionOptions;
  readonly #settled: FinishedBatches;
  readonly #isInPlace: boolean;
  readonly #singles = new SingleValues();
  /** There where counters are changed in their place: nothing can come between the updates of a batch then. */
  readonly addSync?: (delta: KeyDelta, batch: Batch) => Counter;

  constructor(
    series: ReadonlyMap<string, LoadedSeries>,
    { finishing = atOnce, compaction = seldom, isInPlace = false }: MemoryMaintenance = {},
    kept: StoredCounter = { counters: new Map(), notes: new Map() },
  ) {
    this.#kept = kept;
    this.#series = series;
    this.#finishing = finishing;
    this.#compaction = compaction;
    this.#settled = new FinishedBatches(finishing);
    this.#isInPlace = isInPlace;
    if (isInPlace) this.addSync = (delta, batch) => this.#add(delta, batch);
  }

  /** The same counters, as one more process that begins now has them. */
  newProcess(): MemoryCounterStore {
    return new MemoryCounterStore(
      this.#series,
      { finishing: this.#finishing, compaction: this.#compaction },
      this.#kept,
    );
  }

  /** All counters by their partition key. */
  get counters(): ReadonlyMap<string, Counter> {
    return this.#kept.counters;
  }

  async begin({ dedupToken }: Batch): Promise<boolean> {
    const { tries, whole } = this.#kept.notes.get(dedupToken) ?? { tries: 0, whole: undefined };
    this.#kept.notes.set(dedupToken, { tries: tries + 1, whole });
    if (this.#kept.notes.size > maxMarkers) this.#kept.notes.delete(this.#kept.notes.keys().next().value!);
    if (whole !== undefined) this.#settled.recordCompletion(dedupToken, whole);
    return whole !== undefined;
  }

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    return this.#add(delta, batch);
  }

  #add(delta: KeyDelta, batch: Batch): Counter {
    const known = this.#kept.counters.get(delta.key.pk);
    const token = partToken(batch.dedupToken, delta.part);
    const isKnown = known && hasCounted(known, token, batch.arrival);
    const counter = isKnown ? known : this.#added(known ?? emptyCounter(), delta, token, batch.arrival);
    if (this.#finishing !== atOnce) this.#settled.observe(counter, batch.arrival);
    const isSettled = (one: string) => this.#settled.isFinished(one);
    const stale = planCompaction(counter, delta, batch.arrival, this.#series, isSettled, this.#compaction);
    this.#kept.counters.set(delta.key.pk, stale ? applyCompaction(counter, stale) : counter);
    return counter;
  }

  async complete({ dedupToken }: Batch): Promise<void> {
    const note = this.#kept.notes.get(dedupToken);
    if (note && note.whole === undefined) this.#kept.notes.set(dedupToken, { ...note, whole: note.tries });
    for (const one of [dedupToken, ...this.#settled.unknownTokens(dedupToken)]) {
      const whole = this.#kept.notes.get(one)?.whole;
      if (whole !== undefined) this.#settled.recordCompletion(one, whole);
    }
  }

  async claim(pk: string, claim: AlertRecord, replaces: AlertRecord | undefined, seen: number): Promise<ClaimOutcome> {
    const counter = this.#kept.counters.get(pk);
    const standing = counter?.alertRecords.find((other) => isSamePlace(other, claim));
    const isKnown = standing?.id === replaces?.id && standing?.token === replaces?.token;
    const isPutOffAsKnown = standing?.deferred === replaces?.deferred;
    const isSentAsKnown = replaces?.id !== claim.id || standing?.sent === replaces.sent;
    const isSilenced = silenceOf(counter, claim, replaces, seen) !== undefined;
    if (!counter || !isKnown || !isPutOffAsKnown || !isSentAsKnown || isSilenced) {
      return failedClaimOutcome(counter, claim, replaces, seen);
    }
    this.#replaceClaim(pk, counter, claim);
    return { claimed: claim };
  }

  async markSent(pk: string, claim: AlertRecord): Promise<void> {
    const counter = this.#kept.counters.get(pk);
    const standing = counter?.alertRecords.find((other) => isSamePlace(other, claim));
    if (counter && standing?.id === claim.id) this.#replaceClaim(pk, counter, { ...standing, sent: true });
  }

  async recordSuppression(pk: string, claim: AlertRecord, token: string): Promise<void> {
    const counter = this.#kept.counters.get(pk);
    const standing = counter?.alertRecords.find((other) => isSamePlace(other, claim));
    if (!counter || standing?.id !== claim.id || standing.lastSuppressedBatch === token) return;
    this.#replaceClaim(pk, counter, {
      ...standing,
      suppressedCount: standing.suppressedCount + 1,
      lastSuppressedBatch: token,
    });
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

  #added(counter: Counter, delta: KeyDelta, token: string, arrival: number): Counter {
    // A further update of the batch must leave what the one before was answered: the batch has not been judged yet.
    const isInPlace = this.#isInPlace && delta.part === 0;
    return {
      bytes: addQuantity(counter.bytes, delta.totals?.bytes ?? 0),
      rejects: counter.rejects + (delta.totals?.rejects ?? 0),
      firstSeen: Math.min(counter.firstSeen, delta.firstSeen),
      lastSeen: Math.max(counter.lastSeen, delta.lastSeen),
      slots: this.#slotsWith(counter.slots as Filled, delta.additions, isInPlace),
      alertRecords: counter.alertRecords,
      silences: counter.silences,
      dedupTokens: this.#tokensWith(counter.dedupTokens as Map<number, ReadonlySet<string>>, token, arrival),
      ...(counter.packed && { packed: { ...counter.packed, late: lateAdded(counter.packed, delta) } }),
    };
  }

  /** Unless they may change in their place, what changes is copied, and no more than that. */
  #slotsWith(before: Filled, additions: readonly Addition[], isInPlace: boolean): Filled {
    const slots = isInPlace ? before : new Map(before);
    for (const addition of additions) {
      const { series, slot } = addition;
      const known = before.get(series);
      let filled = slots.get(series);
      if (!filled || (!isInPlace && filled === known)) {
        filled = new Map(known);
        slots.set(series, filled);
      }
      const value = filled.get(slot);
      filled.set(
        slot,
        'amount' in addition
          ? addQuantity(typeof value === 'object' ? 0 : (value ?? 0), addition.amount)
          : this.#valuesWith(typeof value === 'object' ? value : none, addition, isInPlace),
      );
    }
    return slots;
  }

  #valuesWith(before: ReadonlySet<string>, { values, cap }: Distinct, isInPlace: boolean): ReadonlySet<string> {
    let all = before;
    for (const one of values) {
      if (all.size >= cap) break;
      if (all.has(one)) continue;
      if (all.size === 0) all = this.#singles.of(one);
      else {
        if (all.size === 1 || (all === before && !isInPlace)) all = new Set(all);
        (all as Set<string>).add(detachString(one));
      }
    }
    return all;
  }

  /** Nobody but the store looks at tokens, and it at those of the latest counter only: they change in their place. */
  #tokensWith(tokens: Map<number, ReadonlySet<string>>, token: string, arrival: number): Counter['dedupTokens'] {
    const slot = Math.floor(arrival / tokenSlotSeconds);
    const known = tokens.get(slot);
    if (!known) tokens.set(slot, this.#singles.of(token));
    else if (known.size === 1) tokens.set(slot, new Set(known).add(token));
    else (known as Set<string>).add(token);
    return tokens;
  }

  #replaceClaim(pk: string, counter: Counter, claim: AlertRecord): void {
    const others = counter.alertRecords.filter((other) => !isSamePlace(other, claim));
    this.#kept.counters.set(pk, { ...counter, alertRecords: [...others, claim] });
  }
}

const noSilences: Counter['silences'] = new Map();

function emptyCounter(): Counter {
  return {
    bytes: 0,
    rejects: 0,
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    slots: new Map(),
    alertRecords: [],
    silences: noSilences,
    dedupTokens: new Map(),
  };
}

const none: ReadonlySet<string> = new Set();

type Filled = Map<string, Map<number, SlotValue>>;
type Distinct = Extract<Addition, { values: unknown }>;

/** What is added to slots that are packed has attributes of its own. */
function lateAdded({ amounts, late }: Packed, delta: KeyDelta): Packed['late'] {
  const all = new Map([...late].map(([series, slots]) => [series, new Map(slots)]));
  for (const addition of delta.additions) {
    const { series, slot } = addition;
    if (!('amount' in addition) || !amounts.get(series)?.has(slot)) continue;
    const slots = all.get(series) ?? new Map<number, Quantity>();
    all.set(series, slots.set(slot, addQuantity(slots.get(slot) ?? 0, addition.amount)));
  }
  return all;
}

function isSamePlace(a: AlertRecord, b: AlertRecord): boolean {
  return a.rule === b.rule && a.multiple === b.multiple;
}
