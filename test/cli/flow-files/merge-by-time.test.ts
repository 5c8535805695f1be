import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeByTime, type SortedFile } from '../../../cli/flow-files/merge-by-time.ts';
import type { SourceRecord } from '../../../emulators/firehose-event.ts';

/** The arrivals of a file's records, in batches. */
const anyFile = fc
  .array(fc.nat(20), { minLength: 1, maxLength: 12 })
  .map((arrivals) => arrivals.sort((a, b) => a - b))
  .chain((arrivals) =>
    fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: arrivals.length, maxLength: arrivals.length })
      .map((sizes) => {
        const batches: number[][] = [];
        let at = 0;
        for (const size of sizes) {
          batches.push(arrivals.slice(at, at + size));
          at += size;
        }
        return [...batches, arrivals.slice(at)];
      }),
  );

class TestFile implements SortedFile {
  readonly firstArrival: number;
  readonly records: readonly SourceRecord[];
  emitted = 0;
  state: 'new' | 'open' | 'closed' = 'new';
  readonly #batches: readonly (readonly SourceRecord[])[];
  readonly #opened: (file: TestFile) => void;

  constructor(batches: readonly (readonly number[])[], order: number, opened: (file: TestFile) => void = () => {}) {
    let place = 0;
    this.#batches = batches.map((batch) =>
      batch.map((arrival) => ({ data: Buffer.from(`${order}/${place++}`), arrival })),
    );
    this.records = this.#batches.flat();
    this.firstArrival = this.records[0]!.arrival;
    this.#opened = opened;
  }

  async *open(): AsyncGenerator<readonly SourceRecord[]> {
    expect(this.state).toBe('new');
    this.state = 'open';
    this.#opened(this);
    try {
      yield* this.#batches;
    } finally {
      this.state = 'closed';
    }
  }

  countRecord(): void {
    this.emitted += 1;
  }
}

async function all(stream: AsyncIterable<SourceRecord>): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const record of stream) records.push(record);
  return records;
}

const textOf = (records: readonly SourceRecord[]) => records.map(({ data, arrival }) => `${data} at ${arrival}`);

describe('mergeByTime', () => {
  it('emits the concatenated records in a stable order by arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { maxLength: 8 }), async (batches) => {
        const files = batches.map((file, order) => new TestFile(file, order));
        const sorted = files.flatMap(({ records }) => records).sort((a, b) => a.arrival - b.arrival);
        expect(textOf(await all(mergeByTime(files)))).toEqual(textOf(sorted));
        expect(files.map(({ emitted }) => emitted)).toEqual(files.map(({ records }) => records.length));
        expect(files.every(({ state }) => state === 'closed')).toBe(true);
      }),
    );
  });

  it('opens a file only when its first record is due', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { maxLength: 8 }), async (batches) => {
        let emitted: SourceRecord[] = [];
        const files: TestFile[] = batches.map(
          (file, order) =>
            new TestFile(file, order, (opened) => {
              const due = files.flatMap(({ records }, other) =>
                records.filter(
                  ({ arrival }) => arrival < opened.firstArrival || (arrival === opened.firstArrival && other < order),
                ),
              );
              expect(new Set(textOf(emitted))).toEqual(new Set(textOf(due)));
            }),
        );
        emitted = [];
        for await (const record of mergeByTime(files)) emitted.push(record);
      }),
    );
  });

  it('emits all records, never decreasing in arrival, when more files are due than may be open', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFile, { maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        async (batches, maxOpen) => {
          const files: TestFile[] = batches.map(
            (file, order) =>
              new TestFile(file, order, () => {
                expect(files.filter(({ state }) => state === 'open').length).toBeLessThanOrEqual(maxOpen);
              }),
          );
          const records = await all(mergeByTime(files, { maxOpen }));
          const names = (some: readonly SourceRecord[]) => some.map(({ data }) => data.toString()).sort();
          expect(names(records)).toEqual(names(files.flatMap((file) => file.records)));
          expect(records.every(({ arrival }, index) => arrival >= (records[index - 1]?.arrival ?? 0))).toBe(true);
          expect(files.map(({ emitted }) => emitted)).toEqual(files.map((file) => file.records.length));
        },
      ),
    );
  });

  it('closes its files when the consumer stops early, and when the signal fires', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { minLength: 1, maxLength: 8 }), fc.nat(20), async (batches, taken) => {
        const files = batches.map((file, order) => new TestFile(file, order));
        const stream = mergeByTime(files);
        for (let count = 0; count < taken; count += 1) await stream.next();
        await stream.return(undefined);
        expect(files.some(({ state }) => state === 'open')).toBe(false);

        const others = batches.map((file, order) => new TestFile(file, order));
        const stop = new AbortController();
        let count = 0;
        for await (const _ of mergeByTime(others, { signal: stop.signal })) {
          count += 1;
          if (count > taken) stop.abort();
        }
        expect(count).toBe(Math.min(taken + 1, batches.flat(2).length));
        expect(others.some(({ state }) => state === 'open')).toBe(false);
      }),
    );
  });
});
