import { printable, truncate } from '../../lambda/common/text.ts';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { problemLines } from '../flow-files/problems.ts';
import type { RecordTotals } from '../statistics/flow-counts.ts';
import { InputError } from '../terminal/input-error.ts';

/** Returns the error for input without a readable line; undefined if there is such a line. */
export function emptyInputError(files: readonly ReadFile[], records: RecordTotals): InputError | undefined {
  const { flows, noData, skipData, reasons, unreadable } = records;
  if (flows + noData + skipData > 0) return undefined;
  const problems = problemLines(files);
  const [first] = reasons;
  if (first) {
    const where = files.length === 1 ? `${printable(files[0]!.name)}: ` : '';
    const subject = unreadable === 1 ? 'the only line is unreadable' : `all ${unreadable} lines are unreadable`;
    return new InputError(
      `${where}${subject}: ${first.reason}, such as: ${truncate(printable(first.example), 200)}; give the format of the flow log by --format`,
    );
  }
  if (problems.length === 0) return new InputError('the input has no flow log lines');
  return new InputError(problems.slice(0, 3).join('; '));
}
