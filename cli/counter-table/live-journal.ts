import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { DynamoJournal } from '../../lambda/aws/dynamo-journal.ts';
import { utc } from '../../lambda/common/format-units.ts';
import { attemptsAtCompletion, isMarkerOf, markerKey } from '../../lambda/count/batch-marker.ts';
import type { Item } from '../../lambda/count/counter-item.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { chooseIntake, intakeInterval } from '../../lambda/journal/intake.ts';
import { type Journal, lateSeconds } from '../../lambda/journal/journal.ts';
import { type Lane, lanesOf } from '../../lambda/journal/lane.ts';
import { type PresentCounter, readPresentCounter } from './present-counter.ts';

/** The output with the name of the journal's table (lib/detector/journal-table.ts); a former version has none. */
export const journalOutput = 'JournalTableName';

/** The journal of a stack, whose pages the counter table lacks until a flush counts these. */
export interface LiveJournal {
  /** The numbers of lanes of the sets in use. */
  readonly sets: readonly number[];
  /** Reads the present counter of a key. @param readCounter reads the stored counter, strongly consistent */
  present(pk: string, readCounter: () => Promise<Counter | undefined>): Promise<PresentCounter>;
  /** Returns until when all lanes are counted, in epoch seconds. */
  countedUntil(): Promise<number>;
}

/** Returns the journal of a stack; undefined if no batch has used one in the last 14 days. */
export async function openJournal(
  client: DynamoDBClient,
  journalTable: string | undefined,
  readItem: (key: Item) => Promise<Item | undefined>,
): Promise<LiveJournal | undefined> {
  if (journalTable === undefined) return undefined;
  const journal = new DynamoJournal(client, journalTable);
  const signal = new AbortController().signal;
  const now = () => Math.floor(Date.now() / 1000);
  const sets = await journal.laneSets(now(), signal);
  if (sets.length === 0) return undefined;
  const isComplete = async (batch: Parameters<typeof isMarkerOf>[1]) => {
    const marker = await readItem(markerKey(batch.dedupToken));
    return marker !== undefined && isMarkerOf(marker, batch) && attemptsAtCompletion(marker) !== undefined;
  };
  return {
    sets,
    present: (pk, readCounter) => readPresentCounter(pk, sets, readCounter, { journal, isComplete, now, signal }),
    async countedUntil() {
      const times = await pMap(sets.flatMap(lanesOf), (lane) => countedUntilOf(lane, journal, now(), signal), {
        concurrency: lanesAtOnce,
      });
      return Math.min(...times);
    },
  };
}

const lanesAtOnce = 16;

/**
 * Returns until when a lane is counted, in epoch seconds. A flush without pages writes no state: if the last one with pages
 * is long ago, the lane's pages show whether anything waits.
 */
export async function countedUntilOf(lane: Lane, journal: Journal, now: number, signal: AbortSignal): Promise<number> {
  const state = await journal.state(lane, signal);
  if (state.phase === 'apply' || state.countedUntil > now - lateSeconds) return state.countedUntil;
  const { from, to } = intakeInterval(state, now);
  const takenSince = (time: number) => journal.taken(lane, state, time, signal);
  const { fresh } = await chooseIntake(journal.pages(lane, from, to, signal), state, takenSince, now, onePage);
  return fresh[0]?.page.putAt ?? now;
}

const onePage = { deltas: Number.POSITIVE_INFINITY, pages: 1 };

/** Returns the line of a list about what the journal holds. */
export function countedUntilText(time: number): string {
  return `Counted until ${utc(time)} UTC: a flush of the journal counts later flows.\n`;
}
