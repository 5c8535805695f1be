import { parentPort, workerData } from 'node:worker_threads';
import type { Network } from '../../lambda/networks/ip-address.ts';
import type { TimeRange } from '../flow-files/time-range.ts';
import { DependentLine } from '../line-kernel/dependent-line.ts';
import { LineCounter } from '../line-kernel/line-counter.ts';
import { type LineFormatTexts, readFormatTexts } from '../line-kernel/line-formats.ts';
import { PairSums } from '../line-kernel/pair-sums.ts';
import { FlowCounts } from '../statistics/flow-counts.ts';
import { type CountedPart, countParts, type PartQueue } from './worker-pool.ts';

/** The task of a thread. */
export interface CountTask {
  readonly queue: PartQueue;
  readonly formats: LineFormatTexts;
  readonly monitoredNetworks: readonly Network[];
  readonly range: TimeRange | undefined;
}

/** The result of a thread. */
export interface CountedParts {
  readonly parts: readonly CountedPart[];
  /** The entries of pairs. */
  readonly pairs: Uint8Array<ArrayBuffer>;
}

/** A message of a thread: the bytes read, the result, or that it met a DependentLine. */
export type WorkerMessage = number | CountedParts | 'dependent line';

const { queue, formats, monitoredNetworks, range } = workerData as CountTask;
const [sums, counts] = [new PairSums(), new FlowCounts()];
const counter = new LineCounter(readFormatTexts(formats), { monitoredNetworks, sums, counts, range });
const send = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(message, transfer);
const parts: CountedPart[] = [];
try {
  for await (const bytes of countParts(queue, counter, parts)) send(bytes);
  const pairs = sums.entries();
  send({ parts, pairs }, [pairs.buffer]);
} catch (error) {
  if (!(error instanceof DependentLine)) throw error;
  send('dependent line');
}
