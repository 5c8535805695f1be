import {
  aheadSeconds,
  batchLifetimeSeconds,
  type LaneState,
  lateSeconds,
  type Page,
  type TakenPages,
} from './journal.ts';

/** The most that one freeze takes; what is left is for the next freeze. */
export interface IntakeLimits {
  readonly deltas: number;
  readonly pages: number;
}

/**
 * The limits by default: some 300 MB of memory, and an item of at most 364 KB that names the pages. They hold 15 minutes of a
 * lane up to a thousand million records a day in 128 lanes.
 */
export const defaultIntakeLimits: IntakeLimits = { deltas: 600_000, pages: 14_000 };

/** A page, and the parts of it that no freeze has taken. */
export interface FreshPage {
  readonly page: Page;
  readonly parts: number;
}

/** The pages that a freeze takes. */
export interface Intake {
  readonly fresh: readonly FreshPage[];
  /** All pages before this time are taken: see LaneState. */
  readonly until: number;
  /** Whether pages are left for the next freeze. */
  readonly isPartial: boolean;
  /** The latest `putAt` of a page; undefined without pages. */
  readonly newest: number | undefined;
}

/** The interval in which a flush looks for pages, in epoch seconds. */
export function intakeInterval({ until }: LaneState, now: number): { readonly from: number; readonly to: number } {
  return { from: until - lateSeconds, to: now + aheadSeconds };
}

/** How far a process's clock may be behind the newest page, in seconds, before `until` follows the page. */
const clockSeconds = 300;

/**
 * How long before the first attempt of a batch a freeze may have ended that took a page of it, in seconds: `until` of such
 * a freeze is at most `aheadSeconds` before the page's time, which clocks may move by five minutes.
 */
const firstAttemptMargin = 1200;

/** How much further than a page needs it what freezes took is read, in seconds: the next page may be a little older. */
const furtherSeconds = 3600;

/**
 * Chooses the pages that a freeze takes, the earliest first. A part of a batch is taken once, whichever attempt put it.
 *
 * @param pages the pages of intakeInterval, the earliest first
 * @param takenSince returns what freezes took whose `until` is not before a time
 * @param now epoch seconds by the clock of this process
 */
export async function chooseIntake(
  pages: AsyncIterable<Page>,
  state: LaneState,
  takenSince: (time: number) => Promise<readonly TakenPages[]>,
  now: number,
  limits: IntakeLimits = defaultIntakeLimits,
): Promise<Intake> {
  // All pages of a batch with an earlier first attempt are deleted.
  const earliest = now - batchLifetimeSeconds;
  let since = Math.max(earliest, state.until - lateSeconds - firstAttemptMargin);
  let taken = takenParts(await takenSince(since));
  const fresh: FreshPage[] = [];
  let deltas = 0;
  let left: Page | undefined;
  let newest: number | undefined;
  for await (const page of pages) {
    const needed = Math.max(earliest, page.firstAttempt - firstAttemptMargin);
    if (needed < since) {
      since = Math.max(earliest, needed - furtherSeconds);
      taken = takenParts([...(await takenSince(since)), { parts: partsByBatch(fresh) }]);
    }
    const before = taken.get(page.batch) ?? 0;
    const parts = (page.parts & ~before) >>> 0;
    if (parts !== 0) {
      if (fresh.length > 0 && (deltas + page.deltas > limits.deltas || fresh.length >= limits.pages)) {
        left = page;
        break;
      }
      taken.set(page.batch, (before | parts) >>> 0);
      fresh.push({ page, parts });
      deltas += page.deltas;
    }
    newest = Math.max(newest ?? 0, page.putAt);
  }
  const reached = left ? left.putAt : Math.min(now, (newest ?? state.until) + clockSeconds);
  return { fresh, until: Math.max(state.until, reached), isPartial: left !== undefined, newest };
}

function takenParts(all: readonly Pick<TakenPages, 'parts'>[]): Map<string, number> {
  const parts = new Map<string, number>();
  for (const taken of all) {
    for (const [batch, some] of taken.parts) parts.set(batch, ((parts.get(batch) ?? 0) | some) >>> 0);
  }
  return parts;
}

/** Returns what a freeze takes by batch. */
export function partsByBatch(fresh: readonly FreshPage[]): Map<string, number> {
  const parts = new Map<string, number>();
  for (const { page, parts: some } of fresh) parts.set(page.batch, ((parts.get(page.batch) ?? 0) | some) >>> 0);
  return parts;
}
