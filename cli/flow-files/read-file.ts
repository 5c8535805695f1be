import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import { arriving } from './arrival-time.ts';
import { deliveredAt, type Looked, textChunks } from './detect-file.ts';
import type { ReadFile } from './flow-files.ts';
import type { Reading } from './formats/reader.ts';
import type { Sorted } from './merge-by-time.ts';
import type { Problems } from './problems.ts';

/** A file, and how far it has been read. */
export class FileReading {
  readonly #looked: Looked;
  #problems: Problems;
  #records = 0;

  constructor(looked: Looked) {
    this.#looked = looked;
    this.#problems = looked.problems;
  }

  get state(): ReadFile {
    const { file, look } = this.#looked;
    const { name, bytes } = file;
    return { name, kind: look?.kind, bytes, records: this.#records, problem: this.#problems.text };
  }

  /**
   * The file to be merged, read from its beginning; undefined where it has no record.
   *
   * @param read is told how many further bytes have been read of the file as it lies there
   */
  start(reading: Omit<Reading, 'problem'>, read: (bytes: number) => void): Sorted | undefined {
    const { look, first, file } = this.#looked;
    this.#records = 0;
    if (!look || first === undefined) {
      read(file.bytes);
      return undefined;
    }
    this.#problems = this.#looked.problems.copy();
    return {
      first,
      open: () => this.#read(reading, read),
      taken: () => {
        this.#records += 1;
      },
    };
  }

  async *#read(reading: Omit<Reading, 'problem'>, read: (bytes: number) => void): AsyncGenerator<SourceRecord[]> {
    const { look, file } = this.#looked;
    const problem = (text: string) => this.#problems.add(text);
    let unread = file.bytes;
    const count = (bytes: number) => {
      const further = Math.min(unread, bytes);
      unread -= further;
      read(further);
    };
    try {
      const input = { file, chunks: () => textChunks(file, count), read: count };
      yield* arriving(look!.read(input, { ...reading, problem }), deliveredAt(file));
    } catch (error) {
      problem(messageOf(error));
    }
    count(unread);
  }
}
