import { daySeconds } from '../common/calendar.ts';
import { FlowError } from '../common/errors.ts';
import type { CounterStore, Counting } from '../count/counter-store.ts';
import type { KnownSlots } from '../count/known-slots.ts';
import { untilFailure } from '../count/until-failure.ts';
import type { Batch } from '../counters/batch.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import { columnsOf, type DeltaColumns, selectRows } from './columns/delta-columns.ts';
import { type Journal, type Page, pageRetentionSeconds } from './journal.ts';
import { allParts, laneNumberOf, partOf, partsOfLane } from './lane.ts';
import { packReadable } from './page/page.ts';

/** The ports that put pages. */
export interface PutPorts {
  readonly journal: Journal;
  readonly counters: Pick<CounterStore, 'complete'>;
  readonly knownSlots?: KnownSlots;
  /** The process's clock in epoch seconds. */
  readonly now: () => number;
  readonly deadline: AbortSignal;
}

/** How the first attempt of a batch counts, and whether this is a later one. */
export type BatchInJournal = Exclude<Counting, 'direct'> & { readonly isRetry: boolean };

/** The series of the pages, and which deltas keep the interfaces and instances of their flows as evidence. */
export interface PageContents {
  readonly series: ReadonlyMap<string, Pick<LoadedSeries, 'slotSeconds' | 'measure'>>;
  readonly isNotable?: (delta: KeyDelta) => boolean;
}

/**
 * The longest packed page in bytes: an item may have 400 KB, names and other attributes included (DynamoDB Developer
 * Guide, "Quotas").
 */
export const maxPageBytes = 390_000;

/**
 * Puts the deltas of a batch into the lanes of the journal, one page for each lane, and completes the batch. A later
 * attempt puts the same again; a flush takes each part of a batch once.
 *
 * All pages of an attempt carry the time of its beginning. After the first failure it starts no further request, and
 * rejects once those in flight have settled: a page that arrives after the answer could be missed.
 *
 * @throws FlowError `COUNT_FAILED` if one part of a lane makes a page that is too long. The same if the batch is older than
 * what the journal remembers
 */
export async function putPages(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { lanes, firstAttempt, isRetry }: BatchInJournal,
  contents: PageContents,
  { journal, counters, knownSlots, now, deadline }: PutPorts,
): Promise<void> {
  const putAt = now();
  if (putAt - firstAttempt > pageRetentionSeconds) {
    const days = Math.floor((putAt - firstAttempt) / daySeconds);
    throw new FlowError(
      'COUNT_FAILED',
      `the first attempt of this batch began ${days} days ago, and the journal knows for ${pageRetentionSeconds / daySeconds} days what it has counted of a batch: it cannot be counted exactly once any more; once it has expired, store its lines with redrive --expired store`,
    );
  }
  await journal.register(lanes, putAt, deadline);
  // A slot of presence that a page of another batch holds will be counted, and is left out. A retry leaves out none: the
  // slots may be known from a page of the former attempt, and a flush may take the page of this one in its place.
  const unknown = isRetry ? deltas : deltas.filter((delta) => !knownSlots?.isKnown(delta));
  const byLane = Map.groupBy(unknown, ({ key }) => laneNumberOf(key.pk, lanes, journal.seed));
  const common = { batch: batchName(batch), putAt, firstAttempt };
  await untilFailure(byLane, async ([number, ofLane], hasFailed) => {
    for (const page of pagesOf(columnsOf(ofLane, contents.series, contents.isNotable), common, journal.seed)) {
      if (hasFailed()) return;
      await journal.putPage({ lanes, number }, page, deadline);
    }
  });
  await counters.complete(batch, deadline);
  knownSlots?.remember(unknown);
}

/** Returns the name of a batch in the journal: its dedup token and its check. */
function batchName({ dedupToken, check = '' }: Batch): string {
  return `${dedupToken}${check}`;
}

/** Packs the deltas of a lane: one page, or one for each part if one would be too long. */
function pagesOf(columns: DeltaColumns, common: Pick<Page, 'batch' | 'putAt' | 'firstAttempt'>, seed: string): Page[] {
  const bytes = packReadable(columns, maxPageBytes);
  if (bytes) return [{ ...common, parts: allParts, deltas: columns.pks.length, bytes }];
  return Array.from({ length: partsOfLane }, (_, part) => (1 << part) >>> 0).flatMap((parts) => {
    const ofPart = selectRows(columns, (pk) => partOf(pk, seed) === parts);
    if (ofPart.pks.length === 0) return [];
    const packed = packReadable(ofPart, maxPageBytes);
    if (!packed) {
      throw new FlowError(
        'COUNT_FAILED',
        `a page is too long: got ${ofPart.pks.length} deltas of one part of a lane, expected deltas that fit into ${maxPageBytes} bytes; report it: Firehose stores the records of the batch under errors/`,
      );
    }
    return [{ ...common, parts, deltas: ofPart.pks.length, bytes: packed }];
  });
}
