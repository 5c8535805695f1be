import type { EnvelopeName } from '../../emulators/envelope-names.ts';
import { firehoseEvent, maxEventBytes, wrapLines } from '../../emulators/firehose-event.ts';
import { streamBounds } from '../../lambda/aggregate/plausible-time.ts';
import { printable, truncate } from '../../lambda/common/text.ts';
import { timeOf } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, type Format } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { plainFormats } from '../flow-files/discover.ts';
import { deliverySeconds } from '../flow-files/formats/line-time.ts';
import { headerOf, knownValues } from '../flow-files/formats/text-reader.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { inputName } from '../terminal/standard-input.ts';

/** Options of the command. */
export interface MakeEventOptions {
  readonly envelope: EnvelopeName;
  /** Formats of lines without a header, as AWS writes them or as field names (default: the default format). */
  readonly format?: readonly string[];
}

/**
 * Converts a file of flow log lines into a Firehose event and prints it. Header lines are skipped. All lines arrive after
 * the last flow, so the event of a file of several days is a backfill.
 *
 * @throws InputError for an invalid format, for a file without a line that fits, or with too many lines for one event
 */
export function makeEvent(path: string, { envelope, format }: MakeEventOptions): void {
  const name = inputName(path);
  const lines = readInput(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const headers = lines.flatMap((line) => headerOf(line) ?? []);
  const known = knownValues(headers[0]);
  const flows = lines
    .filter((line) => headerOf(line) === undefined)
    .map((line) => known(Buffer.from(line)).toString().trimEnd());
  if (flows.length === 0) throw new InputError(`${name} has no flow log lines`);
  const header = format === undefined ? headers[0]?.format.names.join(' ') : undefined;
  const formats = plainFormats(format ?? (header === undefined ? undefined : [header]));
  const times = timesOf(name, flows, formats);
  if (header !== undefined && header !== defaultFormat) {
    process.stderr.write(
      `flow-sentinel: the header of the file names another format; give it to invoke by --format "${header}"\n`,
    );
  }
  const arrival = times.latest + deliverySeconds;
  const isBackfill = times.earliest < arrival - streamBounds.before;
  const event = `${JSON.stringify({
    ...firehoseEvent(wrapLines(flows, envelope, arrival * 1000)),
    ...(isBackfill && { backfill: true }),
  })}\n`;
  if (Buffer.byteLength(event) > maxEventBytes) {
    throw new InputError(
      `${name} is too large: its event exceeds ${maxEventBytes} bytes, the limit of Lambda; split the file`,
    );
  }
  process.stdout.write(event);
}

/**
 * Returns the times of the first and the last flow, in epoch seconds; the current time if the formats have no times.
 *
 * @throws InputError if no line fits a format
 */
function timesOf(
  name: string,
  lines: readonly string[],
  formats: readonly Format[],
): { readonly earliest: number; readonly latest: number } {
  const read = lines.map((line) => parseLine(line, formats));
  const flows = read.flatMap((one) => (one.kind === 'flow' ? one.flow : []));
  if (flows.length === 0) {
    const [first] = read;
    const reason = first?.kind === 'unreadable' ? first.reason : 'it is a header';
    throw new InputError(
      `${name} is invalid: got ${JSON.stringify(truncate(printable(lines[0]!), 100))}, expected a flow log line: ${truncate(printable(reason), 200)}; give the format of the lines by --format`,
    );
  }
  const times = flows.flatMap((flow) => timeOf(flow) ?? []);
  if (times.length === 0) {
    const now = Math.floor(Date.now() / 1000);
    return { earliest: now, latest: now };
  }
  return {
    earliest: times.reduce((a, b) => Math.min(a, b)),
    latest: times.reduce((a, b) => Math.max(a, b)),
  };
}
