import { pairContributionOf } from '../../lambda/flow-log/contribution.ts';
import { fieldOf, secondsOf, timeOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { flowsOf, readRecords } from '../../lambda/parse/read-records.ts';
import { lineRewriter } from '../flow-files/formats/normalize-line.ts';
import { headerOf, isBlank, mayBeHeader } from '../flow-files/formats/text-reader.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';
import type { PairSums } from './pair-sums.ts';

/** Counts a line. Throws DependentLine where it cannot be counted by itself. */
export type CountLine = (line: Buffer) => void;

/** What counting adds to, and by which networks it tells what is logged twice. */
export interface Counting {
  readonly monitoredNetworks: readonly Network[];
  readonly sums: PairSums;
  readonly counts: FlowCounts;
}

/** A line that cannot be counted by itself: what it says, or what those after it say, depends on lines before. */
export class DependentLine extends Error {}

/**
 * Counts a Firehose record as the function does: the slow and obvious way, for whatever is no usual line.
 *
 * @param arrival when it came, in epoch seconds: the time of a flow that has none; undefined where that is not known
 * @throws DependentLine where a flow that has no time is to be counted, and the arrival is not known
 */
export function countRecord(
  data: Buffer,
  arrival: number | undefined,
  formats: readonly Format[],
  counting: Counting,
): void {
  const { monitoredNetworks, sums, counts } = counting;
  const before = counts.lines;
  const [record] = readRecords([{ recordId: '', data: data.toString('base64'), arrival }], formats);
  counts.addUnreadable(record!, data.toString());
  for (const flow of flowsOf(record!)) {
    counts.addLine(fieldOf(flow, 'log-status'), secondsOf(flow, 'start'), secondsOf(flow, 'end'));
    const tally = pairContributionOf(flow, monitoredNetworks);
    if (!tally) continue;
    const end = timeOf(flow) ?? arrival;
    if (end === undefined) throw new DependentLine();
    counts.counted += 1;
    sums.add({ ...tally, firstSeen: Math.min(secondsOf(flow, 'start') ?? end, end), lastSeen: end });
  }
  counts.recordsBeyondLines += 1 - (counts.lines - before);
}

/** Counts lines as a replay does (flow-files/formats/text-reader.ts), one by one: any line whatever, but slowly. */
export function lineByLine({ own, stream }: LineFormats, counting: Counting): CountLine {
  const rewrite = lineRewriter(own, stream.common, stream.formats);
  return (line) => {
    if (isBlank(line)) return;
    const header = mayBeHeader(line) ? headerOf(line.toString()) : undefined;
    if (!header) countRecord(rewrite(line), undefined, stream.formats, counting);
    else if (own.length > 1 || !isSameFormat(header, own[0]!)) throw new DependentLine();
  };
}
