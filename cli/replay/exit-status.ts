import { utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { problemLines, unknownFieldLines } from '../flow-files/problems.ts';
import { CheckFailed, UsageFailure } from '../terminal/exit-signals.ts';
import type { ReplayedFiles } from './replay-files.ts';

/**
 * Reports on standard error why the printed result is incomplete.
 *
 * @throws CheckFailed after an interruption or if batches were given up; UsageFailure if a file could not be read
 */
export function reportIncomplete({ files, arrivals, givenUp, isInterrupted }: ReplayedFiles): void {
  const problems = problemLines(files);
  const messages = [...unknownFieldLines(files), ...problems];
  if (givenUp > 0) messages.push(`${givenUp} records were given up: the function failed for their batches`);
  if (isInterrupted) {
    messages.push(
      arrivals
        ? `interrupted after ${hoursAndMinutes(arrivals.to - arrivals.from)} of the logs, at ${utc(arrivals.to)} UTC`
        : 'interrupted: the result covers the flows counted so far',
    );
  }
  for (const line of messages) process.stderr.write(`flow-sentinel: ${printable(line)}\n`);
  if (isInterrupted || givenUp > 0) throw new CheckFailed();
  if (problems.length > 0) throw new UsageFailure();
}

/** Formats a duration: `03:25`. */
function hoursAndMinutes(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
