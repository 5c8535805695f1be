import { paddingBytes } from '../../../lambda/decode/payloads.ts';
import { Flow, fieldOf } from '../../../lambda/flow-log/flow.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { ScannedText, scanLine } from '../../../lambda/parse/line-scanner.ts';
import { headerOf, mayBeHeader } from '../../flow-files/formats/text-reader.ts';
import type { CheckedLines, CreateLineChecker, LineChecker, LinePosition } from './line-checker.ts';

const [lineFeed, carriageReturn, brace] = [0x0a, 0x0d, 0x7b];

/** A time of as many seconds would be after the year 5138: it is in milliseconds (lambda/common/calendar.ts). */
const minMilliseconds = 1e11;

/** Checks lines with the functions that read them as records. */
export const createScanningLineChecker: CreateLineChecker = (format, isOneOfSeveral) =>
  new ScanningLineChecker(format, isOneOfSeveral);

class ScanningLineChecker implements LineChecker {
  readonly #format: Format;
  /** The version that a line must have; undefined for any. */
  readonly #version: string | undefined;
  readonly #times: readonly string[];

  constructor(format: Format, isOneOfSeveral: boolean) {
    this.#format = format;
    this.#version = isOneOfSeveral && format.indexOf.has('version') ? String(format.version) : undefined;
    this.#times = ['start', 'end'].filter((name) => format.indexOf.has(name));
  }

  check(lines: Buffer): CheckedLines {
    const ends = endsOf(lines);
    const bytes = Buffer.concat([lines, Buffer.alloc(paddingBytes)]);
    const source = new ScannedText(bytes, lines.toString('latin1'), ends.length, [this.#format]);
    const odd: LinePosition[] = [];
    let crLf = 0;
    let offset = 0;
    for (const end of ends) {
      const hasReturn = lines[end - 1] === carriageReturn && end > offset;
      const format = scanLine(source, offset, hasReturn ? end - 1 : end);
      const flow = format && new Flow(format, source, 0);
      if (!flow || !this.#isUsual(flow, lines.subarray(offset, end))) odd.push({ offset, length: end + 1 - offset });
      else if (hasReturn) crLf += 1;
      source.usedBounds = 0;
      offset = end + 1;
    }
    return { usual: ends.length - odd.length, crLf, odd };
  }

  #isUsual(flow: Flow, line: Buffer): boolean {
    if (line[0] === brace || (mayBeHeader(line) && headerOf(line.toString()) !== undefined)) return false;
    if (this.#version !== undefined && fieldOf(flow, 'version') !== this.#version) return false;
    const times = this.#times.flatMap((name) => fieldOf(flow, name) ?? []);
    if (this.#times.length > 0 && times.length === 0) return false;
    return times.every((digits) => Number(digits) < minMilliseconds);
  }
}

/** Returns the offsets of all line feeds. */
function endsOf(lines: Buffer): number[] {
  const ends: number[] = [];
  for (let at = lines.indexOf(lineFeed); at >= 0; at = lines.indexOf(lineFeed, at + 1)) ends.push(at);
  return ends;
}
