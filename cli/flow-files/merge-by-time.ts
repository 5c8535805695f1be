import TinyQueue from 'tinyqueue';
import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { maxOpenFiles } from './storage/stored-file.ts';

/** A file whose records are sorted by arrival. */
export interface SortedFile {
  /** Arrival of the first record, in epoch milliseconds. */
  readonly firstArrival: number;
  /** Reads the records in batches of any size, also empty ones. The arrival never decreases. Must not throw. */
  open(): AsyncIterator<readonly SourceRecord[]>;
  /** Counts one record of this file that was emitted. */
  countRecord(): void;
}

export interface MergeOptions {
  /** Upper bound of files that are open at once (default: 200). */
  readonly maxOpen?: number;
  /** Ends the stream before the next record when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Merges files by the arrival of their next record; an earlier file goes first if two records arrive at once.
 *
 * A file is opened when its first record is due, and closed after its last record or when the consumer stops. If more
 * than `maxOpen` files are due, the others wait until an open file ends. Their records are then late: they take the
 * arrival of the record before them, so that the arrival never decreases.
 */
export async function* mergeByTime(
  files: readonly SortedFile[],
  { maxOpen = maxOpenFiles, signal }: MergeOptions = {},
): AsyncGenerator<SourceRecord> {
  const queue = new TinyQueue(
    files.map((file, order) => new Cursor(file, order)),
    compareCursors,
  );
  const open = new Set<Cursor>();
  const waiting: Cursor[] = [];
  let clock = Number.NEGATIVE_INFINITY;
  let cursor = queue.pop();
  try {
    while (cursor && !signal?.aborted) {
      if (!cursor.isOpen && open.size >= maxOpen) {
        waiting.push(cursor);
        cursor = queue.pop();
      } else if (cursor.hasRecord) {
        const record = cursor.take();
        if (record.arrival > clock) clock = record.arrival;
        cursor.file.countRecord();
        cursor = nextDue(queue, cursor);
        yield record.arrival === clock ? record : { data: record.data, arrival: clock };
      } else {
        open.add(cursor);
        if (await cursor.readBatch()) {
          cursor = nextDue(queue, cursor);
        } else {
          open.delete(cursor);
          const late = waiting.shift();
          if (late) queue.push(late);
          cursor = queue.pop();
        }
      }
    }
  } finally {
    for (const { iterator } of open) await iterator?.return?.();
  }
}

/** Position in a file. Its due time does not change while it is queued. */
class Cursor {
  readonly file: SortedFile;
  readonly order: number;
  iterator: AsyncIterator<readonly SourceRecord[]> | undefined;
  /** Arrival of the next record; that of the previous record while the next one is not read yet. */
  due: number;
  #batch: readonly SourceRecord[] = [];
  #index = 0;

  constructor(file: SortedFile, order: number) {
    this.file = file;
    this.order = order;
    this.due = file.firstArrival;
  }

  get isOpen(): boolean {
    return this.iterator !== undefined;
  }

  /** Returns whether the next record is read already. */
  get hasRecord(): boolean {
    return this.#index < this.#batch.length;
  }

  /** Takes the next record, which must be read already. */
  take(): SourceRecord {
    const record = this.#batch[this.#index]!;
    this.#index += 1;
    const next = this.#batch[this.#index];
    if (next) this.due = next.arrival;
    return record;
  }

  /** Reads the next batch, which may be empty. Returns false at the end of the file. */
  async readBatch(): Promise<boolean> {
    this.iterator ??= this.file.open();
    const { done, value } = await this.iterator.next();
    if (done) return false;
    this.#batch = value;
    this.#index = 0;
    if (value[0]) this.due = value[0].arrival;
    return true;
  }
}

function compareCursors(a: Cursor, b: Cursor): number {
  return a.due - b.due || a.order - b.order;
}

/** Returns the cursor that is due next; the given one goes into the queue if another is due before it. */
function nextDue(queue: TinyQueue<Cursor>, cursor: Cursor): Cursor {
  const other = queue.peek();
  if (!other || compareCursors(cursor, other) < 0) return cursor;
  queue.pop();
  queue.push(cursor);
  return other;
}
