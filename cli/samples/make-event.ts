import { type EnvelopeName, firehoseEvent, maxEventBytes, wrapLines } from '../../emulators/firehose-event.ts';
import { secondsOf } from '../../lambda/flow-log/flow.ts';
import { defaultFormat, isHeader, parseFormat } from '../../lambda/flow-log/format.ts';
import { parseLine } from '../../lambda/parse/parse-line.ts';
import { deliverySeconds } from '../flow-files/formats/line-time.ts';
import { InputError, readInput } from '../terminal/input-error.ts';

/** Makes a Firehose event of a file of flow log lines, and prints it. A header line is left out. */
export function makeEvent(path: string, { envelope }: { readonly envelope: EnvelopeName }): void {
  const lines = readInput(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const headers = lines.filter((line) => isHeader(line.trim().split(/[ \t]+/)));
  const flows = lines.filter((line) => !headers.includes(line));
  if (flows.length === 0) throw new InputError(`${path} holds no flow log line`);
  const header = headers[0]?.trim().replace(/[ \t]+/g, ' ');
  if (header !== undefined && header !== defaultFormat) {
    process.stderr.write(`The file has a format of its own; give invoke --format "${header}"\n`);
  }
  const arrival = (latestEnd(flows, header ?? defaultFormat) + deliverySeconds) * 1000;
  const event = `${JSON.stringify(firehoseEvent(wrapLines(flows, envelope, arrival)))}\n`;
  if (Buffer.byteLength(event) > maxEventBytes) {
    throw new InputError(
      `${path} makes an event of more than ${maxEventBytes} bytes, the most that Lambda takes; split the file`,
    );
  }
  process.stdout.write(event);
}

function latestEnd(lines: readonly string[], text: string): number {
  const format = parseFormat(text);
  if ('problem' in format) return 0;
  return lines.reduce((latest, line) => {
    const read = parseLine(line, [format]);
    return Math.max(latest, read.kind === 'flow' ? (secondsOf(read.flow, 'end') ?? 0) : 0);
  }, 0);
}
