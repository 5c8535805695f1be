import { messageOf } from '../../lambda/common/errors.ts';
import { DependentLine } from '../line-kernel/dependent-line.ts';
import type { LineCounter } from '../line-kernel/line-counter.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import { countPart, type FilePart } from './file-chunk.ts';

/** A queue of the parts of a file, shared by the threads. */
export interface PartQueue {
  readonly parts: readonly FilePart[];
  /** Number of parts that were taken, in memory that all threads share. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** The counts of a part, without the sums of its pairs. */
export interface CountedPart {
  /** Index of the part. */
  readonly index: number;
  readonly counts: ReturnType<FlowCounts['columns']>;
  /** Number of lines. */
  readonly lines: number;
  /** Numbers of the lines over the limit, from 1. */
  readonly tooLong: readonly number[];
  /** Why the part could not be counted to its end. */
  readonly problem: string | undefined;
}

export function queueOf(parts: readonly FilePart[]): PartQueue {
  return { parts, taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
}

/**
 * Counts parts until the queue is empty, and yields the bytes of each chunk.
 *
 * @param counted the array to which each part's counts are added, also those of an interrupted part
 * @throws DependentLine if a line depends on the lines before it
 */
export async function* countParts(
  { parts, taken }: PartQueue,
  counter: LineCounter,
  counted: CountedPart[],
): AsyncGenerator<number> {
  for (;;) {
    const index = Atomics.add(taken, 0, 1);
    if (index >= parts.length) return;
    let problem: string | undefined;
    try {
      yield* countPart(parts[index]!, counter);
    } catch (error) {
      if (error instanceof DependentLine) throw error;
      problem = messageOf(error);
    } finally {
      counted.push({ index, problem, ...counter.take() });
    }
  }
}
