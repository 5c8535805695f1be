import { startOf } from '../../lambda/aggregate/plausible-time.ts';
import { isDuplicateObservation, pairContributionOf } from '../../lambda/flow-log/contribution.ts';
import { fieldOf, secondsOf, timeOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { flowsOf, readRecords } from '../../lambda/parse/read-records.ts';
import { unknownArrival } from '../flow-files/arrival-time.ts';
import { lineRewriter } from '../flow-files/formats/normalize-line.ts';
import { headerOf, isBlank, mayBeHeader } from '../flow-files/formats/text-reader.ts';
import { isInRange } from '../flow-files/time-range.ts';
import { addUncounted } from '../statistics/uncounted-flow.ts';
import type { Counting } from './counting.ts';
import { DependentLine } from './dependent-line.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';

/** Counts a line. Throws DependentLine if the line depends on the lines before it. */
export type CountLine = (line: Buffer) => void;

/**
 * Counts a Firehose record as the function does: the slow path, for everything that the fast path does not support.
 *
 * @param arrival epoch seconds, the time of flows without a time; undefined if it depends on the lines before
 * @throws DependentLine if a counted flow has no time and the arrival is undefined
 */
export function countRecord(
  data: Buffer,
  arrival: number | undefined,
  formats: readonly Format[],
  counting: Counting,
): void {
  const { monitoredNetworks, sums, counts, range } = counting;
  const before = counts.lines;
  const { records } = readRecords([{ recordId: '', data: data.toString('base64'), arrival }], formats);
  counts.addUnreadable(records[0]!, data.toString());
  for (const flow of flowsOf(records[0]!)) {
    const time = timeOf(flow);
    if (range && !isInRange(time, range)) {
      counts.addOutside(time);
      continue;
    }
    counts.addLine(fieldOf(flow, 'log-status'), secondsOf(flow, 'start'), secondsOf(flow, 'end'));
    const contribution = pairContributionOf(flow, monitoredNetworks);
    if (isDuplicateObservation(flow, monitoredNetworks)) {
      counts.leftOut += 1;
      continue;
    }
    if (!contribution) {
      addUncounted(counts, flow);
      continue;
    }
    const end = time ?? arrival;
    if (end === undefined) throw new DependentLine();
    counts.counted += 1;
    const isUnknown = time === undefined && arrival === unknownArrival;
    sums.add({ ...contribution, firstSeen: isUnknown ? Number.POSITIVE_INFINITY : startOf(flow, end), lastSeen: end });
  }
  counts.recordsBeyondLines += 1 - (counts.lines - before);
}

/** Returns a function that counts any line as a replay does (flow-files/formats/text-reader.ts): the slow path. */
export function lineByLine({ own, stream }: LineFormats, counting: Counting): CountLine {
  const rewrite = lineRewriter(own, stream.common, stream.formats);
  return (line) => {
    if (isBlank(line)) return;
    const header = mayBeHeader(line) ? headerOf(line.toString()) : undefined;
    if (!header) countRecord(rewrite(line), undefined, stream.formats, counting);
    else if (header.unknownFields.length > 0 || own.length > 1 || !isSameFormat(header.format, own[0]!))
      throw new DependentLine();
  };
}
