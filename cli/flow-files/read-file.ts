import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { withArrivals } from './arrival-time.ts';
import { type DetectedFile, deliveredAt, textChunks } from './detect-file.ts';
import type { ReadFile } from './flow-files.ts';
import type { Reading } from './formats/reader.ts';
import type { SortedFile } from './merge-by-time.ts';
import type { Problems } from './problems.ts';

/** The reading of one file, with its status. */
export class FileReading {
  readonly #detected: DetectedFile;
  #problems: Problems;
  #records = 0;

  constructor(detected: DetectedFile) {
    this.#detected = detected;
    this.#problems = detected.problems;
  }

  get state(): ReadFile {
    const { file, content } = this.#detected;
    const { name, bytes } = file;
    const { kind, unknownFields } = content ?? {};
    const read = { name, kind, bytes, records: this.#records, problem: this.#problems.text };
    return unknownFields?.length ? { ...read, unknownFields } : read;
  }

  /**
   * Returns the file for the merge, to be read from its beginning; undefined if it has no record.
   *
   * @param read receives the further stored bytes that were read
   */
  start(reading: Omit<Reading, 'problem'>, read: (bytes: number) => void): SortedFile | undefined {
    const { content, firstArrival, file } = this.#detected;
    this.#records = 0;
    if (!content || firstArrival === undefined) {
      read(file.bytes);
      return undefined;
    }
    this.#problems = this.#detected.problems.copy();
    return {
      firstArrival,
      open: () => this.#read(reading, read),
      countRecord: () => {
        this.#records += 1;
      },
    };
  }

  async *#read(reading: Omit<Reading, 'problem'>, read: (bytes: number) => void): AsyncGenerator<SourceRecord[]> {
    const { content, file } = this.#detected;
    const problem = (text: string) => this.#problems.add(text);
    let unread = file.bytes;
    const count = (bytes: number) => {
      const further = Math.min(unread, bytes);
      unread -= further;
      read(further);
    };
    try {
      const input = { file, chunks: () => textChunks(file, count), read: count };
      yield* withArrivals(content!.read(input, { ...reading, problem }), deliveredAt(file));
    } catch (error) {
      problem(messageOf(error));
    }
    count(unread);
  }
}
