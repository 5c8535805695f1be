import { MemoryJournal } from '../../emulators/memory-journal.ts';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { type FlushMemory, flush } from '../../lambda/flush/flush.ts';
import { notableDeltas } from '../../lambda/journal/columns/notable-deltas.ts';
import { takenRetentionSeconds } from '../../lambda/journal/journal.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { lanesOfRun } from './counting.ts';
import { ScheduledFlush } from './scheduled-flush.ts';

/** The configuration of the flushes of a run. */
export interface MemoryFlushSettings {
  readonly rules: LoadedRules;
  readonly formats: readonly Format[];
  readonly messages: MessageLimits;
  readonly everySeconds: number;
}

/**
 * Creates a journal in memory, and the schedule of its flushes.
 *
 * @param ports those of the batches of the run
 * @param onFlushed called after each flush
 * @returns the schedule, and the further ports of the batches
 */
export function flushInMemory(
  { rules, formats, messages, everySeconds }: MemoryFlushSettings,
  ports: Ports,
  onFlushed: () => Promise<void>,
): { readonly schedule: ScheduledFlush; readonly ports: Pick<Ports, 'journal'> } {
  const journal = new MemoryJournal();
  const memory: FlushMemory = new Map();
  const now = () => schedule.now;
  let attempts = 0;
  const newAttempt = () => {
    attempts += 1;
    return attempts.toString(36).padStart(8, '0');
  };
  // A flush is another process than a batch: it must add the slots that the batch knows to be in a page.
  const knownSlots = new KnownSlots(rules.series);
  const lease = { holder: 'flush', leaseUntil: now, lastStart: ports.deadline };
  const schedule = new ScheduledFlush(everySeconds, formats, async () => {
    const settings = { rules, messages, origin: schedule.origin, everySeconds, lanes: lanesOfRun };
    const flushPorts = { ...ports, journal, knownSlots, now, newAttempt, ...lease };
    const result = await flush({ index: 0, processes: 1, isForced: true }, settings, memory, flushPorts);
    await onFlushed();
    journal.expire(schedule.now, retention);
    if (!result) return undefined;
    const { outcome, uncountedSeconds, problems } = result;
    return { deferred: outcome.deferred.length, uncountedSeconds, problems: problems.map(messageOf) };
  });
  return { schedule, ports: { journal: { journal, lanes: lanesOfRun, isNotable: notableDeltas(rules), now } } };
}

/**
 * A retry comes at once, and a flush counts all there is, so pages and chunks are soon unused. What freezes took is stored
 * as in a table: a lane may have no freeze for days.
 */
const retention = { pages: 3600, chunks: 3600, taken: takenRetentionSeconds };
