import { FlowError } from '../../lambda/common/errors.ts';
import { addQuantity } from '../../lambda/common/quantity.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import { type Counter, emptyCounter, hasCounted, partToken } from '../../lambda/counters/counter.ts';
import type { Addition, KeyDelta } from '../../lambda/counters/delta.ts';
import type { SlotValue } from '../../lambda/counters/window.ts';
import { chunkBatch } from '../../lambda/flush/flush-batch.ts';
import { deltasOf, selectRows } from '../../lambda/journal/columns/delta-columns.ts';
import { chooseIntake, intakeInterval } from '../../lambda/journal/intake.ts';
import type { Journal, LaneState } from '../../lambda/journal/journal.ts';
import { type Lane, laneNumberOf, partOf } from '../../lambda/journal/lane.ts';
import { unpackPage } from '../../lambda/journal/page/page.ts';

/** The journal, and the table's markers of batches. */
export interface JournalPorts {
  readonly journal: Journal;
  /** Returns whether the marker of a batch says that the batch is completely counted. */
  readonly isComplete: (batch: Batch) => Promise<boolean>;
  /** In epoch seconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** A counter with everything that batches have put into the journal and no flush has counted. */
export interface PresentCounter {
  /** Undefined if nothing of the key is stored. */
  readonly counter: Counter | undefined;
  /** The number of updates that wait in the journal. */
  readonly waiting: number;
  /** Why `counter` lacks what waits, and until when everything is counted; undefined if the counter is exact. */
  readonly inexact: { readonly reason: string; readonly countedUntil: number } | undefined;
}

/** A flush takes some seconds, and a lane has one every minute at most. */
const maxAttempts = 5;

/**
 * Reads the present counter of a key: what the table has, and what its lanes have not counted. The item is read last:
 * what a flush counts in between is in the item with its token, or has changed the state of the lane.
 *
 * @param sets the numbers of lanes of the sets in use
 * @param readCounter reads the stored counter, strongly consistent
 */
export async function readPresentCounter(
  pk: string,
  sets: readonly number[],
  readCounter: () => Promise<Counter | undefined>,
  ports: JournalPorts,
): Promise<PresentCounter> {
  const { journal, signal } = ports;
  const lanes = sets.map((count) => ({ lanes: count, number: laneNumberOf(pk, count, journal.seed) }));
  const readStates = () => Promise.all(lanes.map((lane) => journal.state(lane, signal)));
  let reason = `flushes changed the journal during each of ${maxAttempts} attempts to read it`;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const before = await readStates();
    let waiting: WaitingUpdate[];
    try {
      waiting = (await Promise.all(lanes.map((lane, index) => waitingIn(lane, before[index]!, pk, ports)))).flat();
    } catch (error) {
      if (!(error instanceof FlowError) || !unreadable.has(error.code)) throw error;
      reason = error.message;
      break;
    }
    const stored = await readCounter();
    const after = await readStates();
    if (!before.every((state, index) => isSame(state, after[index]!))) continue;
    const deltas = waiting.filter(({ delta, chunk }) => !isInItem(delta, chunk, stored)).map(({ delta }) => delta);
    return { counter: withDeltas(stored, deltas), waiting: deltas.length, inexact: undefined };
  }
  const countedUntil = Math.min(...(await readStates()).map((state) => state.countedUntil));
  return { counter: await readCounter(), waiting: 0, inexact: { reason, countedUntil } };
}

function isSame(a: LaneState, b: LaneState): boolean {
  const isSameFreeze = a.freeze.number === b.freeze.number && a.freeze.attempt === b.freeze.attempt;
  return isSameFreeze && a.phase === b.phase && a.applied === b.applied;
}

/** The codes of a lane that waits: its flush fails too, and other lanes continue. */
const unreadable: ReadonlySet<string> = new Set(['PAGE_VERSION', 'PAGE_INVALID', 'JOURNAL_BROKEN']);

/** An update of the key that the journal holds. */
interface WaitingUpdate {
  readonly delta: KeyDelta;
  /** The frozen chunk as a batch; undefined if no freeze has taken the update. */
  readonly chunk: Batch | undefined;
}

async function waitingIn(lane: Lane, state: LaneState, pk: string, ports: JournalPorts): Promise<WaitingUpdate[]> {
  const { journal, isComplete, now, signal } = ports;
  const rowsOf = (bytes: Uint8Array) => deltasOf(selectRows(unpackPage(bytes), (other) => other === pk));
  const waiting: WaitingUpdate[] = [];
  for (let index = state.applied; index < state.chunks; index += 1) {
    const deltas = rowsOf(await journal.chunk(lane, state.freeze, index, signal));
    const chunk = chunkBatch(lane, state, index);
    // A counter may drop the token of a complete batch.
    if (deltas.length === 0 || (await isComplete(chunk))) continue;
    for (const delta of deltas) waiting.push({ delta, chunk });
  }
  const part = partOf(pk, journal.seed);
  const present = now();
  const { from, to } = intakeInterval(state, present);
  const pages = journal.pages(lane, from, to, signal, 'strong');
  const takenSince = (time: number) => journal.taken(lane, state, time, signal);
  const { fresh } = await chooseIntake(pages, state, takenSince, present, noLimits);
  for (const { page, parts } of fresh) {
    if ((parts & part) === 0) continue;
    for (const delta of rowsOf(page.bytes)) waiting.push({ delta, chunk: undefined });
  }
  return waiting;
}

const noLimits = { deltas: Number.POSITIVE_INFINITY, pages: Number.POSITIVE_INFINITY };

function isInItem({ part }: KeyDelta, chunk: Batch | undefined, stored: Counter | undefined): boolean {
  return (
    chunk !== undefined && stored !== undefined && hasCounted(stored, partToken(chunk.dedupToken, part), chunk.arrival)
  );
}

/** Returns a counter with further updates, as the table adds them: see count/counter-update.ts. */
function withDeltas(counter: Counter | undefined, deltas: readonly KeyDelta[]): Counter | undefined {
  if (deltas.length === 0) return counter;
  const before = counter ?? emptyCounter();
  const slots = new Map([...before.slots].map(([id, values]) => [id, new Map(values)]));
  let { bytes, rejects, firstSeen, lastSeen } = before;
  for (const { totals, additions, ...times } of deltas) {
    bytes = addQuantity(bytes, totals?.bytes ?? 0);
    rejects += totals?.rejects ?? 0;
    firstSeen = Math.min(firstSeen, times.firstSeen);
    lastSeen = Math.max(lastSeen, times.lastSeen);
    for (const addition of additions) {
      const values = slots.get(addition.series) ?? new Map<number, SlotValue>();
      slots.set(addition.series, values.set(addition.slot, sumOf(values.get(addition.slot), addition)));
    }
  }
  return { ...before, bytes, rejects, firstSeen, lastSeen, slots };
}

function sumOf(value: SlotValue | undefined, addition: Addition): SlotValue {
  if ('amount' in addition) return addQuantity(typeof value === 'object' ? 0 : (value ?? 0), addition.amount);
  const all = new Set(typeof value === 'object' ? value : []);
  for (const one of addition.values) if (all.size < addition.cap) all.add(one);
  return all;
}
