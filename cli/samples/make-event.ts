import { type EnvelopeName, firehoseEvent, maxEventBytes, wrapLines } from '../../emulators/firehose-event.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { timeOf } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, isHeader, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { deliverySeconds } from '../flow-files/formats/line-time.ts';
import { InputError, readInput } from '../terminal/input-error.ts';

/**
 * Converts a file of flow log lines into a Firehose event and prints it. Header lines are skipped. All lines arrive after
 * the last flow, so the event of a file of several days is a backfill.
 *
 * @throws InputError for a file without flow log lines, or with too many for one event
 */
export function makeEvent(path: string, { envelope }: { readonly envelope: EnvelopeName }): void {
  const lines = readInput(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const headers = lines.filter((line) => isHeader(line.trim().split(/[ \t]+/)));
  const flows = lines.filter((line) => !headers.includes(line));
  if (flows.length === 0) throw new InputError(`${path} has no flow log lines`);
  const header = headers[0]?.trim().replace(/[ \t]+/g, ' ');
  if (header !== undefined && header !== defaultFormat) {
    process.stderr.write(
      `flow-sentinel: the header of the file names another format; give it to invoke by --format "${header}"\n`,
    );
  }
  const { earliest, latest } = timesOf(flows, header ?? defaultFormat);
  const arrival = latest + deliverySeconds;
  const isBackfill = earliest < arrival - streamBounds.before;
  const event = `${JSON.stringify({
    ...firehoseEvent(wrapLines(flows, envelope, arrival * 1000)),
    ...(isBackfill && { backfill: true }),
  })}\n`;
  if (Buffer.byteLength(event) > maxEventBytes) {
    throw new InputError(
      `${path} is too large: its event exceeds ${maxEventBytes} bytes, the limit of Lambda; split the file`,
    );
  }
  process.stdout.write(event);
}

/** Returns the times of the first and the last flow, in epoch seconds; 0 if no line has a time. */
function timesOf(lines: readonly string[], formatText: string): { readonly earliest: number; readonly latest: number } {
  const format = parseFormat(formatText);
  if ('problem' in format) return { earliest: 0, latest: 0 };
  let earliest = Number.POSITIVE_INFINITY;
  let latest = 0;
  for (const line of lines) {
    const read = parseLine(line, [format]);
    const time = read.kind === 'flow' ? timeOf(read.flow) : undefined;
    if (time === undefined) continue;
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, time);
  }
  return { earliest: Math.min(earliest, latest), latest };
}
