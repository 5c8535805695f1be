import { parentPort, workerData } from 'node:worker_threads';
import type { Network } from '../../lambda/core/address.ts';
import { type Format, parseFormat } from '../../lambda/core/format.ts';
import { messageOf } from '../../lambda/errors.ts';
import { chunksOf, type FilePart } from './file-part.ts';
import { FlowCounts } from './flow-counts.ts';
import { LineCounter } from './line-counter.ts';
import { PairSums } from './pair-sums.ts';

/** What a thread is to count. */
export interface CountTask {
  readonly part: FilePart;
  /** Their field names. */
  readonly formats: readonly string[];
  readonly monitoredNetworks: readonly Network[];
}

/** What a thread has counted. */
export interface CountedPart {
  readonly counts: ReturnType<FlowCounts['columns']>;
  readonly pairs: ReturnType<PairSums['columns']>;
  readonly problems: readonly string[];
}

const { part, formats, monitoredNetworks } = workerData as CountTask;
const [sums, counts, problems] = [new PairSums(), new FlowCounts(), [] as string[]];
const read = formats.map((text) => parseFormat(text) as Format);
const counter = new LineCounter(read, { monitoredNetworks, sums, counts }, (text) => problems.push(text));
try {
  for (const chunk of chunksOf(part)) {
    counter.add(chunk);
    parentPort!.postMessage(chunk.length);
  }
  counter.end();
} catch (error) {
  problems.push(messageOf(error));
}
parentPort!.postMessage({ counts: counts.columns(), pairs: sums.columns(), problems } satisfies CountedPart);
