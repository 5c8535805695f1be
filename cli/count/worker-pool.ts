import { messageOf } from '../../lambda/common/errors.ts';
import type { FlowCounts } from '../statistics/flow-counts.ts';
import { chunksOf, type FilePart } from './file-chunk.ts';
import type { LineCounter } from './line-counter.ts';
import { DependentLine } from './slow-path.ts';

/** Parts of a file, each to be taken by the thread that is free next. */
export interface PartQueue {
  readonly parts: readonly FilePart[];
  /** How many of them are taken: one number that all threads share. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What was counted of a part, but for the sums of its pairs. */
export interface CountedPart {
  /** Which of the parts it is. */
  readonly index: number;
  readonly counts: ReturnType<FlowCounts['columns']>;
  /** How many lines it has, and which of them were too long, from 1. */
  readonly lines: number;
  readonly tooLong: readonly number[];
  /** Why it could not be counted to its end. */
  readonly problem: string | undefined;
}

export function queueOf(parts: readonly FilePart[]): PartQueue {
  return { parts, taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
}

/**
 * Counts parts until none is left, and yields after each chunk how many bytes it had.
 *
 * @param counted takes what comes of each part, also of one in whose midst this is left
 * @throws DependentLine where a line cannot be counted by itself
 */
export function* countParts(
  { parts, taken }: PartQueue,
  counter: LineCounter,
  counted: CountedPart[],
): Generator<number> {
  for (;;) {
    const index = Atomics.add(taken, 0, 1);
    if (index >= parts.length) return;
    let problem: string | undefined;
    try {
      for (const chunk of chunksOf(parts[index]!)) {
        counter.add(chunk);
        yield chunk.length;
      }
      counter.end();
    } catch (error) {
      if (error instanceof DependentLine) throw error;
      problem = messageOf(error);
    } finally {
      counted.push({ index, problem, ...counter.take() });
    }
  }
}
