import { setImmediate } from 'node:timers/promises';
import { type Invoke, runFirehose } from '../../emulators/firehose.ts';
import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import type { FlowFiles, ReadFile } from '../flow-files/flow-files.ts';
import { problemLines } from '../flow-files/problems.ts';
import type { ReportCollector } from '../report/report-collector.ts';
import type { RecordTotals } from '../statistics/flow-counts.ts';
import { InputError } from '../terminal/input-error.ts';
import { showProgress } from '../terminal/progress.ts';

/** What was read of files, and what became of it. Times are epoch seconds. */
export interface ReplayedFiles {
  /** By name. */
  readonly files: readonly ReadFile[];
  readonly records: RecordTotals;
  /** From the earliest `start` to the latest `end` of a flow; undefined where there is none. */
  readonly period: { readonly from: number; readonly to: number } | undefined;
  /** From the first to the last arrival of what was read; undefined where nothing was, or not in the order of time. */
  readonly arrivals: { readonly from: number; readonly to: number } | undefined;
  /** Records of batches that the function failed for again and again. */
  readonly givenUp: number;
  /** Whether it was stopped before the end of the files. */
  readonly isInterrupted: boolean;
}

export interface ReplayFilesOptions {
  /** The name of the work, for the bar. */
  readonly what: string;
  /** What is told of each record that comes out. */
  readonly collector: ReportCollector;
  /** Ends the reading; what was read by then is still gone through. */
  readonly signal: AbortSignal;
}

/**
 * Sends the records of files through a delivery stream with a function, as Firehose cuts them into batches. One batch is
 * held in memory at a time.
 *
 * @throws InputError when there is no line that can be read
 */
export async function replayFiles(
  files: FlowFiles,
  invoke: Invoke,
  { what, collector, signal }: ReplayFilesOptions,
): Promise<ReplayedFiles> {
  const bar = showProgress(what, files.bytes);
  let arrivals: ReplayedFiles['arrivals'];
  let isInterrupted = false;
  let givenUp = 0;
  async function* untilAborted(): AsyncGenerator<SourceRecord> {
    for await (const record of files.records((bytes) => bar.update(bytes))) {
      if (signal.aborted) break;
      const at = secondsOf(record.arrival);
      arrivals = { from: arrivals?.from ?? at, to: at };
      yield record;
    }
    isInterrupted = signal.aborted;
  }
  try {
    await runFirehose(
      untilAborted(),
      async (event) => {
        // Lets a signal come in between: counting in memory waits for nothing.
        await setImmediate();
        return invoke(event);
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
  } finally {
    bar.end();
  }
  const read = files.files();
  const { records, period } = collector;
  const nothing = emptyInputError(read, records);
  if (nothing && !isInterrupted && givenUp === 0) throw nothing;
  return { files: read, records, period, arrivals, givenUp, isInterrupted };
}

function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** The error that there is no line that can be read; undefined where there is one. */
export function emptyInputError(files: readonly ReadFile[], records: RecordTotals): InputError | undefined {
  const { flows, noData, skipData, reasons, unreadable } = records;
  if (flows + noData + skipData > 0) return undefined;
  const problems = problemLines(files);
  const [first] = reasons;
  if (first) {
    const lines = unreadable === 1 ? 'the only line' : `none of ${unreadable} lines`;
    return new InputError(
      `${lines} can be read: ${first.reason}, such as: ${truncate(printable(first.example), 200)}; give the flow log's own format by --format`,
    );
  }
  if (problems.length === 0) return new InputError('there is no flow log line in what was given');
  return new InputError(problems.slice(0, 3).join('; '));
}
