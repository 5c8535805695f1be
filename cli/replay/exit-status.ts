import { utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { problemLines } from '../flow-files/problems.ts';
import { CheckFailed, UsageFailure } from '../terminal/exit-signals.ts';
import type { ReplayedFiles } from './replay-files.ts';

/**
 * Says on standard error why what was printed is not all that there is.
 *
 * @throws CheckFailed when it was interrupted, or batches were given up; UsageFailure when a file could not be read
 */
export function reportIncomplete({ files, arrivals, givenUp, isInterrupted }: ReplayedFiles): void {
  const said = problemLines(files);
  const hasProblems = said.length > 0;
  if (givenUp > 0) said.push(`${givenUp} records were given up: the function failed for their batches`);
  if (isInterrupted) {
    said.push(
      arrivals
        ? `interrupted after ${hoursAndMinutes(arrivals.to - arrivals.from)} of the logs, at ${utc(arrivals.to)} UTC`
        : 'interrupted: this is what was counted by then',
    );
  }
  for (const line of said) process.stderr.write(`flow-sentinel: ${printable(line)}\n`);
  if (isInterrupted || givenUp > 0) throw new CheckFailed();
  if (hasProblems) throw new UsageFailure();
}

/** `03:25`. */
function hoursAndMinutes(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
