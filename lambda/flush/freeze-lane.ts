import { FlowError } from '../common/errors.ts';
import { untilFailure } from '../count/until-failure.ts';
import { type DeltaColumns, selectRows, sliceRows } from '../journal/columns/delta-columns.ts';
import { mergeDeltas } from '../journal/columns/merge-deltas.ts';
import {
  chooseIntake,
  defaultIntakeLimits,
  type FreshPage,
  type IntakeLimits,
  intakeInterval,
  partsByBatch,
} from '../journal/intake.ts';
import type { FreezeId, Journal, LaneState, Page } from '../journal/journal.ts';
import { type Lane, partOf } from '../journal/lane.ts';
import { packReadable, unpackPage } from '../journal/page/page.ts';
import { maxPageBytes } from '../journal/put-pages.ts';

/** The ports of a freeze. */
export interface FreezePorts {
  readonly journal: Journal;
  /** The process's clock in epoch seconds. */
  readonly now: () => number;
  /** Returns a random name of eight characters, different at each call. */
  readonly newAttempt: () => string;
  readonly deadline: AbortSignal;
  /** Default: `defaultIntakeLimits`, and 2,000 deltas in a chunk. */
  readonly limits?: FreezeLimits;
}

/** A lane after an attempt to freeze. */
export interface FrozenLane {
  /** The state of the lane; undefined if another process has frozen it since. */
  readonly state: LaneState | undefined;
  /** Whether pages are left for the next freeze. */
  readonly isPartial: boolean;
  /** The pages that the freeze took. */
  readonly pages: number;
  /** How far the newest page's clock is ahead of this process's clock, in seconds; 0 if it is not. */
  readonly aheadSeconds: number;
}

/** The most that a freeze takes, and the most deltas of a chunk. */
export interface FreezeLimits extends IntakeLimits {
  readonly chunkDeltas: number;
}

/** Each chunk is counted as one batch: a try that counts one makes progress. */
const defaultFreezeLimits: FreezeLimits = { ...defaultIntakeLimits, chunkDeltas: 2000 };

const chunksAtOnce = 4;

/**
 * Takes the pages of a lane that no freeze has taken, merges them, and freezes the result by one conditional write: from
 * then on, whoever flushes the lane counts exactly these chunks. A lane in phase `apply` stays as it is.
 *
 * @throws FlowError `PAGE_VERSION` or `PAGE_INVALID` if a page cannot be read: the lane waits, and loses nothing
 */
export async function freezeLane(lane: Lane, before: LaneState, ports: FreezePorts): Promise<FrozenLane> {
  if (before.phase === 'apply') return { state: before, isPartial: true, pages: 0, aheadSeconds: 0 };
  const { journal, now, newAttempt, deadline, limits = defaultFreezeLimits } = ports;
  const present = now();
  const { from, to } = intakeInterval(before, present);
  const takenSince = (time: number) => journal.taken(lane, before, time, deadline);
  const intake = await chooseIntake(journal.pages(lane, from, to, deadline), before, takenSince, present, limits);
  const { fresh, until, isPartial, newest } = intake;
  const aheadSeconds = Math.max(0, (newest ?? present) - present);
  if (fresh.length === 0 && !isPartial) return { state: before, isPartial, pages: 0, aheadSeconds };
  const chunks = packChunks(mergeDeltas(columnsOfPages(fresh, journal.seed)), limits.chunkDeltas);
  const freeze: FreezeId = { number: before.freeze.number + 1, attempt: newAttempt() };
  await untilFailure(
    chunks.entries(),
    ([index, bytes]) => journal.putChunk(lane, freeze, index, until, bytes, deadline),
    chunksAtOnce,
  );
  const previous = { freeze: before.freeze, until: before.until };
  await journal.putTaken(lane, { freeze, previous, until, parts: partsByBatch(fresh) }, deadline);
  const after: LaneState = {
    freeze,
    phase: chunks.length > 0 ? 'apply' : 'open',
    until,
    countedUntil: chunks.length > 0 ? countedBefore(before, fresh) : until,
    chunks: chunks.length,
    applied: 0,
  };
  const isFrozen = await journal.freeze(lane, before, after, deadline);
  return { state: isFrozen ? after : undefined, isPartial, pages: fresh.length, aheadSeconds };
}

/** Returns until when everything is counted before a freeze is applied: until its first page, since none waited before. */
function countedBefore({ countedUntil }: LaneState, fresh: readonly FreshPage[]): number {
  return Math.max(countedUntil, Math.min(...fresh.map(({ page }) => page.putAt)));
}

/** Unpacks pages one after the other, so that one at a time is in memory. */
function* columnsOfPages(fresh: readonly FreshPage[], seed: string): Iterable<DeltaColumns> {
  for (const { page, parts } of fresh) {
    const columns = unpackNamed(page);
    yield parts === page.parts ? columns : selectRows(columns, (pk) => (parts & partOf(pk, seed)) !== 0);
  }
}

/** Unpacks a page. The error of a page that cannot be read names the page as its item does. */
function unpackNamed({ putAt, batch, bytes }: Page): DeltaColumns {
  try {
    return unpackPage(bytes);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    throw new FlowError(error.code, `the page ${putAt}#${batch}: ${error.message}`, { cause: error });
  }
}

/**
 * Packs deltas into chunks that fit into an item. All deltas of a key are in one chunk, even above `maxDeltas`, unless they
 * do not fit: then the key is in several, as in several batches.
 */
export function packChunks(columns: DeltaColumns, maxDeltas: number): Uint8Array[] {
  const { pks } = columns;
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < pks.length; ) {
    let to = endOfKey(pks, Math.min(from + maxDeltas, pks.length));
    let bytes = packReadable(sliceRows(columns, from, to), maxPageBytes);
    while (!bytes) {
      if (to === from + 1) throw tooLong(pks[from]!);
      const middle = from + Math.floor((to - from) / 2);
      const end = endOfKey(pks, from + 1);
      to = end < to ? Math.max(end, startOfKey(pks, middle)) : middle;
      bytes = packReadable(sliceRows(columns, from, to), maxPageBytes);
    }
    chunks.push(bytes);
    from = to;
  }
  return chunks;
}

function tooLong(pk: string): FlowError {
  return new FlowError(
    'PAGE_INVALID',
    `a chunk is too long: got one delta of ${pk}, expected at most ${maxPageBytes} bytes; report it: its lane waits`,
  );
}

/** Returns the first row at or after a row that begins another key than the row before. */
function endOfKey(pks: readonly string[], row: number): number {
  let end = row;
  while (end < pks.length && pks[end] === pks[end - 1]) end += 1;
  return end;
}

/** Returns the first row of the key of a row. */
function startOfKey(pks: readonly string[], row: number): number {
  let start = row;
  while (start > 0 && pks[start] === pks[start - 1]) start -= 1;
  return start;
}
