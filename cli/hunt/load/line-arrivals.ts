import { withArrivals } from '../../flow-files/arrival-time.ts';
import type { LineFile } from '../../flow-files/flow-files.ts';
import { arrivalOf, lineTime } from '../../flow-files/formats/line-time.ts';
import type { Entry } from '../../flow-files/formats/reader.ts';
import { headerOf, isBlank, maxLineBytes, mayBeHeader } from '../../flow-files/formats/text-reader.ts';
import { wholeLines } from './whole-lines.ts';

const lineFeed = 0x0a;

/**
 * Returns the arrivals of some lines of a file, as its records have them: they depend on the times of the other lines.
 *
 * @param offsets the offsets of the lines in the text
 * @returns epoch milliseconds by the offsets
 */
export async function lineArrivals(file: LineFile, offsets: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  const offsetOf = new Map<Buffer, number>();
  const timeOf = lineTime([file.format]);
  const entries = async function* (): AsyncGenerator<Entry[]> {
    let base = 0;
    for await (const piece of wholeLines(file.chunks(), maxLineBytes)) {
      const batch: Entry[] = [];
      for (let from = 0; from < piece.length; ) {
        const to = piece.indexOf(lineFeed, from) + 1;
        const line = piece.subarray(from, to);
        if (offsets.has(base + from)) offsetOf.set(line, base + from);
        if (!isBlank(line) && !isHeader(line)) batch.push({ data: line, arrival: arrivalOf(timeOf(line)) });
        from = to;
      }
      base += piece.length;
      yield batch;
    }
  };
  const arrivals = new Map<number, number>();
  for await (const records of withArrivals(entries(), file.delivered)) {
    for (const { data, arrival } of records) {
      const offset = offsetOf.get(data);
      if (offset !== undefined) arrivals.set(offset, arrival);
    }
  }
  return arrivals;
}

function isHeader(line: Buffer): boolean {
  return mayBeHeader(line) && headerOf(line.toString()) !== undefined;
}
