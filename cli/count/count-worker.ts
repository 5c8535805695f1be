import { parentPort, workerData } from 'node:worker_threads';
import type { Network } from '../../lambda/core/address.ts';
import { messageOf } from '../../lambda/errors.ts';
import { FlowCounts } from '../report/flow-counts.ts';
import { DependentLine } from './count-record.ts';
import { chunksOf, type FilePart } from './file-part.ts';
import { LineCounter } from './line-counter.ts';
import { type LineFormatTexts, readFormatTexts } from './line-formats.ts';
import { PairSums } from './pair-sums.ts';

/** What a thread is to count. */
export interface CountTask {
  readonly part: FilePart;
  readonly formats: LineFormatTexts;
  readonly monitoredNetworks: readonly Network[];
}

/** What a thread has counted. */
export interface CountedPart {
  readonly counts: ReturnType<FlowCounts['columns']>;
  readonly pairs: ReturnType<PairSums['columns']>;
  /** How many lines it has, and which of them were too long, from 1. */
  readonly lines: number;
  readonly tooLong: readonly number[];
  /** Why it could not be counted to its end. */
  readonly problem: string | undefined;
}

/** What a thread says: bytes that it has read, what it has counted, or that there is a DependentLine. */
export type Said = number | CountedPart | 'dependent line';

const { part, formats, monitoredNetworks } = workerData as CountTask;
const [sums, counts] = [new PairSums(), new FlowCounts()];
const counter = new LineCounter(readFormatTexts(formats), { monitoredNetworks, sums, counts });
const say = (said: Said) => parentPort!.postMessage(said);
try {
  for (const chunk of chunksOf(part)) {
    counter.add(chunk);
    say(chunk.length);
  }
  counter.end();
  say(counted(undefined));
} catch (error) {
  say(error instanceof DependentLine ? 'dependent line' : counted(messageOf(error)));
}

function counted(problem: string | undefined): CountedPart {
  const { lines, tooLong } = counter;
  return { counts: counts.columns(), pairs: sums.columns(), lines, tooLong, problem };
}
