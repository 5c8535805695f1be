import { addFlows, type CountedFlows, type FlowExceptions, type FlowSinks } from '../lambda/aggregate/add-flows.ts';
import { CountersByCode, type GroupsOfFields, keyOfGroup, keyOfPair } from '../lambda/aggregate/counters-by-code.ts';
import { DeltaBuilder } from '../lambda/aggregate/delta-builder.ts';
import { type CounterLimits, counterLimits } from '../lambda/aggregate/overflow.ts';
import { maxAdditions } from '../lambda/aggregate/update-parts.ts';
import { detachString } from '../lambda/common/detach-string.ts';
import type { BatchStart, CounterStore, Counting } from '../lambda/count/counter-store.ts';
import type { AlertRecord } from '../lambda/counters/alert-record.ts';
import type { Batch } from '../lambda/counters/batch.ts';
import { type Counter, partToken } from '../lambda/counters/counter.ts';
import { type CounterKey, isPair } from '../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../lambda/counters/delta.ts';
import { hasDueWindow } from '../lambda/evaluate/due-windows.ts';
import { evaluate, mergeEvaluations } from '../lambda/evaluate/evaluate.ts';
import type { Evaluation } from '../lambda/evaluate/finding.ts';
import type { LearningStarts } from '../lambda/evaluate/learning-starts.ts';
import { isOfPairs } from '../lambda/rules/correlation.ts';
import type { LoadedRules } from '../lambda/rules/loaded.ts';
import { BatchMarkers } from './batch-markers.ts';
import { type BatchInProgress, LiveCounter } from './live-counter.ts';
import { MemoryAlertRecords } from './memory-alert-records.ts';

/** The evaluation of a batch's counters. */
export interface CountedInPlace extends FlowExceptions {
  readonly evaluation: Evaluation;
}

/**
 * Counters in memory that flows change in place: for replays, where batches arrive in sequence. A batch makes updates, and
 * evaluates rules, only for counters that may have an alert. Its counts and findings equal the direct way's.
 */
export class InPlaceCounters extends MemoryAlertRecords implements CounterStore {
  readonly #rules: LoadedRules;
  readonly #limits: CounterLimits;
  readonly #counters = new Map<string, LiveCounter>();
  readonly #markers = new BatchMarkers();
  #byCode: CountersByCode<LiveCounter> | undefined;
  #batch: BatchInProgress = newBatch(0, false);
  /** The token of the last batch whose flows are all added. */
  #added = '';
  /** The updates of the last batch that has come as deltas. */
  #updates = { dedupToken: '', names: new Set<string>() };

  constructor(rules: LoadedRules, limits: CounterLimits = counterLimits) {
    super();
    this.#rules = rules;
    this.#limits = limits;
  }

  protected override alertsOf(pk: string): LiveCounter | undefined {
    return this.#counters.get(pk);
  }

  protected override storeAlertRecords(pk: string, records: readonly AlertRecord[]): void {
    this.#counters.get(pk)!.alertRecords = records;
  }

  /** All counters with their partition keys. */
  get counters(): Iterable<readonly [pk: string, counter: LiveCounter]> {
    return this.#counters;
  }

  /** Returns the key of a counter. */
  keyOf(pk: string): CounterKey | undefined {
    return this.#counters.get(pk)?.key;
  }

