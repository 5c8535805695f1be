import { setImmediate } from 'node:timers/promises';
import { batchesOf, defaultFirehoseOptions, type Invoke, runFirehose } from '../../emulators/firehose.ts';
import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { unknownArrival } from '../flow-files/arrival-time.ts';
import type { FlowFiles, ReadFile } from '../flow-files/flow-files.ts';
import { recordsInRange } from '../flow-files/records-in-range.ts';
import type { RangeFilter } from '../flow-files/time-range.ts';
import { hasDirection } from '../monitored-networks/has-direction.ts';
import type { Monitoring } from '../monitored-networks/left-out-text.ts';
import type { MonitoredNetworks } from '../monitored-networks/monitored-networks.ts';
import type { ReportCollector } from '../report/report-collector.ts';
import type { RecordTotals } from '../statistics/flow-counts.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import type { UnseenFlows } from '../statistics/unseen-flows.ts';
import { showProgress } from '../terminal/progress.ts';
import { emptyInputError } from './empty-input.ts';
import type { Engine } from './engine.ts';

/** Result of a replay of files. Times are epoch seconds. */
export interface ReplayedFiles {
  /** In the order of their names. */
  readonly files: readonly ReadFile[];
  readonly records: RecordTotals;
  /** The monitored networks and what they leave out; undefined without networks if no format has `flow-direction`. */
  readonly monitoring: Monitoring | undefined;
  /** Time from the earliest `start` to the latest `end` of a flow; undefined without flows. */
  readonly period: { readonly from: number; readonly to: number } | undefined;
  /** Time from the first to the last end of a flow, without flows that are set aside; undefined without flows. */
  readonly flowRange: FlowRange | undefined;
  /** Time from the first to the last arrival; undefined without records, or if the records are not in order of time. */
  readonly arrivals: { readonly from: number; readonly to: number } | undefined;
  /** Number of flows that came more than half an hour after later ones, as in a file that is not sorted. */
  readonly lateFlows: number;
  /** The rules that could not alert on some flows; empty if no rules were evaluated. */
  readonly unseen: readonly UnseenFlows[];
  /** Number of records in batches that failed at every attempt. */
  readonly givenUp: number;
  /** Whether the replay was stopped before the end of the files. */
  readonly isInterrupted: boolean;
}

export interface ReplayFilesOptions {
  /** Label of the progress bar. */
  readonly label: string;
  /** Receives each record that leaves the function. */
  readonly collector: ReportCollector;
  /** The monitored networks of the rules (default: unknown, and not in the result). */
  readonly monitored?: MonitoredNetworks;
  /** Limits the flows (default: all flows). */
  readonly filter?: RangeFilter | undefined;
  /** Stops the reading; records that were read before are still processed. */
  readonly signal: AbortSignal;
}

/**
 * Counts the records of files in batches as Firehose builds them: directly, or through a delivery stream if the engine takes
 * events only. Only one batch is in memory at a time.
 *
 * @throws InputError if no line is readable, or no flow is in the range
 */
export async function replayFiles(
  files: FlowFiles,
  engine: Pick<Engine, 'invoke' | 'count'>,
  { label, collector, monitored, filter, signal }: ReplayFilesOptions,
): Promise<ReplayedFiles> {
  const bar = showProgress(label, files.bytes);
  let arrivals: ReplayedFiles['arrivals'];
  let isInterrupted = false;
  let givenUp = 0;
  async function* untilAborted(): AsyncGenerator<SourceRecord> {
    const all = files.records((bytes) => bar.update(bytes));
    for await (const record of filter ? recordsInRange(all, files.formats, filter) : all) {
      if (signal.aborted) break;
      const at = secondsOf(record.arrival);
      if (record.arrival !== unknownArrival) arrivals = { from: arrivals?.from ?? at, to: at };
      yield record;
    }
    isInterrupted = signal.aborted;
  }
  try {
    if (engine.count) givenUp = await countDirectly(untilAborted(), engine.count, collector);
    else givenUp = await sendThroughStream(untilAborted(), engine.invoke, collector);
  } finally {
    bar.end();
  }
  const read = files.files();
  const { records, period, flowRange, lateFlows, unseen } = collector;
  if (!isInterrupted && givenUp === 0) filter?.requireFlows();
  const emptyInput = emptyInputError(read, records);
  if (emptyInput && !isInterrupted && givenUp === 0) throw emptyInput;
  const leftOut = hasDirection(files.formats) ? records.leftOut : undefined;
  const isMonitored = monitored && (leftOut !== undefined || monitored.networks.length > 0);
  const monitoring = isMonitored ? { monitored, leftOut, unlogged: collector.unlogged } : undefined;
  return { files: read, records, monitoring, period, flowRange, lateFlows, unseen, arrivals, givenUp, isInterrupted };
}

/** Counts records in the batches of a stream. @returns the number of records in batches that failed at every attempt */
async function countDirectly(
  source: AsyncIterable<SourceRecord>,
  count: NonNullable<Engine['count']>,
  collector: ReportCollector,
): Promise<number> {
  let givenUp = 0;
  for await (const { records } of batchesOf(source)) {
    const counted = await withRetries(async () => {
      // Counting in memory never waits, so this lets the process handle signals, and what a failed attempt has begun.
      await setImmediate();
      return count(records);
    });
    if ('batch' in counted) {
      collector.addBatch(
        counted.batch,
        records.map(({ arrival }) => secondsOf(arrival)),
      );
      continue;
    }
    givenUp += records.length;
    const reason = `the batch was given up: ${counted.problem}`;
    for (const { data, arrival } of records) collector.failed(data, secondsOf(arrival), reason);
  }
  return givenUp;
}

/** Attempts as often as a stream does. @returns the result, or the problem of the last attempt */
async function withRetries<T>(attempt: () => Promise<T>): Promise<{ batch: T } | { problem: string }> {
  for (let retries = defaultFirehoseOptions.retries; ; retries -= 1) {
    try {
      return { batch: await attempt() };
    } catch (error) {
      if (retries === 0) return { problem: messageOf(error) };
    }
  }
}

/** Sends records through a stream. @returns the number of records in batches that failed at every attempt */
async function sendThroughStream(
  source: AsyncIterable<SourceRecord>,
  invoke: Invoke,
  collector: ReportCollector,
): Promise<number> {
  let givenUp = 0;
  await runFirehose(
    source,
    async (event) => {
      await setImmediate();
      // The arrivals are those of the lines, and a file may have its lines in any order.
      return invoke({ ...event, backfill: true });
    },
    {
      delivered: (data, { arrival }) => collector.delivered(data, secondsOf(arrival)),
      dropped() {},
      failed({ errorCode, errorMessage }, { data, arrival }) {
        const isGivenUp = errorCode !== 'Lambda.ProcessingFailedStatus';
        if (isGivenUp) givenUp += 1;
        collector.failed(data, secondsOf(arrival), isGivenUp ? `the batch was given up: ${errorMessage}` : undefined);
      },
    },
  );
  return givenUp;
}

function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
