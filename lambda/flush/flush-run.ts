import pMap from 'p-map';
import { alertContext } from '../alert/alert-context.ts';
import { learningStarts } from '../alert/learning-starts.ts';
import { withNames } from '../alert/name-lookups.ts';
import { reEvaluateDue } from '../alert/re-evaluations.ts';
import { type AlertOutcome, recordSuppressions, sendAlerts } from '../alert/send-alerts.ts';
import { withContext } from '../alert/with-context.ts';
import { FlowError, messageOf } from '../common/errors.ts';
import type { Batch } from '../counters/batch.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { countAndEvaluate } from '../evaluate/count-and-evaluate.ts';
import { mergeEvaluations } from '../evaluate/evaluate.ts';
import type { Evaluation, ReEvaluation } from '../evaluate/finding.ts';
import { deltasOf } from '../journal/columns/delta-columns.ts';
import { advanced, type LaneState } from '../journal/journal.ts';
import { type Lane, laneText } from '../journal/lane.ts';
import { unpackPage } from '../journal/page/page.ts';
import type { AlertStages } from '../telemetry/alert-report.ts';
import type { FlushNumbers } from '../telemetry/flush-report.ts';
import { chunkBatch, runBatch } from './flush-batch.ts';
import type { FlushPorts, FlushSettings } from './flush-ports.ts';
import { freezeLane } from './freeze-lane.ts';
import { type HeldLane, lanesAtOnce } from './held-lane.ts';

/** The result of a flush. */
export interface FlushResult extends FlushNumbers, AlertStages {
  /** Why a lane was not flushed, or the topic took no message: the next flush tries again. */
  readonly problems: readonly unknown[];
}

/** The number of flushes in which the table refuses the update of a key before the key is left out. */
const maxRefusals = 3;

/** What a counted chunk leads to. */
interface CountedChunk {
  readonly evaluation: Evaluation;
  readonly batch: Batch;
}

/** A lane with the chunks that are counted in a round, and the number of its chunks that are counted then. */
interface CountedLane {
  readonly held: HeldLane;
  readonly results: readonly CountedChunk[];
  readonly chunks: number;
}

/** One run of a flush: its results so far. */
export class FlushRun {
  readonly problems: unknown[] = [];
  readonly #settings: FlushSettings;
  readonly #ports: FlushPorts;
  readonly #isOwn: (entry: ReEvaluation) => boolean;
  readonly #outcomes: AlertOutcome[] = [];
  readonly #suppressions: Evaluation['suppressions'][] = [];
  readonly #unlisted: ReEvaluation[] = [];
  #waiting: readonly ReEvaluation[] = [];
  #pages = 0;
  #counters = 0;
  #earliestEnd: number | undefined;
  #aheadSeconds = 0;
  #publishCalls = 0;

  constructor(settings: FlushSettings, ports: FlushPorts, isOwn: (entry: ReEvaluation) => boolean) {
    this.#settings = settings;
    this.#ports = { ...ports, alerts: { publish: (...args) => this.#publish(ports, ...args) } };
    this.#isOwn = isOwn;
  }

