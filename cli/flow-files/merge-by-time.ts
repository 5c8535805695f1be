import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { maxOpenFiles } from './storage/stored-file.ts';

/** A file as far as merging knows it. */
export interface Sorted {
  /** When its first record arrives, in epoch milliseconds. */
  readonly first: number;
  /** Its records by as many at once as are there; the arrival never goes back. Must not throw. */
  open(): AsyncIterator<readonly SourceRecord[]>;
  /** Is told of each record that is handed on. */
  taken(): void;
}

export interface MergeOptions {
  /** How many files are read at once at most. */
  readonly maxOpen?: number;
  /** Ends the stream before the next record when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Merges files by the arrival of their next record; of those that arrive at once, those of the earlier file go first. A
 * file is opened when its first record is due, and closed after its last or when the consumer stops. Where more files
 * than are allowed are due at once, the others wait until one of these ends: their records are late then, and arrive with
 * the one before them, so that the arrival never goes back.
 */
export async function* merged(
  files: readonly Sorted[],
  { maxOpen = maxOpenFiles, signal }: MergeOptions = {},
): AsyncGenerator<SourceRecord> {
  const heap = new Heap(files.map((file, order) => ({ file, order, next: file.first, at: 0, batch: [] })));
  const open = new Set<Cursor>();
  const waiting: Cursor[] = [];
  let clock = Number.NEGATIVE_INFINITY;
  try {
    for (let cursor = heap.top; cursor && !signal?.aborted; cursor = heap.top) {
      if (!cursor.iterator) {
        if (open.size >= maxOpen) {
          waiting.push(cursor);
          heap.pop();
          continue;
        }
        open.add(cursor);
        cursor.iterator = cursor.file.open();
      }
      if (cursor.at === cursor.batch.length) {
        const { done, value } = await cursor.iterator.next();
        if (done) {
          open.delete(cursor);
          heap.pop();
          const late = waiting.shift();
          if (late) heap.push(late);
        } else {
          cursor.at = 0;
          cursor.batch = value;
          if (value.length > 0) {
            cursor.next = value[0]!.arrival;
            heap.sink();
          }
        }
        continue;
      }
      const record = cursor.batch[cursor.at]!;
      cursor.at += 1;
      if (record.arrival > clock) clock = record.arrival;
      if (cursor.at < cursor.batch.length && cursor.batch[cursor.at]!.arrival > cursor.next) {
        cursor.next = cursor.batch[cursor.at]!.arrival;
        heap.sink();
      }
      cursor.file.taken();
      yield record.arrival === clock ? record : { data: record.data, arrival: clock };
    }
  } finally {
    for (const cursor of open) await cursor.iterator?.return?.();
  }
}

interface Cursor {
  readonly file: Sorted;
  readonly order: number;
  /** When its next record arrives, as far as that is known. */
  next: number;
  batch: readonly SourceRecord[];
  at: number;
  iterator?: AsyncIterator<readonly SourceRecord[]>;
}

function isBefore(a: Cursor, b: Cursor): boolean {
  return a.next < b.next || (a.next === b.next && a.order < b.order);
}

/** A binary heap with the cursor that is due next on top. */
class Heap {
  readonly #items: Cursor[] = [];

  constructor(items: Iterable<Cursor>) {
    for (const item of items) this.push(item);
  }

  get top(): Cursor | undefined {
    return this.#items[0];
  }

  push(item: Cursor): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, this.#items[parent]!)) break;
      this.#items[at] = this.#items[parent]!;
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.sink();
  }

  /** Puts the top into its place after it became later. */
  sink(): void {
    const items = this.#items;
    const item = items[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child += 1;
      if (!isBefore(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}
