import { type EnvelopeName, firehoseEvent, maxEventBytes, wrapLines } from '../../emulators/firehose-event.ts';
import { secondsOf } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, isHeader, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { deliverySeconds } from '../flow-files/formats/line-time.ts';
import { InputError, readInput } from '../terminal/input-error.ts';

/**
 * Converts a file of flow log lines into a Firehose event and prints it. Header lines are skipped.
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
  const arrival = (latestEnd(flows, header ?? defaultFormat) + deliverySeconds) * 1000;
  const event = `${JSON.stringify(firehoseEvent(wrapLines(flows, envelope, arrival)))}\n`;
  if (Buffer.byteLength(event) > maxEventBytes) {
    throw new InputError(
      `${path} is too large: its event exceeds ${maxEventBytes} bytes, the limit of Lambda; split the file`,
    );
  }
  process.stdout.write(event);
}

/** Returns the latest `end` of the lines in epoch seconds; 0 if none is readable. */
function latestEnd(lines: readonly string[], formatText: string): number {
  const format = parseFormat(formatText);
  if ('problem' in format) return 0;
  return lines.reduce((latest, line) => {
    const read = parseLine(line, [format]);
    return Math.max(latest, read.kind === 'flow' ? (secondsOf(read.flow, 'end') ?? 0) : 0);
  }, 0);
}
