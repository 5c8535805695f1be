import type { Lane } from './lane.ts';

/** The deltas that one attempt of a batch puts into one lane. A page never changes. */
export interface Page {
  /** The dedup token and the check of the batch: the same at each attempt. */
  readonly batch: string;
  /** The parts of the lane that the page holds, one bit for each: see lane.ts. */
  readonly parts: number;
  /** When the attempt began to put its pages, in epoch seconds by the clock of its process. */
  readonly putAt: number;
  /** When the first attempt of the batch began, in epoch seconds. */
  readonly firstAttempt: number;
  /** The number of deltas. */
  readonly deltas: number;
  /** The packed deltas: see page.ts. */
  readonly bytes: Uint8Array;
}

/** Identifies one freeze of a lane: the number of the freeze, and a random name of the attempt that succeeded. */
export interface FreezeId {
  readonly number: number;
  readonly attempt: string;
}

/** The state of a lane. */
export interface LaneState {
  /** The last freeze; number 0 and an empty attempt before the first. */
  readonly freeze: FreezeId;
  /** `apply`: what the last freeze froze is not completely counted and alerted. A freeze is possible in `open` only. */
  readonly phase: 'open' | 'apply';
  /** All pages before this time are taken, except those that arrive late by up to `lateSeconds`. In epoch seconds. */
  readonly until: number;
  /** The same, of pages that are counted and alerted: `until` in phase `open`, in `apply` the first page of the freeze. */
  readonly countedUntil: number;
  /** The number of frozen chunks, and how many of them are counted and alerted. */
  readonly chunks: number;
  readonly applied: number;
}

/** The state of a lane without a freeze. */
export const newLane: LaneState = {
  freeze: { number: 0, attempt: '' },
  phase: 'open',
  until: 0,
  countedUntil: 0,
  chunks: 0,
  applied: 0,
};

/** Returns the state after the first chunks are counted and alerted. */
export function advanced(state: LaneState, applied: number): LaneState {
  const isDone = applied === state.chunks;
  return { ...state, applied, ...(isDone && { phase: 'open', countedUntil: state.until }) };
}

/** The pages that a freeze has taken. */
export interface TakenPages {
  readonly freeze: FreezeId;
  /** The freeze before, and its `until`: the freezes of a lane form one chain. */
  readonly previous: Pick<LaneState, 'freeze' | 'until'>;
  readonly until: number;
  /** The taken parts by batch. */
  readonly parts: ReadonlyMap<string, number>;
}

/**
 * The port to the journal. A call rejects with a FlowError: `COUNT_FAILED` if the table fails, `DEADLINE_NEAR` if the
 * signal has fired, `JOURNAL_BROKEN` if something that must be there is missing.
 */
export interface Journal {
  /** The seed of the hash that assigns keys to lanes: see lane.ts. */
  readonly seed: string;
  /** Records that a set of lanes is in use. Must have succeeded before a page is put. @param now epoch seconds */
  register(lanes: number, now: number, signal: AbortSignal): Promise<void>;
  /** Returns the numbers of lanes of the sets that may have pages. @param now epoch seconds */
  laneSets(now: number, signal: AbortSignal): Promise<readonly number[]>;
  /** Stores a page. To put the same page twice stores it once. */
  putPage(lane: Lane, page: Page, signal: AbortSignal): Promise<void>;
  /**
   * Returns the pages with `from` <= `putAt` <= `to`, the earliest first.
   *
   * @param consistency `eventual` costs half, and may miss what was put within the last second (default)
   */
  pages(
    lane: Lane,
    from: number,
    to: number,
    signal: AbortSignal,
    consistency?: 'strong' | 'eventual',
  ): AsyncIterable<Page>;
  /**
   * Takes or extends the lease of a lane. Returns the lane's state; undefined if another process holds the lease.
   *
   * @param until when the lease ends by itself, in epoch seconds
   */
  lease(lane: Lane, holder: string, now: number, until: number, signal: AbortSignal): Promise<LaneState | undefined>;
  /** Gives the lease with this end back. A late request gives no later lease of the same holder back. */
  release(lane: Lane, holder: string, until: number, signal: AbortSignal): Promise<void>;
  /** Returns the state of a lane. */
  state(lane: Lane, signal: AbortSignal): Promise<LaneState>;
  /** Stores what a freeze is about to take, and its chunks: nothing reads them unless the freeze succeeds. */
  putTaken(lane: Lane, taken: TakenPages, signal: AbortSignal): Promise<void>;
  putChunk(
    lane: Lane,
    freeze: FreezeId,
    index: number,
    until: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Freezes: replaces the state of a lane, on the condition that its last freeze and its phase are still those of `before`.
   * Returns whether it did.
   */
  freeze(lane: Lane, before: LaneState, after: LaneState, signal: AbortSignal): Promise<boolean>;
  /** Records that the first chunks are counted and alerted; with all of them, the phase becomes `open`. */
  advance(lane: Lane, state: LaneState, applied: number, signal: AbortSignal): Promise<boolean>;
  /** Returns what freezes took, from one back to the last whose `until` is not before a time: the latest first. */
  taken(
    lane: Lane,
    last: Pick<LaneState, 'freeze' | 'until'>,
    since: number,
    signal: AbortSignal,
  ): Promise<readonly TakenPages[]>;
  /** Records that the counter store refused the update of a key of a chunk. Returns how often it has, this time included. */
  recordRefusal(
    lane: Lane,
    freeze: FreezeId,
    index: number,
    until: number,
    pk: string,
    signal: AbortSignal,
  ): Promise<number>;
  /** Returns a frozen chunk. */
  chunk(lane: Lane, freeze: FreezeId, index: number, signal: AbortSignal): Promise<Uint8Array>;
}

/**
 * How long after the last freeze's `until` a page may carry an earlier time, in seconds: an attempt lives for five minutes,
 * clocks may differ by five more, and five are a margin.
 */
export const lateSeconds = 900;

/** How far ahead of the flush's clock a page's clock may be, in seconds: a page of a later time waits. */
export const aheadSeconds = 600;

/**
 * How long pages are stored, in seconds. DynamoDB deletes an expired item within two days (Developer Guide, "Time to
 * Live"). A page is put at most `pageRetentionSeconds` after the first attempt of its batch: see put-pages.ts.
 */
export const pageRetentionSeconds = 14 * 86_400;
export const pageLifetimeSeconds = pageRetentionSeconds + 2 * 86_400;
/** The longest time from the first attempt of a batch until its last page is deleted, in seconds. */
export const batchLifetimeSeconds = pageRetentionSeconds + pageLifetimeSeconds;
/** What freezes took is stored longer, so that no page is taken twice. */
export const takenRetentionSeconds = batchLifetimeSeconds + 2 * 86_400;
export const chunkRetentionSeconds = 30 * 86_400;