  /** Returns whether a batch is within the limits, and needs one update of each counter. If not, it needs the direct way. */
  canCount(flows: CountedFlows): boolean {
    if (!this.#mayNeedDirectWay(flows)) return true;
    this.#beginBatch(false);
    addFlows(flows, this.#sinksFor(flows));
    const canCount = !this.#needsDirectWay();
    if (!canCount) this.#forgetUnused();
    return canCount;
  }

  /**
   * Adds the flows of a batch, and evaluates the rules.
   *
   * @param flows of which canCount is true
   * @param start what `begin` returned
   */
  count(
    flows: CountedFlows,
    batch: Batch,
    { isRetry, isCounted }: Pick<BatchStart, 'isRetry' | 'isCounted'>,
    learning: LearningStarts,
  ): CountedInPlace {
    const isAdding = !isCounted && !(isRetry && this.#added === batch.dedupToken);
    this.#beginBatch(isAdding);
    const exceptions = addFlows(flows, this.#sinksFor(flows))!;
    if (isAdding) this.#added = batch.dedupToken;
    const counters = [...this.#batch.pairs, ...this.#batch.groups];
    // A retry evaluates all counters, since an earlier attempt may have claimed alerts.
    const evaluated = isAdding && !isRetry ? counters.filter((counter) => !isLeftOut(counter)) : counters;
    const evaluation = this.#evaluate(evaluated, flows, batch, learning);
    if (isAdding) for (const counter of counters) counter.expire(batch.arrival);
    return { evaluation, ...exceptions };
  }

  #evaluate(counters: readonly LiveCounter[], flows: CountedFlows, batch: Batch, learning: LearningStarts): Evaluation {
    const due = counters.filter((counter) => this.#isDue(counter, learning));
    const builders = this.#buildersOf(due, flows);
    const findings = new Set<LiveCounter>();
    const evaluations = due.map((counter) => {
      const updates = builders
        .get(counter)!
        .deltas()
        .map((delta) => ({ delta, counter: counter.snapshot() }));
      const evaluated = evaluate(updates, batch, this.#rules, learning);
      if (evaluated.findings.length > 0) findings.add(counter);
      return evaluated;
    });
    for (const counter of counters) if (!findings.has(counter) && counter.alertRecords.every(isSent)) counter.settle();
    return mergeEvaluations(evaluations);
  }

  /** Returns whether a rule is due, or an alert is pending: if not, the evaluation finds nothing. */
  #isDue(counter: LiveCounter, learning: LearningStarts): boolean {
    if (!counter.alertRecords.every(isSent)) return true;
    return hasDueWindow(counter.touched, counter, this.#rules, learning);
  }

  /** Adds up the flows of some counters again, as the updates that the evaluation reads. */
  #buildersOf(counters: readonly LiveCounter[], flows: CountedFlows): ReadonlyMap<LiveCounter, DeltaBuilder> {
    const builders = new Map(counters.map((counter) => [counter, new DeltaBuilder(counter.key)]));
    if (counters.length === 0) return builders;
    const rows = new Set<number>();
    for (const counter of counters) for (const row of counter.rows) rows.add(row);
    const all = this.#sinksFor(flows);
    const some: FlowSinks<GroupsOfFields<LiveCounter>> = {
      groupsBy: (groupBy) => all.groupsBy(groupBy),
      ofPair: (...codes) => builders.get(all.ofPair(...codes)),
      ofGroup: (...codes) => {
        const counter = all.ofGroup(...codes);
        return counter && builders.get(counter);
      },
    };
    addFlows(
      flows,
      some,
      undefined,
      [...rows].sort((a, b) => a - b),
    );
    return builders;
  }

  /** Returns whether a batch may need the direct way, by the number of its flows and their times. */
  #mayNeedDirectWay({ columns }: CountedFlows): boolean {
    const series = [...this.#rules.series.values()];
    const groupings = Map.groupBy(series, ({ groupBy }) => groupBy.join());
    const others = groupings.values().filter(([first]) => !isOfPairs(first!.groupBy));
    if (columns.length > this.#limits.pairs || columns.length * [...others].length > this.#limits.groups) return true;
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const time of columns.times) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
    const slotsOf = (seconds: number) => Math.floor(last / seconds) - Math.floor(first / seconds) + 1;
    return groupings.values().some((ofGroup) => {
      return ofGroup.reduce((sum, { slotSeconds }) => sum + slotsOf(slotSeconds), 0) > maxAdditions;
    });
  }

  /** Returns whether the batch in progress needs the direct way, after its counters were found. */
  #needsDirectWay(): boolean {
    const { pairs, groups } = this.#batch;
    if (pairs.length > this.#limits.pairs || groups.length > this.#limits.groups) return true;
    return pairs.some(hasManyAdditions) || groups.some(hasManyAdditions);
  }

  /** Removes the counters that the batch in progress has found and does not use. */
  #forgetUnused(): void {
    for (const { key, firstSeen } of [...this.#batch.pairs, ...this.#batch.groups]) {
      if (!Number.isFinite(firstSeen)) this.#counters.delete(key.pk);
    }
    this.#byCode = undefined;
  }

  #beginBatch(isAdding: boolean): void {
    this.#batch = newBatch(this.#batch.number + 1, isAdding);
  }

  #sinksFor({ columns }: CountedFlows): CountersByCode<LiveCounter> {
    if (this.#byCode?.dictionary === columns.dictionary) return this.#byCode;
    this.#byCode = new CountersByCode(
      {
        pair: (name) => this.#counterOf(keyOfPair(detachString(name))),
        group: (groupBy, values, scope) => this.#counterOf(keyOfGroup(groupBy, values, scope)),
      },
      columns.dictionary,
    );
    return this.#byCode;
  }

  #counterOf(key: CounterKey): LiveCounter {
    const known = this.#counters.get(key.pk);
    if (known) return known;
    const counter = new LiveCounter(key, isPair(key), () => this.#batch);
    this.#counters.set(key.pk, counter);
    return counter;
  }

  async hasStarted({ dedupToken }: Batch): Promise<boolean> {
    return this.#markers.get(dedupToken) !== undefined;
  }

  async begin(batch: Batch, _signal?: AbortSignal, wanted: Counting = 'direct'): Promise<BatchStart> {
    const { marker: _, ...start } = this.#markers.begin(batch, wanted);
    return start;
  }

  async add(delta: KeyDelta, batch: Batch): Promise<Counter> {
    return this.addSync(delta, batch);
  }

  addSync(delta: KeyDelta, { dedupToken, arrival }: Batch): Counter {
    if (this.#updates.dedupToken !== dedupToken) this.#updates = { dedupToken, names: new Set() };
    const name = `${delta.key.pk} ${partToken(dedupToken, delta.part)}`;
    const counter = this.#counterOf(delta.key);
    if (this.#updates.names.has(name) || this.#added === dedupToken) return counter.snapshot();
    this.#updates.names.add(name);
    counter.addDelta(delta, this.#rules.series);
    const updated = counter.snapshot();
    const starts = delta.additions.map(({ series, slot }) => slot * this.#rules.series.get(series)!.slotSeconds);
    counter.expire(Math.min(arrival, ...starts));
    return updated;
  }

  async complete(batch: Batch): Promise<void> {
    this.#markers.complete(batch);
  }

  async read(pk: string): Promise<Counter | undefined> {
    return this.#counters.get(pk)?.snapshot();
  }

  async readAll(pks: readonly string[]): Promise<ReadonlyMap<string, Counter>> {
    return new Map(
      pks.flatMap((pk) => (this.#counters.has(pk) ? [[pk, this.#counters.get(pk)!.snapshot()] as const] : [])),
    );
  }
}

function newBatch(number: number, isAdding: boolean): BatchInProgress {
  return { number, isAdding, pairs: [], groups: [], chainedRow: [], chainedBefore: [] };
}

function isSent({ sent }: AlertRecord): boolean {
  return sent;
}

/** Returns whether the direct way leaves out the update of a counter: see KnownSlots. */
function isLeftOut(counter: LiveCounter): boolean {
  if (!counter.isSettled) return false;
  counter.unsee();
  return true;
}

function hasManyAdditions({ additions }: LiveCounter): boolean {
  return additions > maxAdditions;
}
