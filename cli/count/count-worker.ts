import { parentPort, workerData } from 'node:worker_threads';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { FlowCounts } from '../statistics/flow-counts.ts';
import { LineCounter } from './line-counter.ts';
import { type LineFormatTexts, readFormatTexts } from './line-formats.ts';
import { PairSums } from './pair-sums.ts';
import { DependentLine } from './slow-path.ts';
import { type CountedPart, countParts, type PartQueue } from './worker-pool.ts';

/** What a thread is to count. */
export interface CountTask {
  readonly queue: PartQueue;
  readonly formats: LineFormatTexts;
  readonly monitoredNetworks: readonly Network[];
}

/** What a thread has counted. */
export interface CountedParts {
  readonly parts: readonly CountedPart[];
  readonly pairs: ReturnType<PairSums['columns']>;
}

/** What a thread says: bytes that it has read, what it has counted, or that there is a DependentLine. */
export type WorkerMessage = number | CountedParts | 'dependent line';

const { queue, formats, monitoredNetworks } = workerData as CountTask;
const [sums, counts] = [new PairSums(), new FlowCounts()];
const counter = new LineCounter(readFormatTexts(formats), { monitoredNetworks, sums, counts });
const say = (said: WorkerMessage, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(said, transfer);
const parts: CountedPart[] = [];
try {
  for (const bytes of countParts(queue, counter, parts)) say(bytes);
  const pairs = sums.columns();
  say({ parts, pairs }, [pairs.bounds.buffer, pairs.words.buffer, pairs.sums.buffer]);
} catch (error) {
  if (!(error instanceof DependentLine)) throw error;
  say('dependent line');
}