  #publish({ alerts }: FlushPorts, ...args: Parameters<FlushPorts['alerts']['publish']>) {
    this.#publishCalls += 1;
    return alerts.publish(...args);
  }

  /** Flushes lanes until nothing is left or the time is over. */
  async flushAll(lanes: readonly HeldLane[]): Promise<void> {
    const { lastStart } = this.#ports;
    const isAtWork = ({ isPartial, hasFailed }: HeldLane) => isPartial && !hasFailed;
    while (lanes.some(isAtWork) && !lastStart.aborted) await this.#round(lanes.filter(isAtWork));
  }

  /** Freezes the lanes, counts what they froze, sends the alerts of all, and records what is done. */
  async #round(lanes: readonly HeldLane[]): Promise<void> {
    // One after the other: a freeze holds the pages of its lane in memory.
    for (const held of lanes) await this.#attempt(held, () => this.#freeze(held));
    const counted: CountedLane[] = [];
    for (const held of lanes) {
      if (held.state.phase !== 'apply' || held.hasFailed) continue;
      const { chunks, applied } = held.state;
      const results: CountedChunk[] = [];
      await this.#attempt(held, async () => {
        while (applied + results.length < chunks && !this.#ports.lastStart.aborted) {
          results.push(await this.#count(held, applied + results.length));
        }
      });
      if (results.length > 0) counted.push({ held, results, chunks: applied + results.length });
    }
    const alerted = await this.#alertAll(counted);
    await pMap(alerted, ({ held, chunks }) => this.#attempt(held, () => this.#advance(held, chunks)), {
      concurrency: lanesAtOnce,
    });
  }

  /**
   * Sends the alerts of all lanes together. If the table refuses one of them, each lane sends its own: a lane whose alerts
   * are refused must not keep the others from being counted. Returns the lanes whose alerts are sent.
   *
   * After a message was published, the next flush continues: an alert whose mark was refused would be sent again at once.
   */
  async #alertAll(counted: readonly CountedLane[]): Promise<readonly CountedLane[]> {
    const alert = (chunks: readonly CountedChunk[]) =>
      this.#alert(mergeEvaluations(chunks.map(({ evaluation }) => evaluation)), chunks[0]!.batch);
    if (counted.length === 0) return counted;
    const callsBefore = this.#publishCalls;
    try {
      await alert(counted.flatMap(({ results }) => results));
      return counted;
    } catch (error) {
      const isRefused = error instanceof FlowError && error.code === 'COUNT_FAILED';
      if (!isRefused || this.#publishCalls > callsBefore) throw error;
    }
    const alerted: CountedLane[] = [];
    for (const lane of counted) {
      await this.#attempt(lane.held, async () => {
        await alert(lane.results);
        alerted.push(lane);
      });
    }
    return alerted;
  }

  /** Works on one lane. A failure ends the work on this lane only. */
  async #attempt(held: HeldLane, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      held.hasFailed = true;
      const code = error instanceof FlowError ? error.code : 'COUNT_FAILED';
      const reason = error instanceof Error ? error.message : String(error);
      this.problems.push(new FlowError(code, `${laneText(held.lane)} is not flushed: ${reason}`, { cause: error }));
    }
  }

  async #freeze(held: HeldLane): Promise<void> {
    const { state, isPartial, pages, aheadSeconds } = await freezeLane(held.lane, held.state, this.#ports);
    this.#pages += pages;
    this.#aheadSeconds = Math.max(this.#aheadSeconds, aheadSeconds);
    if (!state)
      throw new FlowError(
        'COUNT_FAILED',
        'another process has frozen the lane at the same time; the next flush continues',
      );
    held.isPartial = isPartial;
    held.state = state;
  }

  /** Counts one chunk as a batch, which arrives at the end of what the freeze took. */
  async #count({ lane, state }: HeldLane, index: number): Promise<CountedChunk> {
    const { rules } = this.#settings;
    const { journal, counters, knownSlots, alertState, deadline } = this.#ports;
    const batch = chunkBatch(lane, state, index);
    const deltas = deltasOf(unpackPage(await journal.chunk(lane, state.freeze, index, deadline)));
    const start = await counters.begin(batch, deadline);
    const learning = await learningStarts(batch, rules, { alertState, deadline });
    const { evaluation, settled } = await this.#withoutRefused(lane, state, index, deltas, (accepted) =>
      countAndEvaluate(accepted, batch, start, rules, learning, this.#ports),
    );
    knownSlots?.remember(settled);
    for (const { part, lastSeen } of deltas) {
      if (part === 0) this.#counters += 1;
      this.#earliestEnd = Math.min(this.#earliestEnd ?? lastSeen, lastSeen);
    }
    return { evaluation, batch };
  }

  /**
   * Works on the deltas of a chunk. A key whose update the table refuses in three flushes is left out: it must not keep a
   * lane from being counted for good. Its deltas stay in the chunk, and its flows in the lake.
   */
  async #withoutRefused<T>(
    lane: Lane,
    { freeze, until }: LaneState,
    index: number,
    deltas: readonly KeyDelta[],
    work: (accepted: readonly KeyDelta[]) => Promise<T>,
  ): Promise<T> {
    const refused = new Set<string>();
    for (;;) {
      try {
        return await work(deltas.filter(({ key }) => !refused.has(key.pk)));
      } catch (error) {
        const key = error instanceof FlowError ? error.refusedKey : undefined;
        if (key === undefined || refused.has(key)) throw error;
        const times = await this.#ports.journal.recordRefusal(lane, freeze, index, until, key, this.#ports.deadline);
        if (times < maxRefusals) throw error;
        refused.add(key);
        const reason = `${laneText(lane)} leaves out a counter, whose deltas stay in chunk ${index} of freeze ${freeze.number}: `;
        this.problems.push(
          new FlowError('JOURNAL_BROKEN', `${reason}${messageOf(error)}; report it`, { cause: error }),
        );
      }
    }
  }

  async #advance(held: HeldLane, chunks: number): Promise<void> {
    const { lane, state } = held;
    const isRecorded = await this.#ports.journal.advance(lane, state, chunks, this.#ports.deadline);
    if (!isRecorded)
      throw new FlowError(
        'COUNT_FAILED',
        'another process has counted the lane at the same time; the next flush continues',
      );
    held.state = advanced(state, chunks);
  }

  async #alert(evaluation: Evaluation, batch: Batch): Promise<void> {
    this.#outcomes.push(await this.#send(evaluation.findings));
    this.#unlisted.push(...(await recordSuppressions(evaluation, batch, this.#ports)));
    this.#suppressions.push(evaluation.suppressions);
  }

  /**
   * Sends alerts. If the topic takes none, the alerts are deferred to a later minute: a topic that fails must not keep the
   * lanes from being counted.
   */
  async #send(findings: Evaluation['findings']): Promise<AlertOutcome> {
    const { origin, rules, messages } = this.#settings;
    const present = runBatch(this.#ports.holder, this.#ports.now());
    return withNames(findings, rules.insideNetworks, this.#ports, async (names) => {
      const context = alertContext(origin, rules, present.arrival, { ...this.#ports, names });
      return withContext(findings, context, this.#ports, async (found) => {
        try {
          return await sendAlerts(found, present, context, messages, this.#ports);
        } catch (error) {
          if (!(error instanceof FlowError) || error.code !== 'ALERT_FAILED') throw error;
          this.problems.push(error);
          return sendAlerts(found, present, context, { ...messages, perBatch: 0 }, this.#ports);
        }
      });
    });
  }

  /** Sends deferred alerts, and notices of alerts that have ended by `countedUntil`, of the process's own keys. */
  async followUp(countedUntil: number): Promise<void> {
    const present = runBatch(this.#ports.holder, this.#ports.now());
    const options = { isOwn: this.#isOwn, countedUntil };
    const { findings, waiting } = await reEvaluateDue([], present, this.#settings.rules, this.#ports, options);
    this.#waiting = waiting;
    if (findings.length > 0) this.#outcomes.push(await this.#send(findings));
  }

  result(lanes: number, lanesHeldElsewhere: number, uncountedSeconds: number): FlushResult {
    const all = this.#outcomes;
    return {
      lanes,
      lanesHeldElsewhere,
      pages: this.#pages,
      countersTouched: this.#counters,
      earliestEnd: this.#earliestEnd,
      uncountedSeconds,
      aheadSeconds: this.#aheadSeconds,
      outcome: {
        published: all.flatMap(({ published }) => published),
        logged: all.flatMap(({ logged }) => logged),
        deferred: all.flatMap(({ deferred }) => deferred),
        silenced: all.flatMap(({ silenced }) => silenced),
        unlisted: all.flatMap(({ unlisted }) => unlisted),
      },
      suppressions: this.#suppressions.flat(),
      queued: { waiting: this.#waiting, unlisted: [...all.flatMap(({ unlisted }) => unlisted), ...this.#unlisted] },
      problems: this.problems,
    };
  }
}
