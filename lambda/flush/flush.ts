import pMap from 'p-map';
import type { ReEvaluation } from '../evaluate/finding.ts';
import { type Lane, laneName, laneNumberOf, lanesOf } from '../journal/lane.ts';
import type { FlushPorts, FlushSettings } from './flush-ports.ts';
import { type FlushResult, FlushRun } from './flush-run.ts';
import { type HeldLane, isBehind, lanesAtOnce, leaseAll } from './held-lane.ts';

/** Which lanes a process flushes: those whose number, modulo the number of processes, is its index. */
export interface FlushTask {
  readonly index: number;
  readonly processes: number;
  /** Whether the lanes are flushed now, however recent the last flush is. */
  readonly isForced: boolean;
}

/** What a process remembers of a lane, in epoch seconds. */
export interface LaneMemory {
  /** When the lane was flushed for the last time; undefined if that flush left pages behind. */
  readonly flushedAt: number | undefined;
  /** All flows that arrived before this time are counted. */
  readonly countedUntil: number;
}

/**
 * What a process remembers between its flushes, by the names of lanes. A process without it flushes at once, and tells no
 * end of an alert.
 */
export type FlushMemory = Map<string, LaneMemory>;

/**
 * Flushes the lanes of a process if it is time, and follows up alerts that wait. Each lane is frozen, counted and
 * evaluated. Then the alerts of all lanes are sent together, and the lanes are open for the next freeze.
 *
 * A flush that fails anywhere leaves each lane in a state from which the next flush continues: counters hold the tokens of
 * chunks, and a chunk that is counted is evaluated again. See docs/decisions/0035-pages-are-counted-at-a-flush.md.
 */
export async function flush(
  task: FlushTask,
  settings: FlushSettings,
  memory: FlushMemory,
  ports: FlushPorts,
): Promise<FlushResult | undefined> {
  const present = ports.now();
  const sets = await ports.journal.laneSets(present, ports.deadline);
  if (sets.length === 0 && settings.lanes === 0) return undefined;
  const { isForced, index, processes } = task;
  const all = sets.flatMap(lanesOf).filter(({ number }) => number % processes === index);
  const due = isForced ? all : await dueLanes(all, settings, memory, ports);
  const isOwn = ({ key }: ReEvaluation) =>
    laneNumberOf(key.pk, Math.max(...sets), ports.journal.seed) % processes === index;
  const leaseUntil = ports.leaseUntil();
  const lanes = await leaseAll(due, leaseUntil, ports);
  const run = new FlushRun(settings, ports, isOwn);
  try {
    await run.flushAll(lanes);
    for (const held of lanes) memory.set(laneName(held.lane), memoryOf(held, present, memory.get(laneName(held.lane))));
    const countedUntil = all.map((lane) => memory.get(laneName(lane))?.countedUntil ?? Number.NEGATIVE_INFINITY);
    // Without a lane no page has been put: the counters have all flows.
    await run.followUp(Math.min(present, ...countedUntil)).catch((error: unknown) => run.problems.push(error));
    return run.result(lanes.length, due.length - lanes.length, uncountedSeconds(lanes, memory, ports.now()));
  } finally {
    await Promise.allSettled(
      lanes.map(({ lane }) => ports.journal.release(lane, ports.holder, leaseUntil, ports.closing)),
    );
  }
}

/**
 * Returns the lanes that are due: those that this process has flushed long enough ago, or never, unless the lane's state
 * says that another process has flushed it since. A state costs a read, and a lease a write.
 */
async function dueLanes(
  all: readonly Lane[],
  { everySeconds }: FlushSettings,
  memory: FlushMemory,
  { journal, now, deadline }: FlushPorts,
): Promise<Lane[]> {
  const present = now();
  const isDue = (lane: Lane) => {
    const flushedAt = memory.get(laneName(lane))?.flushedAt;
    return flushedAt === undefined || present - flushedAt >= everySeconds;
  };
  const checked = await pMap(
    all.filter(isDue),
    async (lane) => {
      const state = await journal.state(lane, deadline);
      const { phase, until, countedUntil } = state;
      const known = memory.get(laneName(lane));
      const isBehind = known !== undefined && known.flushedAt === undefined;
      if (isBehind || phase === 'apply' || present - until >= everySeconds) return [lane];
      memory.set(laneName(lane), { flushedAt: until, countedUntil });
      return [];
    },
    { concurrency: lanesAtOnce },
  );
  return checked.flat();
}

/**
 * A lane that is behind is flushed again at the next invocation. A flush without pages writes no state, so the last flush of
 * this process may know of a later time than the state.
 */
function memoryOf(held: HeldLane, present: number, before: LaneMemory | undefined): LaneMemory {
  if (!isBehind(held)) return { flushedAt: present, countedUntil: present };
  return { flushedAt: undefined, countedUntil: Math.max(held.state.countedUntil, before?.countedUntil ?? 0) };
}

/** Returns the age of the oldest page that is not counted; 0 without one. A lane that was never counted has no age. */
function uncountedSeconds(lanes: readonly HeldLane[], memory: FlushMemory, now: number): number {
  const since = lanes.filter(isBehind).map(({ lane }) => memory.get(laneName(lane))!.countedUntil);
  return Math.max(0, ...since.filter((time) => time > 0).map((time) => now - time));
}
