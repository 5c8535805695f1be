import { createHash } from 'node:crypto';
import type { Batch } from '../counters/batch.ts';
import { dedupTokenLength } from '../counters/counter.ts';
import type { LaneState } from '../journal/journal.ts';
import { type Lane, laneName } from '../journal/lane.ts';
import { versionedToken } from '../parse/batch-identity.ts';

/** The version in the tokens of a flush: no batch of Firehose has it. */
const flushVersion = 7;

/**
 * Identifies a frozen chunk as a batch: the same for all who count it. The attempt's random name is part of the identity,
 * so a new journal repeats none.
 */
export function chunkBatch(lane: Lane, { freeze, until }: LaneState, index: number): Batch {
  return batchOf([laneName(lane), freeze.number, freeze.attempt, index], until);
}

/** Identifies one run of a process, which sends alerts that wait. @param now epoch seconds */
export function runBatch(holder: string, now: number): Batch {
  return batchOf([holder, now], now);
}

function batchOf(identity: readonly (string | number)[], arrival: number): Batch {
  const text = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
  return {
    dedupToken: versionedToken(flushVersion, text.slice(0, dedupTokenLength)),
    check: text.slice(dedupTokenLength, 2 * dedupTokenLength),
    arrival,
  };
}
