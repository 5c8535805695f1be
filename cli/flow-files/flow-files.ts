import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { FlowFileKind } from './formats/reader.ts';

/** A file of a folder or bucket, and what became of it. */
export interface ReadFile {
  /** The path or s3:// address, as a person would name it. */
  readonly name: string;
  /** Undefined where it could not be told. */
  readonly kind: FlowFileKind | undefined;
  /** As it lies there, compressed or not. */
  readonly bytes: number;
  /** Records that have been read from it so far. */
  readonly records: number;
  /** Why it, or the rest of it, could not be read: one line that says what, where and what to do. */
  readonly problem: string | undefined;
}

/** Flow log files of every kind, merged by time as one stream of Firehose records. */
export interface FlowFiles {
  /** All formats that lines of the stream have. They can be told apart: see ambiguities in lambda/flow-log/format.ts. */
  readonly formats: readonly Format[];
  /** The bytes of all files as they lie there. */
  readonly bytes: number;
  /** The files as they stand at the time of asking, by name. */
  readonly files: () => readonly ReadFile[];
  /**
   * The records in the order of their arrival. A line is a record of its own, bare, with the line break (decode/envelopes/text.ts);
   * what was a Firehose record is one again, as it came. Memory does not grow with the number of records.
   *
   * @param progress is told the bytes of the files that have been read so far
   */
  records(progress?: (bytes: number) => void): AsyncGenerator<SourceRecord>;
}
